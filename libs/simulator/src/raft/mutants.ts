/** Members with a known bug: a checker that does not find them is worth nothing. */
import type { HardState, SafetyRules } from '#libs/raft';

export interface Mutation {
  readonly rules?: Partial<SafetyRules>;
  /** What the disk keeps in the place of a hard state. */
  readonly keep?: (state: HardState) => HardState;
  /** Files are not synced, though the disk says so. */
  readonly ignoresSyncs?: boolean;
}

export interface RaftMutant extends Mutation {
  readonly name: string;
  readonly tells: string;
}

export const HEALTHY: Mutation = {};

export const RAFT_MUTANTS: readonly RaftMutant[] = [
  {
    name: 'vote-not-persisted',
    tells: 'writes its term and not whom it voted for',
    keep: ({ term }) => ({ term, vote: 0 }),
  },
  {
    name: 'term-not-persisted',
    tells: 'writes neither term nor vote',
    keep: () => ({ term: 0, vote: 0 }),
  },
  {
    name: 'sync-ignored',
    tells: 'has a disk that says it has synced and has not',
    ignoresSyncs: true,
  },
  {
    name: 'acknowledges-before-sync',
    tells: 'says that it has an entry while the disk is still writing it',
    rules: { restsOnLog: () => false },
  },
  {
    name: 'commits-old-term',
    tells: 'commits an entry of an earlier term because a majority has it',
    rules: { mayCommit: () => true },
  },
  {
    name: 'votes-for-shorter-log',
    tells: 'votes for candidates whose log is behind its own',
    rules: { isUpToDate: () => true },
  },
  {
    name: 'pre-vote-ignored',
    tells: 'begins an election without asking first whether it would be won',
    rules: { asksBeforeElections: false },
  },
  {
    name: 'snapshot-over-newer-log',
    tells: 'installs a snapshot of what it has committed long since',
    rules: { isSnapshotOld: () => false },
  },
  {
    name: 'lease-too-long',
    tells: 'reads by a lease for three times as long as was promised',
    rules: { isPromiseAlive: (sentTick, leaseTicks, tick) => tick < sentTick + 3 * leaseTicks },
  },
];
