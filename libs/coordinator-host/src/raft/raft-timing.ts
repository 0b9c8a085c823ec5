import { COMPACTION, type CompactionPolicy } from '#libs/raft';

/** How a Raft member tells time, and when it shortens its log. */
export interface RaftOptions {
  /** A follower that has heard no leader for a time between these two asks for votes. */
  readonly electionTimeoutMinMs: number;
  readonly electionTimeoutMaxMs: number;
  /** How often a leader is heard at the least. */
  readonly heartbeatMs: number;
  readonly compaction: CompactionPolicy;
}

export const DEFAULT_RAFT_OPTIONS: RaftOptions = {
  electionTimeoutMinMs: 150,
  electionTimeoutMaxMs: 300,
  heartbeatMs: 50,
  compaction: COMPACTION,
};

export interface RaftTiming {
  readonly tickMs: number;
  /** Between two looks at the clock where nobody else is in the group: nothing depends on them. */
  readonly aloneMs: number;
  readonly inTicks: {
    readonly electionTicks: number;
    readonly electionSpreadTicks: number;
    readonly heartbeatTicks: number;
  };
  readonly compaction: CompactionPolicy;
}

const TICK_MS = 10;
const ALONE_MS = 200;

/** In ticks; throws RangeError where the times do not fit together. */
export function raftTiming(options: RaftOptions): RaftTiming {
  const { electionTimeoutMinMs, electionTimeoutMaxMs, heartbeatMs, compaction } = options;
  const ticks = (ms: number): number => Math.max(1, Math.round(ms / TICK_MS));
  const inTicks = {
    electionTicks: ticks(electionTimeoutMinMs),
    electionSpreadTicks: ticks(electionTimeoutMaxMs - electionTimeoutMinMs),
    heartbeatTicks: ticks(heartbeatMs),
  };
  if (electionTimeoutMaxMs <= electionTimeoutMinMs) {
    throw new RangeError('raft: the longest election timeout must be more than the shortest');
  }
  if (inTicks.heartbeatTicks * 2 > inTicks.electionTicks) {
    throw new RangeError('raft: the shortest election timeout must be at least twice the time between heartbeats');
  }
  if (compaction.keepEntries > compaction.snapshotEvery) {
    throw new RangeError('raft: a snapshot must be taken after at least as many operations as entries are kept');
  }
  return { tickMs: TICK_MS, aloneMs: ALONE_MS, inTicks, compaction };
}
