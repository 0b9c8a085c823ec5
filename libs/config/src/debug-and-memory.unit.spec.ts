import { LOG_COMPONENTS } from '#libs/ports';
import { DebugConfig, effectiveLogLevels, HyperCacheConfig, nodeMemoryBytes } from './index.js';
import { memoryWarnings } from './machine-memory.js';

describe('debugging', () => {
  const usual = { level: 'INFO', components: { RAFT: 'TRACE' } } as const;
  const debug = (given: Partial<DebugConfig>): DebugConfig => Object.assign(new DebugConfig(), given);

  it('changes nothing while it is off', () => {
    expect(effectiveLogLevels(usual, debug({ level: 'TRACE' }))).toEqual(usual);
  });

  it('raises every component, and lowers none', () => {
    const { components } = effectiveLogLevels(usual, debug({ enabled: true }));
    for (const component of LOG_COMPONENTS)
      expect(components[component]).toBe(component === 'RAFT' ? 'TRACE' : 'DEBUG');
  });

  it('raises those that are named, by the names that people know', () => {
    const levels = effectiveLogLevels(usual, debug({ enabled: true, components: ['bus', 'RESP_PROTOCOL'] }));
    expect(levels.components).toEqual({ RAFT: 'TRACE', EVENT_BUS: 'DEBUG', RESP_SERVER: 'DEBUG' });
  });
});

describe('memory', () => {
  const GIB = 2 ** 30;

  it('of a node is what it is given, or 60 % of the machine', () => {
    const config = new HyperCacheConfig();
    expect(nodeMemoryBytes(config, 10 * GIB)).toBe(6 * GIB);
    config.memory.nodeLimit = GIB;
    expect(nodeMemoryBytes(config, 10 * GIB)).toBe(GIB);
  });

  it('warns of limits that the machine cannot hold', () => {
    const config = new HyperCacheConfig();
    config.memory.defaultLimit = 0;
    expect(memoryWarnings(config, GIB)).toEqual([]);
    config.memory.nodeLimit = 2 * GIB;
    config.stores[0].memoryLimit = 3 * GIB;
    expect(memoryWarnings(config, GIB)).toEqual([
      'memory.node_limit: 2gb is more than this machine has, 1gb',
      'memory_limit of the store "default": 3gb is more than this machine has, 1gb',
    ]);
  });
});
