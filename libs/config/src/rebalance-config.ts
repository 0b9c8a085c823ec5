import { BooleanSetting, BytesSetting, IntegerSetting } from './setting-types.js';

/** How partitions move when storage nodes come, go or change their weight. */
export class RebalanceConfig {
  @BooleanSetting({
    doc: 'Whether partitions move by themselves; those of draining nodes always do, and `CLUSTER FAILOVER` moves one.',
  })
  enabled = true;

  @IntegerSetting({ doc: 'Partitions that move at the same time.', min: 1, max: 64 })
  maxConcurrentMoves = 4;

  @BytesSetting({
    doc: 'Bytes per second that a storage node sends to others when partitions move; 0 for no limit.',
    min: 0,
    max: 1_024 ** 4,
  })
  maxBytesPerSecond = 0;
}
