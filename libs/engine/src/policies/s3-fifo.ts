/**
 * S3-FIFO (Yang et al., "FIFO queues are all you need for cache eviction", SOSP 2023): new entries pass through a small
 * queue; what is used twice there goes on to the main one, and the rest leaves early. A ghost queue remembers what left
 * early, and what comes back goes to the main queue at once. Two bits per entry count its uses, up to three and
 * anew in the main queue, where each is worth another round. Uses move nothing.
 *
 * Small and main are the two queues of pages of each shard; what goes on is copied to the other's end. Sizes and ghosts are
 * the whole store's, and the shards move in turns, so that with one shard this is the published algorithm, entry by
 * entry, but for {@link MAX_MOVES}.
 */
import { EXPIRY_FLAG, POLICY_BITS } from '../record.js';
import { PAGE_SHIFT } from '../record-log.js';
import { SHARD_WORDS } from '../shard-state.js';
import { storedLength } from '../stored-record.js';
import { EntryCosts } from './entry-costs.js';
import type { PolicySettings, VictimVisitor } from './eviction-policy.js';
import { GhostQueue } from './ghost-queue.js';
import type { PolicyContext } from './policy-context.js';
import { QuietPolicy } from './quiet-policy.js';
import { ShardHands } from './shard-hands.js';
import { ShardTurns } from './shard-turns.js';

const SMALL = 0;
const MAIN = 1;
const SMALL_SHARE = 0.1;
const GHOST_SHARE = 0.9;
const USES_SHIFT = 6;
const MAX_USES = 3;
/** Uses in the small queue that lead to the main one. */
const PROMOTING_USES = 2;
/** Records that one call passes or moves on; then it takes one that has been used, too. */
const MAX_MOVES = 16_384;
/** Ghosts that were looked for and may be stored again next, in a table by their hashes' low bits. */
const RECALLED = 1024;

export class S3FifoPolicy extends QuietPolicy {
  override readonly mustLearn = true;
  override readonly usesBothQueues = true;
  private readonly hands: readonly [ShardHands, ShardHands];
  private readonly turns: ShardTurns;
  private readonly costs: EntryCosts;
  private readonly ghosts: GhostQueue;
  private readonly onlyExpiring: boolean;
  /** What lies in small and main. */
  private readonly stored = new Float64Array(2);
  private readonly recalled = new Int32Array(RECALLED);
  /** The place in {@link recalled} of the entry that is being stored, or -1. */
  private returning = -1;

  constructor(
    private readonly context: PolicyContext,
    private readonly settings: PolicySettings,
  ) {
    super();
    this.hands = [new ShardHands(context, SMALL), new ShardHands(context, MAIN)];
    this.onlyExpiring = settings.scope === 'volatile';
    this.turns = new ShardTurns(context, this.onlyExpiring);
    this.costs = new EntryCosts(context, settings);
    this.ghosts = new GhostQueue(context.budget);
  }

  override get memoryBytes(): number {
    return this.ghosts.memoryBytes;
  }

  /** A ghost leaves its queue when it is looked for: what is evicted to make room for it must not push it out. */
  override missed(hash: number): void {
    if (this.ghosts.take(hash)) this.recalled[hash & (RECALLED - 1)] = hash;
  }

  /** What is not smaller than the small queue goes to main, where it does not push out everything at once. */
  override queueFor(hash: number, bodyLength: number): number {
    this.missed(hash);
    const isGhost = hash !== 0 && this.recalled[hash & (RECALLED - 1)] === hash;
    this.returning = isGhost ? hash & (RECALLED - 1) : -1;
    const tooLarge = this.settings.costOf === undefined && bodyLength >= this.smallTarget() && this.stored[MAIN] > 0;
    return isGhost || tooLarge ? MAIN : SMALL;
  }

  override inserted(shard: number, address: number, bytes: Uint8Array, at: number): void {
    if (this.returning >= 0) this.recalled[this.returning] = 0;
    this.returning = -1;
    this.count(shard, address, bytes, at, 1);
  }

  override learn(shard: number, address: number, bytes: Uint8Array, at: number): void {
    bytes[at] &= ~POLICY_BITS;
    this.count(shard, address, bytes, at, 1);
  }

  override hit(_shard: number, _address: number, bytes: Uint8Array, at: number): void {
    if (bytes[at] >>> USES_SHIFT < MAX_USES) bytes[at] += 1 << USES_SHIFT;
  }

  override resizing(shard: number, address: number, bytes: Uint8Array, at: number, sign: 1 | -1): void {
    this.count(shard, address, bytes, at, sign);
  }

