import { assert } from '#libs/kernel';
import { RAFT_BOUNDS } from './bounds.js';
import { MAX_NODE_ID, NOBODY, type NodeId } from './configuration.js';
import type { LogStorage } from './log-storage.js';

/** Where random numbers come from: uniform 32-bit unsigned integers. */
export interface RandomNumbers {
  nextU32(): number;
}

export interface RaftOptions {
  readonly id: NodeId;
  readonly storage: LogStorage;
  readonly rng: RandomNumbers;
  /** Shortest election timeout. Default 15 (150 to 300 ms at 10 ms a tick, with the default spread). */
  readonly electionTicks?: number;
  /** How much longer than the shortest an election timeout may be drawn. Default as long as that. */
  readonly electionSpreadTicks?: number;
  /** Default 5 (50 ms). */
  readonly heartbeatTicks?: number;
  /**
   * How long a follower's answer to a heartbeat keeps the lease alive, from when that was sent. Default 0.8 election
   * timeouts less one tick, which is safe as long as no member's clock runs more than a tenth faster than another's.
   */
  readonly leaseTicks?: number;
  readonly maxInflightMessages?: number;
  readonly maxInflightBytes?: number;
  readonly maxAppendBytes?: number;
  readonly maxUncommittedBytes?: number;
  readonly maxCommittedBytes?: number;
  readonly snapshotChunkBytes?: number;
}

export type Settings = Required<RaftOptions>;

export function settingsOf(options: RaftOptions): Settings {
  const electionTicks = options.electionTicks ?? 15;
  const settings = {
    electionTicks,
    electionSpreadTicks: electionTicks,
    heartbeatTicks: 5,
    leaseTicks: Math.floor(electionTicks * 0.8) - 1,
    maxInflightMessages: RAFT_BOUNDS.maxInflightMessages,
    maxInflightBytes: RAFT_BOUNDS.maxInflightBytes,
    maxAppendBytes: RAFT_BOUNDS.maxAppendBytes,
    maxUncommittedBytes: RAFT_BOUNDS.maxUncommittedBytes,
    maxCommittedBytes: RAFT_BOUNDS.maxCommittedBytes,
    snapshotChunkBytes: RAFT_BOUNDS.snapshotChunkBytes,
    ...options,
  };
  const { id, heartbeatTicks, leaseTicks, snapshotChunkBytes, maxAppendBytes, maxUncommittedBytes } = settings;
  assert(Number.isInteger(id) && id > NOBODY && id <= MAX_NODE_ID, `node id ${id} is not from 1 to ${MAX_NODE_ID}`);
  assert(settings.electionSpreadTicks >= 1, `electionSpreadTicks ${settings.electionSpreadTicks} is less than 1`);
  assert(heartbeatTicks >= 1, `heartbeatTicks ${heartbeatTicks} is less than 1`);
  assert(
    electionTicks > heartbeatTicks,
    `electionTicks ${electionTicks} must exceed heartbeatTicks ${heartbeatTicks}, or followers lose patience`,
  );
  assert(leaseTicks < electionTicks, `leaseTicks ${leaseTicks} must be less than electionTicks ${electionTicks}`);
  assert(
    snapshotChunkBytes >= 1 && snapshotChunkBytes <= RAFT_BOUNDS.snapshotChunkBytes,
    `snapshotChunkBytes ${snapshotChunkBytes} is not from 1 to ${RAFT_BOUNDS.snapshotChunkBytes}`,
  );
  assert(
    maxAppendBytes >= 1 && maxAppendBytes <= RAFT_BOUNDS.maxAppendBytes,
    `maxAppendBytes ${maxAppendBytes} is not from 1 to ${RAFT_BOUNDS.maxAppendBytes}`,
  );
  assert(
    maxUncommittedBytes >= 1 && maxUncommittedBytes <= RAFT_BOUNDS.maxUncommittedBytes,
    `maxUncommittedBytes ${maxUncommittedBytes} is not from 1 to ${RAFT_BOUNDS.maxUncommittedBytes}`,
  );
  return settings;
}
