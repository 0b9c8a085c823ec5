/**
 * A place in one queue of each shard that walks from the oldest record to the newest: always at a live record, whatever is
 * removed or cleaned, so that nothing is walked twice.
 */
import { OFFSET_MASK, PAGE_SHIFT } from '../record-log.js';
import { SHARD_WORDS } from '../shard-state.js';
import type { PolicyContext } from './policy-context.js';

export class ShardHands {
  /** Per partition one more than the address under the hand, or 0 where it begins anew. */
  private readonly hands: Uint32Array;

  constructor(
    private readonly context: PolicyContext,
    private readonly queue: number,
  ) {
    this.hands = new Uint32Array(context.partitionCount);
  }

  /** The address under the hand, or -1 where the queue is empty. */
  at(shard: number): number {
    const { hands } = this;
    const partition = shard / SHARD_WORDS;
    if (hands[partition] === 0) hands[partition] = this.context.order.first(shard, this.queue) + 1;
    return hands[partition] - 1;
  }

  /** Whether the hand is at this record. */
  isAt(shard: number, address: number): boolean {
    return this.hands[shard / SHARD_WORDS] === address + 1;
  }

  /** Moves from a record to the next; behind the newest the hand begins anew. */
  pass(shard: number, address: number): void {
    const next = this.context.order.after(shard, address);
    this.hands[shard / SHARD_WORDS] = next + 1;
    const page = address >>> PAGE_SHIFT;
    if (next < 0 || next >>> PAGE_SHIFT !== page) this.context.passed.note(shard, page);
  }

  passPage(shard: number, page: number): void {
    this.hands[shard / SHARD_WORDS] = this.context.order.afterPage(shard, page) + 1;
  }

  removing(shard: number, address: number): void {
    if (this.isAt(shard, address)) this.pass(shard, address);
  }

  /** Lets the hand begin anew. */
  cleared(shard: number): void {
    this.hands[shard / SHARD_WORDS] = 0;
  }

  pageMoved(shard: number, page: number, target: number, offsets: Uint16Array): void {
    const hand = this.hands[shard / SHARD_WORDS];
    if (hand === 0 || (hand - 1) >>> PAGE_SHIFT !== page) return;
    this.hands[shard / SHARD_WORDS] = ((target << PAGE_SHIFT) | offsets[(hand - 1) & OFFSET_MASK]) + 1;
  }
}
