/**
 * One store's memory on one node: what its arenas and tables take from the process, and the limit. The limit holds
 * for used bytes, so that what fits does not depend on how the free ones are spread.
 *
 * Invariant: usedBytes + freeBytes = reservedBytes.
 */
export class MemoryBudget {
  /** Taken from the process. */
  reservedBytes = 0;
  usedBytes = 0;
  /** Taken, but in no use. */
  freeBytes = 0;

  constructor(public limitBytes: number) {}

  /**
   * Whether `extraBytes` may be used when `creditBytes` are given back right afterwards. An exchange that does not
   * grow passes even beyond the limit (which may have been lowered).
   */
  allows(extraBytes: number, creditBytes: number): boolean {
    return extraBytes <= creditBytes || this.usedBytes + extraBytes - creditBytes <= this.limitBytes;
  }

  /** Whether more is used than the limit, which then has been lowered, allows. */
  get isExceeded(): boolean {
    return this.usedBytes > this.limitBytes;
  }

  /** Counts memory outside the arenas (negative: given back); false where the limit does not allow it. */
  charge(bytes: number): boolean {
    if (bytes > 0 && !this.allows(bytes, 0)) return false;
    this.usedBytes += bytes;
    this.reservedBytes += bytes;
    return true;
  }
}
