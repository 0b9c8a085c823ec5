import { STORE_LIMITS } from '#libs/cluster';
import { BytesSetting, IntegerSetting, SectionOf } from './setting-types.js';

/** How full a store, or a node, is before something is done about it; percentages of its limit. */
export class PressureConfig {
  @IntegerSetting({
    doc: 'Space of removed entries is reclaimed without waiting.',
    min: 10,
    max: 98,
    runtime: true,
  })
  cleanPercent = 85;

  @IntegerSetting({
    doc: 'Entries are evicted in the background, in small steps.',
    min: 11,
    max: 99,
    runtime: true,
  })
  evictPercent = 90;

  @IntegerSetting({
    doc: 'A write evicts the room that it needs before it is accepted.',
    min: 12,
    max: 100,
    runtime: true,
  })
  backPressurePercent = 95;
}

export class MemoryConfig {
  @BytesSetting({
    doc: 'Memory of all stores of one storage node together; 0 for 60 % of what the machine or its container has.',
    env: ['HC_NODE_MEMORY_LIMIT'],
    flag: 'node-memory-limit',
    runtime: true,
    min: 0,
    max: STORE_LIMITS.maxMemoryBytes,
  })
  nodeLimit = 0;

  @BytesSetting({
    doc: 'Memory on each storage node of a store that sets no limit of its own; 0 for none but that of the node.',
    env: ['HC_MEMORY_LIMIT'],
    flag: 'memory-limit',
    min: 0,
    max: STORE_LIMITS.maxMemoryBytes,
  })
  defaultLimit = 0;

  @SectionOf(PressureConfig, 'What is done as a store fills up, in percent of its limit; each more than the one before')
  pressure = new PressureConfig();
}
