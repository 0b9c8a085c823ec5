/**
 * SIEVE (Zhang et al., "SIEVE is simpler than LRU: an efficient turn-key eviction algorithm for web caches", NSDI 2024): a
 * hand walks from the oldest entry to the newest and evicts what has not been used since it last came by. One bit per
 * entry, in its flags; the queue is the log itself. A use sets the bit and moves nothing.
 *
 * Each shard has a queue and a hand; the hands move in turns (shard-turns.ts). With one shard this is the published
 * algorithm, entry by entry, but for {@link MAX_LOOKS}.
 */
import { storedLength } from '../stored-record.js';
import { EXPIRY_FLAG } from '../record.js';
import { OFFSET_MASK, PAGE_SHIFT } from '../record-log.js';
import { SHARD_WORDS } from '../shard-state.js';
import type { PolicySettings, VictimVisitor } from './eviction-policy.js';
import type { PolicyContext } from './policy-context.js';
import { QuietPolicy } from './quiet-policy.js';
import { ShardTurns } from './shard-turns.js';

const VISITED = 0x40;
/** Records (or pages without expiring records) that a call passes; then it takes one that has been used, too. */
const MAX_LOOKS = 32_768;

export class SievePolicy extends QuietPolicy {
  /** Per partition one more than the address under the hand, or 0 where it begins anew; always of a live record. */
  private readonly hands: Uint32Array;
  private readonly turns: ShardTurns;
  private readonly onlyExpiring: boolean;

  constructor(
    private readonly context: PolicyContext,
    settings: PolicySettings,
  ) {
    super();
    this.hands = new Uint32Array(context.partitionCount);
    this.onlyExpiring = settings.scope === 'volatile';
    this.turns = new ShardTurns(context, this.onlyExpiring);
  }

  override hit(_shard: number, _address: number, bytes: Uint8Array, at: number): void {
    if ((bytes[at] & VISITED) === 0) bytes[at] |= VISITED;
  }

  override removing(shard: number, address: number): void {
    if (this.hands[shard / SHARD_WORDS] === address + 1) this.advance(shard, address);
  }

  override pageMoved(shard: number, page: number, target: number, _from: number, offsets: Uint16Array): void {
    const hand = this.hands[shard / SHARD_WORDS];
    if (hand === 0 || (hand - 1) >>> PAGE_SHIFT !== page) return;
    this.hands[shard / SHARD_WORDS] = ((target << PAGE_SHIFT) | offsets[(hand - 1) & OFFSET_MASK]) + 1;
  }

  override evict(maxEntries: number, _nowMs: number, visit: VictimVisitor): number {
    let victims = 0;
    for (let looks = 0; victims < maxEntries && (looks < MAX_LOOKS || victims === 0); looks++) {
      if (looks >= 2 * MAX_LOOKS) break;
      const partition = this.turns.current();
      if (partition < 0) break;
      const shard = partition * SHARD_WORDS;
      const address = this.underHand(shard);
      if (this.passPage(shard, address) || this.pass(shard, address, looks < MAX_LOOKS)) continue;
      victims++;
      visit(partition, this.context.log.refOf(shard, address));
      if (this.hands[partition] === address + 1) this.advance(shard, address);
    }
    return victims;
  }

  private underHand(shard: number): number {
    const { hands } = this;
    const partition = shard / SHARD_WORDS;
    if (hands[partition] === 0) hands[partition] = this.context.order.first(shard, 0) + 1;
    return hands[partition] - 1;
  }

  /** Passes a whole page where nothing in it expires and only that may go. */
  private passPage(shard: number, address: number): boolean {
    if (!this.onlyExpiring) return false;
    const { heap, log, order } = this.context;
    const page = address >>> PAGE_SHIFT;
    if (heap.timeOf(shard, page) !== Infinity) return false;
    this.turns.spend(log.liveOf(shard, page));
    this.hands[shard / SHARD_WORDS] = order.afterPage(shard, page) + 1;
    return true;
  }

  /** Passes the record where it stays; false for a victim. */
  private pass(shard: number, address: number, sparesUsed: boolean): boolean {
    const { log } = this.context;
    log.locate(shard, address);
    const { bytes, at } = log;
    this.turns.spend(storedLength(bytes, at));
    const mayGo = !this.onlyExpiring || (bytes[at] & EXPIRY_FLAG) !== 0;
    if (mayGo && (!sparesUsed || (bytes[at] & VISITED) === 0)) return false;
    if (mayGo) bytes[at] &= ~VISITED;
    this.advance(shard, address);
    return true;
  }

  /** Moves the hand to the next live record; behind the newest it begins anew. */
  private advance(shard: number, address: number): void {
    this.hands[shard / SHARD_WORDS] = this.context.order.after(shard, address) + 1;
  }
}
