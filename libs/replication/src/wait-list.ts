/**
 * Replies that wait for replicas: until a record is committed (QUORUM), at all owners (ALL), or at so many replicas (WAIT). They
 * leave in the order of their records, per group and level; what is overdue leaves with what was reached.
 *
 * Struct of arrays: slots hang in a list per group and level, sorted by sequence, which is almost always the order in which they
 * come. (A heap per level would find the overdue ones as well, at a logarithm for each reply instead of a scan for each tick.)
 */
import { assert } from '#libs/kernel';
import { REPLICATION_BOUNDS, type ReplicationBounds } from './bounds.js';
import type { CommitTracker } from './commit-tracker.js';

const NONE = -1;
const { maxFactor } = REPLICATION_BOUNDS;

/** For {@link WaitList.add}; `replicas(n)` waits for so many besides the primary. */
export const WAIT_LEVELS = {
  quorum: 0,
  all: 1,
  /** More than there can be are never reached. */
  replicas: (count: number): number => 1 + Math.min(Math.max(count, 1), maxFactor),
} as const;

const LEVELS = 2 + maxFactor;

/** Hears of each token once. It must not call the list before it has returned. */
export interface WaitListener {
  onReached(token: number): void;
  /** So many have the record: owners, or for `replicas` replicas. */
  onOverdue(token: number, reached: number, required: number): void;
  /** This node does not lead the group any more: nobody knows what becomes of the record. */
  onAbandoned(token: number): void;
}

export class WaitList {
  count = 0;
  /** As their owners count them. */
  bytes = 0;
  private readonly capacity: number;
  private readonly maxBytes: number;
  private readonly groups: Uint32Array;
  private readonly levels: Uint8Array;
  private readonly sequences: Float64Array;
  /** Infinity in free slots. */
  private readonly deadlinesMs: Float64Array;
  private readonly sizes: Float64Array;
  private readonly tokens: Float64Array;
  private readonly next: Int32Array;
  private readonly previous: Int32Array;
  /** By group and level. */
  private readonly heads: Int32Array;
  private readonly tails: Int32Array;
  /** By group, a bit for each level at which something waits. */
  private readonly waiting: Uint16Array;
  private free = 0;
  /** No deadline is earlier. */
  private earliestMs = Infinity;

  constructor(
    groupCount: number,
    private readonly tracker: CommitTracker,
    private readonly listener: WaitListener,
    { maxWaiting, maxWaitingBytes }: ReplicationBounds = REPLICATION_BOUNDS,
  ) {
    this.capacity = maxWaiting;
    this.maxBytes = maxWaitingBytes;
    this.groups = new Uint32Array(maxWaiting);
    this.levels = new Uint8Array(maxWaiting);
    this.sequences = new Float64Array(maxWaiting);
    this.deadlinesMs = new Float64Array(maxWaiting).fill(Infinity);
    this.sizes = new Float64Array(maxWaiting);
    this.tokens = new Float64Array(maxWaiting);
    this.next = Int32Array.from({ length: maxWaiting }, (_, slot) => (slot + 1 < maxWaiting ? slot + 1 : NONE));
    this.previous = new Int32Array(maxWaiting);
    this.heads = new Int32Array(groupCount * LEVELS).fill(NONE);
    this.tails = new Int32Array(groupCount * LEVELS).fill(NONE);
    this.waiting = new Uint16Array(groupCount);
  }

  /** False where too much waits already. What is reached already is heard of by the next {@link release}. */
  add(group: number, sequence: number, level: number, deadlineMs: number, bytes: number, token: number): boolean {
    assert(level >= 0 && level < LEVELS, `level ${level}`);
    const slot = this.free;
    if (slot === NONE || (this.count > 0 && this.bytes + bytes > this.maxBytes)) return false;
    this.free = this.next[slot];
    this.groups[slot] = group;
    this.levels[slot] = level;
    this.sequences[slot] = sequence;
    this.deadlinesMs[slot] = deadlineMs;
    this.sizes[slot] = bytes;
    this.tokens[slot] = token;
    this.insert(slot, group * LEVELS + level);
    this.waiting[group] |= 1 << level;
    this.count++;
    this.bytes += bytes;
    if (deadlineMs < this.earliestMs) this.earliestMs = deadlineMs;
    return true;
  }

  /** Lets go what has been reached in a group. */
  release(group: number): void {
    for (let level = 0, left = this.waiting[group]; left !== 0; level++, left >>>= 1) {
      if ((left & 1) === 0) continue;
      const reached = this.reachedBy(group, level);
      const list = group * LEVELS + level;
      for (let slot = this.heads[list]; slot !== NONE && this.sequences[slot] <= reached; slot = this.heads[list]) {
        this.listener.onReached(this.remove(slot));
      }
    }
  }

  /** Lets go what is overdue. */
  expire(nowMs: number): void {
    if (nowMs < this.earliestMs) return;
    this.earliestMs = Infinity;
    for (let slot = 0; slot < this.capacity; slot++) {
      const deadlineMs = this.deadlinesMs[slot];
      if (deadlineMs <= nowMs) this.overdue(slot);
      else if (deadlineMs < this.earliestMs) this.earliestMs = deadlineMs;
    }
  }

  /** Lets go everything of a group. */
  abandon(group: number): void {
    for (let level = 0; level < LEVELS && this.waiting[group] !== 0; level++) {
      const list = group * LEVELS + level;
      while (this.heads[list] !== NONE) this.listener.onAbandoned(this.remove(this.heads[list]));
    }
  }

  private overdue(slot: number): void {
    const { tracker, groups, levels, sequences } = this;
    const [group, level, sequence] = [groups[slot], levels[slot], sequences[slot]];
    const token = this.remove(slot);
    const owners = tracker.ownerCount(group);
    if (level === WAIT_LEVELS.quorum) {
      this.listener.onOverdue(token, tracker.ownersWith(group, sequence, true), (owners >>> 1) + 1);
    } else if (level === WAIT_LEVELS.all) {
      this.listener.onOverdue(token, tracker.ownersWith(group, sequence, true), owners);
    } else this.listener.onOverdue(token, tracker.ownersWith(group, sequence, false), level - 1);
  }

  private reachedBy(group: number, level: number): number {
    if (level === WAIT_LEVELS.quorum) return this.tracker.committed[group];
    if (level === WAIT_LEVELS.all) return this.tracker.atAll(group);
    return this.tracker.atReplicas(group, level - 1);
  }

  private insert(slot: number, list: number): void {
    const { next, previous, sequences, heads, tails } = this;
    let before = tails[list];
    while (before !== NONE && sequences[before] > sequences[slot]) before = previous[before];
    const after = before === NONE ? heads[list] : next[before];
    previous[slot] = before;
    next[slot] = after;
    if (before === NONE) heads[list] = slot;
    else next[before] = slot;
    if (after === NONE) tails[list] = slot;
    else previous[after] = slot;
  }

  /** Frees the slot and answers its token. */
  private remove(slot: number): number {
    const { next, previous, heads, tails } = this;
    const group = this.groups[slot];
    const list = group * LEVELS + this.levels[slot];
    const [before, after] = [previous[slot], next[slot]];
    if (before === NONE) heads[list] = after;
    else next[before] = after;
    if (after === NONE) tails[list] = before;
    else previous[after] = before;
    if (heads[list] === NONE) this.waiting[group] &= ~(1 << this.levels[slot]);
    this.deadlinesMs[slot] = Infinity;
    this.next[slot] = this.free;
    this.free = slot;
    this.count--;
    this.bytes -= this.sizes[slot];
    return this.tokens[slot];
  }
}
