import { assert, BOUNDS } from '#libs/kernel';

/** Everything in ownership that could grow or repeat has its bound here. */
export const OWNERSHIP_BOUNDS = {
  maxPartitions: 16_384,
  /** Of one partition, as in cluster tables. */
  maxOwners: 8,
  /** Partitions that one frame carries; more take several frames. */
  maxFrameRecords: 4_096,
  /** A candidate asks so many times for seals, then gives up. */
  maxSealRounds: 100,
  /** A candidate asks so many times for a tail, of one owner or another, then gives up. */
  maxFetches: 8,
  /** Rounds of renewals whose answers count; older ones would have run out anyway. */
  maxRounds: 32,
} as const;

/** Largest record, and what comes before the records: header, version, sender, round, count. */
const RECORD_BYTES = 22;
const HEAD_BYTES = 128;

assert(
  OWNERSHIP_BOUNDS.maxFrameRecords * RECORD_BYTES + HEAD_BYTES < BOUNDS.maxFrameBytes,
  'the records of a message must fit a frame',
);
assert(OWNERSHIP_BOUNDS.maxFrameRecords < 0x1_0000, 'records are counted in 16 bits');

/** How long things take, in milliseconds of the clock of the node that counts. */
export interface OwnershipTimes {
  /** An owner that acknowledges promises for so long not to seal. The same on all nodes of a cluster. */
  readonly leaseMs: number;
  /** Pause between rounds of renewals. */
  readonly renewMs: number;
  /** Pause before owners that have not answered are asked again to seal. */
  readonly sealRetryMs: number;
  /** A tail that has not come by then is asked for again, of whoever else has it. */
  readonly fetchMs: number;
  /** An `EpochStarted` that is not committed by then never will be, as far as its candidate is concerned. */
  readonly startMs: number;
}

export const OWNERSHIP_TIMES: OwnershipTimes = {
  leaseMs: 750,
  renewMs: 200,
  sealRetryMs: 150,
  fetchMs: 3_000,
  startMs: 5_000,
};

/**
 * The part of a promise that its holder does not use. Clocks of which one gains at most 10 % on the other
 * (1 / 0.9 = 1.11) therefore cannot make a holder believe in a promise that has run out.
 */
export const LEASE_MARGIN = 0.1;
