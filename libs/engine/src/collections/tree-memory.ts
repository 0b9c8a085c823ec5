/**
 * The blocks of all collections' trees in the arena: nodes, and keys and values too long for one. What a change takes
 * and what it makes superfluous is noted, so that it ends in one of two ways: `commit` frees the old blocks, `rollback`
 * the new ones. A tree that was dropped waits in a list to be freed in bounded steps; it counts as used until then.
 */
import { assert, copyBytes } from '#libs/kernel';
import { type Arena, UNIT_BYTES } from '../arena.js';
import { COLLECTION_BOUNDS } from './collection-bounds.js';
import { readU32, writeU32 } from './collection-value.js';
import { Cell, cellCount, isInner, isKeyOutside, isValueOutside, readCell, unitsOf } from './node-layout.js';

/** Two nodes and a separator per level, a new root, the element's own key and value. */
const MAX_NOTED_BLOCKS = 3 * COLLECTION_BOUNDS.maxDepth + 4;
/** A dropped node's link to the next one stands in place of what only changes need. */
const LINK_OFFSET = 4;

export class TreeMemory {
  /** Bytes of all blocks, those of dropped trees included. */
  usedBytes = 0;

  private readonly taken = new Int32Array(2 * MAX_NOTED_BLOCKS);
  private takenCount = 0;
  private takenBytes = 0;
  private readonly superseded = new Int32Array(2 * MAX_NOTED_BLOCKS);
  private supersededCount = 0;
  private supersededBytes = 0;
  /** The first node of the list of dropped ones, or 0. */
  private dropped = 0;
  private readonly cell = new Cell();

  constructor(private readonly arena: Arena) {}

  bytesOf(address: number): Uint8Array {
    return this.arena.bytes[address >>> this.arena.unitShift];
  }

  offsetOf(address: number): number {
    return (address & this.arena.unitMask) * UNIT_BYTES;
  }

  /** A block for the change under way, or 0 where memory does not allow it, after some of the dropped nodes are freed. */
  take(sizeBytes: number): number {
    const units = unitsFor(sizeBytes);
    let address = this.allocate(units);
    if (address === 0 && this.reclaim(COLLECTION_BOUNDS.reclaimedNodes) > 0) address = this.allocate(units);
    if (address === 0) return 0;
    assert(this.takenCount < MAX_NOTED_BLOCKS, 'a change takes too many blocks');
    this.taken[2 * this.takenCount] = address;
    this.taken[2 * this.takenCount + 1] = units;
    this.takenCount++;
    this.takenBytes += units * UNIT_BYTES;
    this.usedBytes += units * UNIT_BYTES;
    return address;
  }

  /** Takes a block with a copy of the range, or answers 0. */
  takeCopy(source: Uint8Array, offset: number, length: number): number {
    const address = this.take(length);
    if (address !== 0) copyBytes(source, offset, this.bytesOf(address), this.offsetOf(address), length);
    return address;
  }

  /** Notes a block that the change under way will leave behind. To be said before the blocks that replace it are taken. */
  supersede(address: number, sizeBytes: number): void {
    assert(this.supersededCount < MAX_NOTED_BLOCKS, 'a change leaves too many blocks');
    const units = unitsFor(sizeBytes);
    this.superseded[2 * this.supersededCount] = address;
    this.superseded[2 * this.supersededCount + 1] = units;
    this.supersededCount++;
    this.supersededBytes += units * UNIT_BYTES;
  }

  commit(): void {
    for (let i = 0; i < this.supersededCount; i++) this.free(this.superseded[2 * i], this.superseded[2 * i + 1]);
    this.forget();
  }

  rollback(): void {
    for (let i = 0; i < this.takenCount; i++) this.free(this.taken[2 * i], this.taken[2 * i + 1]);
    this.forget();
  }

  /** Gives back a block outside any change. */
  release(address: number, sizeBytes: number): void {
    this.free(address, unitsFor(sizeBytes));
  }

  /** Puts a tree (0 = none) on the list of what is to be freed. */
  drop(root: number): void {
    if (root === 0) return;
    writeU32(this.bytesOf(root), this.offsetOf(root) + LINK_OFFSET, this.dropped);
    this.dropped = root;
  }

  get hasDropped(): boolean {
    return this.dropped !== 0;
  }

  /** Frees up to `maxNodes` nodes of dropped trees, with the keys and values outside of them, and answers how many. */
  reclaim(maxNodes: number): number {
    let nodes = 0;
    for (; nodes < maxNodes && this.dropped !== 0; nodes++) {
      const address = this.dropped;
      const bytes = this.bytesOf(address);
      const at = this.offsetOf(address);
      this.dropped = readU32(bytes, at + LINK_OFFSET);
      this.releaseContents(bytes, at);
      this.free(address, unitsOf(bytes, at));
    }
    return nodes;
  }

  /** Frees the blocks that belong to a cell, which goes. */
  releaseOutside(bytes: Uint8Array, flags: number, cell: Cell): void {
    if (isKeyOutside(cell.keyLength)) this.release(readU32(bytes, cell.keyAt), cell.keyLength);
    if (isValueOutside(flags, cell.valueLength)) this.release(readU32(bytes, cell.valueAt), cell.valueLength);
  }

  private releaseContents(bytes: Uint8Array, at: number): void {
    const { cell } = this;
    const inner = isInner(bytes, at);
    const count = cellCount(bytes, at);
    for (let slot = 0; slot < count; slot++) {
      readCell(bytes, at, slot, cell);
      if (inner) this.drop(readU32(bytes, cell.at));
      this.releaseOutside(bytes, bytes[at], cell);
    }
  }

  private allocate(units: number): number {
    return this.arena.allocate(units, Math.max(0, this.supersededBytes - this.takenBytes));
  }

  private free(address: number, units: number): void {
    this.usedBytes -= units * UNIT_BYTES;
    this.arena.free(address, units);
  }

  private forget(): void {
    this.takenCount = 0;
    this.takenBytes = 0;
    this.supersededCount = 0;
    this.supersededBytes = 0;
  }
}

function unitsFor(sizeBytes: number): number {
  return Math.ceil(sizeBytes / UNIT_BYTES);
}
