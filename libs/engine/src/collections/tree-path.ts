/** A position in a collection's tree: the nodes from the root to a leaf and a slot in each. One path serves many trees. */
import { COLLECTION_BOUNDS } from './collection-bounds.js';
import { readU32 } from './collection-value.js';
import { compareBytes } from './compare-bytes.js';
import type { ElementView } from './element-view.js';
import {
  belowOf,
  Cell,
  cellAt,
  cellCount,
  CHILD_BYTES,
  childOf,
  INNER_FLAG,
  isInner,
  isKeyOutside,
  isValueOutside,
  readCell,
  SHAPE,
} from './node-layout.js';
import type { TreeMemory } from './tree-memory.js';

const NO_BYTES = new Uint8Array(0);

export class TreePath {
  /** The tree's root; changes of the tree put the new one here. 0 = no element. */
  root = 0;
  /** Levels from the root (0) to the leaf (depth - 1); 0 in an empty tree. */
  depth = 0;
  readonly nodes = new Int32Array(COLLECTION_BOUNDS.maxDepth);
  readonly slots = new Int32Array(COLLECTION_BOUNDS.maxDepth);
  /** The leaf's memory, and where the leaf begins in it. */
  bytes: Uint8Array = NO_BYTES;
  at = 0;

  private readonly cell = new Cell();

  constructor(readonly memory: TreeMemory) {}

  /** Goes to the element of this key, or to where it belongs; answers whether it is there. */
  toKey(key: Uint8Array, offset: number, length: number): boolean {
    this.depth = 0;
    if (this.root === 0) return false;
    this.enter(this.root);
    while (isInner(this.bytes, this.at)) {
      const slot = this.lowerBound(1, key, offset, length);
      this.turn(
        slot < cellCount(this.bytes, this.at) && this.compareAt(slot, key, offset, length) === 0 ? slot : slot - 1,
      );
    }
    const slot = this.lowerBound(0, key, offset, length);
    this.slots[this.depth - 1] = slot;
    return slot < cellCount(this.bytes, this.at) && this.compareAt(slot, key, offset, length) === 0;
  }

  /** Goes to the element of this rank, counted from 0; false where there is none. */
  toRank(rank: number): boolean {
    return this.descend(rank, 1);
  }

  /** Goes to where an element that is to have this rank belongs. */
  toGap(rank: number): void {
    this.descend(rank, 0);
  }

  /** The rank of the position. */
  rank(): number {
    let rank = 0;
    for (let level = 0; level < this.depth; level++) {
      const address = this.nodes[level];
      const bytes = this.memory.bytesOf(address);
      const at = this.memory.offsetOf(address);
      if (!isInner(bytes, at)) return rank + this.slots[level];
      for (let slot = 0; slot < this.slots[level]; slot++) rank += belowOf(bytes, at, slot);
    }
    return rank;
  }

  /** From behind a leaf's last element to the first of the next leaf; false where there is none. */
  settle(): boolean {
    if (this.depth === 0) return false;
    if (this.slots[this.depth - 1] < cellCount(this.bytes, this.at)) return true;
    return this.leave(1);
  }

  /** Moves to the next element; false where there is none, and the position is then of no use. */
  forward(): boolean {
    this.slots[this.depth - 1]++;
    return this.settle();
  }

  /** As {@link forward}, to the element before. */
  backward(): boolean {
    if (--this.slots[this.depth - 1] >= 0) return true;
    return this.leave(-1);
  }

  /** Whether what is put here becomes the tree's first element, or its last one. */
  isAtEdge(end: 'first' | 'last'): boolean {
    for (let level = 0; level < this.depth; level++) {
      const bytes = this.memory.bytesOf(this.nodes[level]);
      const count = cellCount(bytes, this.memory.offsetOf(this.nodes[level]));
      const last = level === this.depth - 1 ? count : count - 1;
      if (this.slots[level] !== (end === 'first' ? 0 : last)) return false;
    }
    return true;
  }