  override removing(shard: number, address: number, bytes: Uint8Array, at: number, isKnown: boolean): void {
    if (isKnown) this.count(shard, address, bytes, at, -1);
    this.hands[SMALL].removing(shard, address);
    this.hands[MAIN].removing(shard, address);
  }

  override cleared(shard: number): void {
    this.hands[SMALL].cleared(shard);
    this.hands[MAIN].cleared(shard);
  }

  override pageMoved(shard: number, page: number, target: number, _from: number, offsets: Uint16Array): void {
    this.hands[SMALL].pageMoved(shard, page, target, offsets);
    this.hands[MAIN].pageMoved(shard, page, target, offsets);
  }

  override evict(maxEntries: number, _nowMs: number, visit: VictimVisitor): number {
    let victims = 0;
    for (let moves = 0; victims < maxEntries && moves < 2 * MAX_MOVES;) {
      const queue = this.mainIsFull() || this.stored[SMALL] === 0 ? MAIN : SMALL;
      let isVictim = false;
      while (!isVictim && moves < 2 * MAX_MOVES && (moves < MAX_MOVES || victims === 0)) {
        const partition = this.nextPartition(queue);
        if (partition < 0) break;
        moves++;
        isVictim = this.step(queue, partition, moves < MAX_MOVES, visit);
      }
      if (!isVictim && (queue === MAIN || this.nextPartition(MAIN) < 0)) break;
      if (isVictim) victims++;
      else if (this.stored[SMALL] > 0) break;
    }
    return victims;
  }

  override dispose(): void {
    this.ghosts.dispose();
  }

  /** The partition whose turn it is among those that have something in the queue, or -1. */
  private nextPartition(queue: number): number {
    for (let left = this.context.partitionCount; left > 0; left--) {
      const partition = this.turns.current();
      if (partition < 0 || this.hands[queue].at(partition * SHARD_WORDS) >= 0) return partition;
      this.turns.pass();
    }
    return -1;
  }

  /** Moves the record under the hand on, or offers it; true where it was offered. */
  private step(queue: number, partition: number, sparesUsed: boolean, visit: VictimVisitor): boolean {
    const { log } = this.context;
    const shard = partition * SHARD_WORDS;
    const hand = this.hands[queue];
    const address = hand.at(shard);
    log.locate(shard, address);
    const { bytes, at } = log;
    this.turns.spend(storedLength(bytes, at));
    if (this.onlyExpiring && (bytes[at] & EXPIRY_FLAG) === 0) {
      hand.pass(shard, address);
      return false;
    }
    const uses = bytes[at] >>> USES_SHIFT;
    if (queue === SMALL && sparesUsed && uses >= PROMOTING_USES && this.move(shard, address, 0)) return false;
    if (queue === MAIN && sparesUsed && uses > 0 && this.move(shard, address, uses - 1)) return false;
    this.offer(queue, shard, address, bytes, at, visit);
    return true;
  }

  private offer(
    queue: number,
    shard: number,
    address: number,
    bytes: Uint8Array,
    at: number,
    visit: VictimVisitor,
  ): void {
    const { log, locator } = this.context;
    const hash = locator.hashOf(bytes, at);
    const cost = this.costs.of(shard, address, bytes, at);
    visit(shard / SHARD_WORDS, log.refOf(shard, address));
    if (this.hands[queue].isAt(shard, address)) this.hands[queue].pass(shard, address);
    else if (queue === SMALL) this.ghosts.add(hash, cost, Math.floor(this.capacity() * GHOST_SHARE));
  }

  /** Moves a record to the end of main; false where memory does not allow it. */
  private move(shard: number, address: number, uses: number): boolean {
    const { mover, log, pages } = this.context;
    const isKnown = !pages.isStale(shard, address >>> PAGE_SHIFT);
    const moved = mover.copy(shard, address, MAIN);
    if (moved < 0) return false;
    const { bytes, at } = mover;
    bytes[at] = (bytes[at] & ~POLICY_BITS) | (uses << USES_SHIFT);
    this.count(shard, moved, bytes, at, 1);
    log.locate(shard, address);
    this.removing(shard, address, log.bytes, log.at, isKnown);
    mover.discard(shard, address);
    return true;
  }

  private count(shard: number, address: number, bytes: Uint8Array, at: number, sign: 1 | -1): void {
    const queue = this.context.pages.queueOf(shard, address >>> PAGE_SHIFT);
    this.stored[queue] += sign * this.costs.of(shard, address, bytes, at);
  }

  private capacity(): number {
    return this.costs.capacity(this.stored[SMALL] + this.stored[MAIN]);
  }

  private smallTarget(): number {
    return Math.floor(this.capacity() * SMALL_SHARE);
  }

  private mainIsFull(): boolean {
    return this.stored[MAIN] > this.capacity() - this.smallTarget();
  }
}
