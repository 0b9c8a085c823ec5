/**
 * The memory of a storage node, shared by its stores: a store may use what the others do not, and gives it back when
 * they want it.
 *
 * Three rounds of {@link fill}. First what the stores want: what they use and some room to grow. Then what is left over,
 * so that no store evicts while the node has room. That is each store's target. Third, what may hold at once: a store
 * above its target shrinks by evicting, in steps, and keeps a limit of just what it uses until then; nobody else gets
 * those bytes before they are free.
 *
 * Invariant: after {@link NodeBudget.balance} the sum over the stores of max(limit, used) is at most the node's limit;
 * or, where more is used already (the node's limit was lowered), no limit is above what its store uses. So the node stays within its limit, although each store compares only with its own.
 *
 * (Memcached's slab rebalancer and Redis's single maxmemory were the alternatives: the one moves fixed pages by
 * heuristics, the other lets one store push out all others.)
 */
import { assert } from '#libs/kernel';
import type { BudgetShare } from './budget-share.js';
import { fill } from './water-filling.js';

/** Room to grow, as a share of what is used, and at least so many bytes of a node's limit. */
const HEADROOM_SHARE = 1 / 8;
const MIN_HEADROOM_SHARE = 1 / 256;
const MAX_FIXED_HEADROOM_BYTES = 1024 * 1024;

export class NodeBudget {
  private readonly shares: BudgetShare[] = [];
  private limit: number;

  constructor(limitBytes: number) {
    assert(limitBytes >= 0, 'limit must not be negative');
    this.limit = limitBytes;
  }

  get limitBytes(): number {
    return this.limit;
  }

  /** Takes effect with the next {@link balance}. */
  setLimit(limitBytes: number): void {
    assert(limitBytes >= 0, 'limit must not be negative');
    this.limit = limitBytes;
  }

  /** What all stores use, as they said last. */
  get usedBytes(): number {
    let sum = 0;
    for (const share of this.shares) sum += share.usedBytes;
    return sum;
  }

  add(share: BudgetShare): void {
    this.shares.push(share);
  }

  remove(share: BudgetShare): void {
    const at = this.shares.indexOf(share);
    assert(at >= 0, 'removal of a share that is not there');
    this.shares.splice(at, 1);
  }

  /** Sets every share's target and limit by its inputs. */
  balance(): void {
    this.setTargets();
    this.setLimits();
  }

  /** What a store could have if it were alone on the node. */
  mostOf(share: BudgetShare): number {
    return share.ownLimitBytes === 0 ? this.limit : Math.min(share.ownLimitBytes, this.limit);
  }

  private setTargets(): void {
    const { shares } = this;
    for (const share of shares) {
      share.floor = share.canShrink ? 0 : Math.min(share.usedBytes, this.mostOf(share));
      share.cap = Math.max(Math.min(this.wanted(share), this.mostOf(share)), share.floor);
    }
    fill(shares, this.limit);
    for (const share of shares) {
      share.floor = share.filled;
      share.cap = Math.max(this.mostOf(share), share.floor);
    }
    fill(shares, this.limit);
    for (const share of shares) share.targetBytes = share.filled;
  }

  private setLimits(): void {
    const { shares } = this;
    for (const share of shares) {
      const isAbove = share.usedBytes >= share.targetBytes;
      share.floor = share.usedBytes;
      share.cap = isAbove ? share.usedBytes : share.targetBytes;
    }
    fill(shares, this.limit);
    for (const share of shares) {
      share.limitBytes = share.canShrink ? share.filled : Math.min(share.filled, share.targetBytes);
    }
  }

  private wanted(share: BudgetShare): number {
    const fixed = Math.min(this.limit * MIN_HEADROOM_SHARE, MAX_FIXED_HEADROOM_BYTES);
    return Math.floor(share.usedBytes + share.askedBytes + Math.max(fixed, share.usedBytes * HEADROOM_SHARE));
  }
}
