/** What members tell each other. `message-encoder.ts` and `message-decoder.ts` give the bytes. */
import type { NodeId } from './configuration.js';
import type { Entry } from './entry.js';
import type { SnapshotMeta } from './log-storage.js';

interface Envelope {
  readonly from: NodeId;
  readonly to: NodeId;
  /** The sender's; in a pre-vote, and in its grant, the term that the sender would begin. */
  readonly term: number;
}

/** RequestVote (thesis §3.4), with `pre` the question before it (§9.6). */
export interface VoteRequest extends Envelope {
  readonly type: 'vote-request';
  readonly pre: boolean;
  /** The leader wants it: do not stick to the leader (§3.10). */
  readonly transfer: boolean;
  readonly lastIndex: number;
  readonly lastTerm: number;
}

export interface VoteReply extends Envelope {
  readonly type: 'vote-reply';
  readonly pre: boolean;
  readonly granted: boolean;
}

/** The leader asks the receiver to begin an election at once (§3.10). */
export interface TimeoutNow extends Envelope {
  readonly type: 'timeout-now';
}

/** AppendEntries (§3.5). The entries' indexes follow `prevIndex`. */
export interface Append extends Envelope {
  readonly type: 'append';
  readonly prevIndex: number;
  readonly prevTerm: number;
  readonly commit: number;
  readonly entries: readonly Entry[];
}

export interface AppendReply extends Envelope {
  readonly type: 'append-reply';
  readonly rejected: boolean;
  /** Accepted: the log equals the leader's up to here. Rejected: the append's `prevIndex`. */
  readonly index: number;
  /** Rejected: the last entry here that could be the leader's, and its term. */
  readonly hintIndex: number;
  readonly hintTerm: number;
}

/** An append without entries, apart so that it needs no place in the log. The receiver sends `round` and `tick` back. */
export interface Heartbeat extends Envelope {
  readonly type: 'heartbeat';
  /** Never beyond what the receiver is known to have. */
  readonly commit: number;
  /** Grows with every round of heartbeats: confirms reads (§6.4). */
  readonly round: number;
  /** The leader's clock at that round, in ticks: carries its lease (§6.4.1). */
  readonly tick: number;
}

export interface HeartbeatReply extends Envelope {
  readonly type: 'heartbeat-reply';
  readonly round: number;
  readonly tick: number;
}

/** What identifies a snapshot on its way: two of the same index may differ in their bytes. */
export interface SnapshotHead extends SnapshotMeta {
  readonly totalBytes: number;
  /** CRC-32 of all its bytes. */
  readonly checksum: number;
}

/** InstallSnapshot (§5.3), one chunk at a time. */
export interface SnapshotChunk extends Envelope {
  readonly type: 'snapshot';
  readonly head: SnapshotHead;
  readonly offset: number;
  readonly data: Uint8Array;
}

/** Where the receiver wants to go on. That a snapshot is installed is told by an AppendReply. */
export interface SnapshotReply extends Envelope {
  readonly type: 'snapshot-reply';
  /** Of the snapshot. */
  readonly index: number;
  readonly checksum: number;
  readonly nextOffset: number;
}

export type Message =
  | VoteRequest
  | VoteReply
  | TimeoutNow
  | Append
  | AppendReply
  | Heartbeat
  | HeartbeatReply
  | SnapshotChunk
  | SnapshotReply;

export type MessageType = Message['type'];

/** A message as a part of Raft makes it: sender and term are filled in when it is sent. */
export type Outgoing = Message extends infer M ? (M extends Message ? Omit<M, 'from' | 'term'> : never) : never;
