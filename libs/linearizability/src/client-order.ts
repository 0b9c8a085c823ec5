/**
 * Optionally, operations of one client and key take effect in the order in which they were invoked, although they overlap,
 * as those of a pipeline do; and one of unknown outcome that a later one has overtaken never happens.
 */
import type { Items } from './items.js';

const NONE = -1;

export class ClientOrder {
  /** By index: the same client's item before it, the one before it that must be placed, the one after it; NONE where there is none. */
  private readonly previous: Int32Array;
  private readonly mandatoryBefore: Int32Array;
  private readonly next: Int32Array;

  constructor(
    private readonly items: Items,
    private readonly isKept: boolean,
  ) {
    const size = isKept ? items.length : 0;
    this.previous = new Int32Array(size).fill(NONE);
    this.mandatoryBefore = new Int32Array(size).fill(NONE);
    this.next = new Int32Array(size).fill(NONE);
    if (isKept) this.link();
  }

  /** Whether it may come now, as far as its client's others are concerned. */
  permits(index: number, isPlaced: Uint8Array): boolean {
    if (!this.isKept) return true;
    const before = this.mandatoryBefore[index];
    if (before !== NONE && isPlaced[before] === 0) return false;
    // Nothing can have come that waits for an operation which must be placed and is not.
    for (let later = this.next[index]; later !== NONE; later = this.next[later]) {
      if (isPlaced[later] === 1) return false;
      if (!this.items[later].isOptional) return true;
    }
    return true;
  }

  /** Whether no other operation would be overtaken if it came now. */
  excludesNothing(index: number, isPlaced: Uint8Array): boolean {
    if (!this.isKept) return true;
    const before = this.previous[index];
    return before === NONE || isPlaced[before] === 1;
  }

  private link(): void {
    const latest = new Map<number, number>();
    const latestMandatory = new Map<number, number>();
    // Ids grow with invocations, and tell the order of those at the same time.
    this.items.forEach(({ client, isOptional }, index) => {
      if (client < 0) return;
      const before = latest.get(client) ?? NONE;
      this.previous[index] = before;
      if (before !== NONE) this.next[before] = index;
      this.mandatoryBefore[index] = latestMandatory.get(client) ?? NONE;
      latest.set(client, index);
      if (!isOptional) latestMandatory.set(client, index);
    });
  }
}
