import { IntegerSetting, MillisecondsSetting } from './setting-types.js';

/** How coordinators agree with each other. The same at all of them. */
export class RaftConfig {
  @MillisecondsSetting({
    doc: 'A coordinator that has heard no leader for a time drawn between this and `election_timeout_max_ms` asks for votes.',
    min: 50,
    max: 30_000,
  })
  electionTimeoutMinMs = 150;

  @MillisecondsSetting({ doc: 'The longest time of that draw.', min: 60, max: 60_000 })
  electionTimeoutMaxMs = 300;

  @MillisecondsSetting({ doc: 'How often a leader makes itself heard.', min: 10, max: 10_000 })
  heartbeatMs = 50;

  @IntegerSetting({
    doc: 'Entries of the log that stay before a snapshot, for coordinators that are a little behind.',
    min: 10,
    max: 1_000_000,
  })
  compactionEntries = 1_000;

  @IntegerSetting({ doc: 'A snapshot is taken after so many entries.', min: 10, max: 1_000_000 })
  snapshotOperations = 10_000;
}