  /** Where key and value of the element at the position lie; `keyPrefix` bytes of the key are left out. */
  fill(view: ElementView, keyPrefix: number): void {
    const { cell, bytes, at, memory } = this;
    readCell(bytes, at, this.slots[this.depth - 1], cell);
    const keyBlock = isKeyOutside(cell.keyLength) ? readU32(bytes, cell.keyAt) : 0;
    view.keyBuffer = keyBlock === 0 ? bytes : memory.bytesOf(keyBlock);
    view.keyOffset = (keyBlock === 0 ? cell.keyAt : memory.offsetOf(keyBlock)) + keyPrefix;
    view.keyLength = cell.keyLength - keyPrefix;
    const valueBlock = isValueOutside(bytes[at], cell.valueLength) ? readU32(bytes, cell.valueAt) : 0;
    view.valueBuffer = valueBlock === 0 ? bytes : memory.bytesOf(valueBlock);
    view.valueOffset = valueBlock === 0 ? cell.valueAt : memory.offsetOf(valueBlock);
    view.valueLength = cell.valueLength;
  }

  /** Goes down to the first child that has more than the rank's remainder (`spare` 1), or at least as many (0). */
  private descend(rank: number, spare: number): boolean {
    this.depth = 0;
    if (this.root === 0) return false;
    this.enter(this.root);
    let rest = rank;
    while (isInner(this.bytes, this.at)) {
      const last = cellCount(this.bytes, this.at) - 1;
      let slot = 0;
      for (; slot < last; slot++) {
        const below = belowOf(this.bytes, this.at, slot);
        if (below >= rest + spare) break;
        rest -= below;
      }
      this.turn(slot);
    }
    this.slots[this.depth - 1] = rest;
    return rest < cellCount(this.bytes, this.at);
  }

  private enter(address: number): void {
    this.bytes = this.memory.bytesOf(address);
    this.at = this.memory.offsetOf(address);
    this.nodes[this.depth++] = address;
  }

  private turn(slot: number): void {
    this.slots[this.depth - 1] = slot;
    this.enter(childOf(this.bytes, this.at, slot));
  }

  /** Leaves the leaf for the next one (step 1) or the one before (-1). */
  private leave(step: number): boolean {
    for (let level = this.depth - 2; level >= 0; level--) {
      const slot = this.slots[level] + step;
      const bytes = this.memory.bytesOf(this.nodes[level]);
      const at = this.memory.offsetOf(this.nodes[level]);
      if (slot < 0 || slot >= cellCount(bytes, at)) continue;
      this.bytes = bytes;
      this.at = at;
      this.depth = level + 1;
      this.turn(slot);
      while (isInner(this.bytes, this.at)) this.turn(step > 0 ? 0 : cellCount(this.bytes, this.at) - 1);
      this.slots[this.depth - 1] = step > 0 ? 0 : cellCount(this.bytes, this.at) - 1;
      return true;
    }
    return false;
  }

  /** The first slot at or after `from` whose key is not below this one. */
  private lowerBound(from: number, key: Uint8Array, offset: number, length: number): number {
    let low = from;
    let high = cellCount(this.bytes, this.at);
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.compareAt(middle, key, offset, length) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private compareAt(slot: number, key: Uint8Array, offset: number, length: number): number {
    const { cell, bytes, at } = this;
    const flags = bytes[at];
    let from = cellAt(bytes, at, slot) + ((flags & INNER_FLAG) === 0 ? 0 : CHILD_BYTES);
    const keyLength = bytes[from++];
    if (keyLength < 0x80) {
      if (flags === SHAPE.FIELDS) while (bytes[from++] >= 0x80);
      return compareBytes(bytes, from, keyLength, key, offset, length);
    }
    readCell(bytes, at, slot, cell);
    if (!isKeyOutside(cell.keyLength)) return compareBytes(bytes, cell.keyAt, cell.keyLength, key, offset, length);
    const block = readU32(bytes, cell.keyAt);
    const { memory } = this;
    return compareBytes(memory.bytesOf(block), memory.offsetOf(block), cell.keyLength, key, offset, length);
  }
}
