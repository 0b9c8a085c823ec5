import type { Vessel } from './water-filling.js';

/** One store's part in the node's memory. Its owner keeps the inputs current, {@link NodeBudget.balance} the outcome. */
export class BudgetShare implements Vessel {
  usedBytes = 0;
  /** The store's own limit; 0 = none, only the node's. */
  ownLimitBytes = 0;
  /** What the store needs beyond what it uses, because a write is about to be refused. */
  askedBytes = 0;
  /** Whether evicting can shrink the store. One that cannot keeps what it uses. */
  canShrink = true;

  /** What is right for the store as things are. One that uses more should shrink to it, in steps. */
  targetBytes = 0;
  /**
   * What it may use now; grows only as others have shrunk. Never below what a store uses that can shrink: its writes go on
   * meanwhile. One that cannot and uses more than its own limit may store nothing new.
   */
  limitBytes = 0;

  floor = 0;
  cap = 0;
  filled = 0;

  /** `weight`: above 0; a store of weight 2 may have twice as much as one of weight 1 when both want all. */
  constructor(readonly weight = 1) {}
}
