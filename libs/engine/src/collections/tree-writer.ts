/**
 * Puts elements into a collection's tree. A change in a node that has room happens in place; a node without room is
 * written anew, larger or as two, and its parent changed, level by level until there is room. No old node is touched
 * before all new ones have their memory, so a refusal leaves the tree as it was.
 */
import { writeVarint } from '../record.js';
import { COLLECTION_BOUNDS } from './collection-bounds.js';
import { readU32, writeU32 } from './collection-value.js';
import { commonPrefix } from './compare-bytes.js';
import { blockBytesFor, blockBytesOf, NodeImage } from './node-image.js';
import {
  belowOf,
  Cell,
  childOf,
  CHILD_BYTES,
  deadBytes,
  elementsOf,
  gapBytes,
  INNER_FLAG,
  insertCell,
  isInner,
  isKeyOutside,
  isValueOutside,
  keyBytesIn,
  readCell,
  removeCell,
  SHAPE,
  SHAPE_BITS,
  SLOT_BYTES,
  setChild,
  unitsOf,
} from './node-layout.js';
import type { TreeMemory } from './tree-memory.js';
import type { TreePath } from './tree-path.js';

const { nodeBytes, maxDepth, inlineKeyBytes, inlineValueBytes } = COLLECTION_BOUNDS;
const MAX_CELL_BYTES = inlineKeyBytes + inlineValueBytes + 16;
/** An inner cell with an empty key. */
const BLANK_CELL = new Uint8Array(CHILD_BYTES + 1);

export class TreeWriter {
  private readonly image = new NodeImage();
  /** The cell to be put in, and at inner levels the child before it as it is now. */
  private readonly cell = new Uint8Array(MAX_CELL_BYTES);
  private cellLength = 0;
  private leftChild = 0;
  private leftBelow = 0;
  /** Offset of what {@link partOf} answered. */
  private partOffset = 0;
  private readonly old = new Cell();
  private readonly other = new Cell();

  constructor(private readonly memory: TreeMemory) {}

  /**
   * Puts an element of this shape at the path's position, before what is there or (`replace`) instead of it; false, and
   * nothing has changed, where memory does not allow it. The path's root is the new one then; its position is lost.
   */
  put(
    path: TreePath,
    shape: number,
    replace: boolean,
    key: Uint8Array,
    keyOffset: number,
    keyLength: number,
    value: Uint8Array,
    valueOffset: number,
    valueLength: number,
  ): boolean {
    const { memory } = this;
    if (replace) this.supersedeOutside(path);
    const isPut =
      this.encode(shape, key, keyOffset, keyLength, value, valueOffset, valueLength) &&
      (path.depth === 0 ? this.plant(path, shape) : this.change(path, replace));
    if (isPut) memory.commit();
    else memory.rollback();
    return isPut;
  }

  /** The cell that is replaced leaves the blocks of its long parts. */
  private supersedeOutside(path: TreePath): void {
    const { old, memory } = this;
    const { bytes, at } = path;
    readCell(bytes, at, path.slots[path.depth - 1], old);
    if (isKeyOutside(old.keyLength)) memory.supersede(readU32(bytes, old.keyAt), old.keyLength);
    if (isValueOutside(bytes[at], old.valueLength)) memory.supersede(readU32(bytes, old.valueAt), old.valueLength);
  }

  private encode(
    shape: number,
    key: Uint8Array,
    keyOffset: number,
    keyLength: number,
    value: Uint8Array,
    valueOffset: number,
    valueLength: number,
  ): boolean {
    this.cellLength = 0;
    if (shape !== SHAPE.LIST) this.cellLength = writeVarint(this.cell, 0, keyLength);
    if (shape === SHAPE.LIST || shape === SHAPE.FIELDS) {
      this.cellLength = writeVarint(this.cell, this.cellLength, valueLength);
    }
    if (shape !== SHAPE.LIST && !this.appendPart(key, keyOffset, keyLength, isKeyOutside(keyLength))) return false;
    if (shape === SHAPE.KEYS) return true;
    return this.appendPart(value, valueOffset, valueLength, isValueOutside(shape, valueLength));
  }

  /** Appends a key or value to the cell, or its address. */
  private appendPart(source: Uint8Array, offset: number, length: number, isOutside: boolean): boolean {
    if (isOutside) {
      const block = this.memory.takeCopy(source, offset, length);
      if (block === 0) return false;
      writeU32(this.cell, this.cellLength, block);
      this.cellLength += 4;
      return true;
    }
    for (let i = 0; i < length; i++) this.cell[this.cellLength + i] = source[offset + i];
    this.cellLength += length;
    return true;
  }

  /** Makes the first leaf. */
  private plant(path: TreePath, shape: number): boolean {
    this.image.begin(shape);
    insertCell(this.image.bytes, 0, 0, this.cell, 0, this.cellLength);
    const leaf = this.writeImage(0, 1, false);
    if (leaf !== 0) path.root = leaf;
    return leaf !== 0;
  }

  private change(path: TreePath, replace: boolean): boolean {
    const growth = replace ? 0 : 1;
    const atFirst = !replace && path.isAtEdge('first');
    const atLast = !replace && path.isAtEdge('last');
    for (let level = path.depth - 1; level >= 0; level--) {
      const isReplacing = replace && level === path.depth - 1;
      if (this.changeInPlace(path, level, isReplacing)) {
        this.countAbove(path, level, growth);
        return true;
      }
      const { image } = this;
      const node = path.nodes[level];
      const bytes = this.memory.bytesOf(node);
      const at = this.memory.offsetOf(node);
      image.load(bytes, at);
      this.apply(image.bytes, 0, path.slots[level], isReplacing);
      this.memory.supersede(node, blockBytesOf(unitsOf(bytes, at)));
      if (image.sizeBytes <= nodeBytes) {
        const grown = this.writeImage(0, image.count, false);
        if (grown === 0) return false;
        this.replaceNode(path, level, grown);
        this.countAbove(path, level, growth);
        return true;
      }
      const split = atLast ? image.count - 1 : atFirst && level === path.depth - 1 ? 1 : image.middle();
      if (!this.split(split)) return false;
    }
    return this.raise(path);
  }

  /** Makes the change in the node's own block where it has the room. */
  private changeInPlace(path: TreePath, level: number, replace: boolean): boolean {
    const bytes = this.memory.bytesOf(path.nodes[level]);
    const at = this.memory.offsetOf(path.nodes[level]);
    const slot = path.slots[level];
    let needed = this.cellLength + SLOT_BYTES;
    let room = gapBytes(bytes, at);
    if (replace) {
      readCell(bytes, at, slot, this.old);
      if (this.old.length === this.cellLength) {
        for (let i = 0; i < this.cellLength; i++) bytes[this.old.at + i] = this.cell[i];
        return true;
      }
      needed -= SLOT_BYTES;
      room += this.old.length;
    }
    if (room + deadBytes(bytes, at) < needed) return false;
    if (gapBytes(bytes, at) >= this.cellLength + SLOT_BYTES) {
      this.apply(bytes, at, slot, replace);
      return true;
    }
    this.image.load(bytes, at);
    this.apply(this.image.bytes, 0, slot, replace);
    this.image.write(0, this.image.count, false, bytes, at, blockBytesOf(unitsOf(bytes, at)));
    return true;
  }

  /** The change itself, in a node with room: a leaf takes the cell at the slot, an inner node behind the changed child. */
  private apply(bytes: Uint8Array, at: number, slot: number, replace: boolean): void {
    if (isInner(bytes, at)) {
      setChild(bytes, at, slot, this.leftChild, this.leftBelow);
      insertCell(bytes, at, slot + 1, this.cell, 0, this.cellLength);
      return;
    }
    if (replace) {
      readCell(bytes, at, slot, this.other);
      removeCell(bytes, at, slot, this.other.length);
    }
    insertCell(bytes, at, slot, this.cell, 0, this.cellLength);
  }

  /** Writes the image as two nodes, and makes the cell the one that the parent needs for the second. */
  private split(slot: number): boolean {
    const { image, memory } = this;
    const left = this.writeImage(0, slot, false);
    if (left === 0) return false;
    const right = this.writeImage(slot, image.count, true);
    if (right === 0) return false;
    this.leftChild = left;
    this.leftBelow = elementsOf(memory.bytesOf(left), memory.offsetOf(left));
    return this.encodeSeparator(slot, right);
  }

  private encodeSeparator(slot: number, right: number): boolean {
    const { image, cell, other, memory } = this;
    writeU32(cell, 0, right);
    writeU32(cell, 4, elementsOf(memory.bytesOf(right), memory.offsetOf(right)));
    this.cellLength = CHILD_BYTES;
    if ((image.flags & SHAPE_BITS) === SHAPE.LIST) return true;
    readCell(image.bytes, 0, slot, other);
    if ((image.flags & INNER_FLAG) !== 0) {
      const from = other.at + CHILD_BYTES;
      const length = other.keyAt + keyBytesIn(other.keyLength) - from;
      for (let i = 0; i < length; i++) cell[CHILD_BYTES + i] = image.bytes[from + i];
      this.cellLength += length;
      return true;
    }
    const key = this.partOf(other);
    const keyOffset = this.partOffset;
    readCell(image.bytes, 0, slot - 1, this.old);
    const before = this.partOf(this.old);
    const length = commonPrefix(before, this.partOffset, this.old.keyLength, key, keyOffset, other.keyLength) + 1;
    this.cellLength = writeVarint(cell, CHILD_BYTES, length);
    return this.appendPart(key, keyOffset, length, isKeyOutside(length));
  }

  /** The memory that holds the key of a cell of the image. */
  private partOf(cell: Cell): Uint8Array {
    if (!isKeyOutside(cell.keyLength)) {
      this.partOffset = cell.keyAt;
      return this.image.bytes;
    }
    const block = readU32(this.image.bytes, cell.keyAt);
    this.partOffset = this.memory.offsetOf(block);
    return this.memory.bytesOf(block);
  }

  /** Puts a new root above the two halves of the old one. */
  private raise(path: TreePath): boolean {
    if (path.depth >= maxDepth) return false;
    const { image, cell } = this;
    const keyLength = (image.flags & SHAPE_BITS) === SHAPE.LIST ? 0 : 1;
    image.begin(image.flags | INNER_FLAG);
    insertCell(image.bytes, 0, 0, cell, 0, this.cellLength);
    insertCell(image.bytes, 0, 0, BLANK_CELL, 0, CHILD_BYTES + keyLength);
    setChild(image.bytes, 0, 0, this.leftChild, this.leftBelow);
    const root = this.writeImage(0, 2, false);
    if (root !== 0) path.root = root;
    return root !== 0;
  }

  /** A new block with these cells of the image, or 0. */
  private writeImage(from: number, to: number, keyless: boolean): number {
    const { image, memory } = this;
    const sizeBytes = blockBytesFor(image.bytesOf(from, to, keyless));
    const block = memory.take(sizeBytes);
    if (block !== 0) image.write(from, to, keyless, memory.bytesOf(block), memory.offsetOf(block), sizeBytes);
    return block;
  }

  /** Makes the node's parent (or the path) point to the block that takes its place. */
  private replaceNode(path: TreePath, level: number, block: number): void {
    if (level === 0) {
      path.root = block;
      return;
    }
    const parent = path.nodes[level - 1];
    const bytes = this.memory.bytesOf(parent);
    const at = this.memory.offsetOf(parent);
    const slot = path.slots[level - 1];
    setChild(bytes, at, slot, block, belowOf(bytes, at, slot));
  }

  /** Adds to the counts of the path's nodes above a level. */
  private countAbove(path: TreePath, level: number, growth: number): void {
    if (growth === 0) return;
    for (let above = 0; above < level; above++) {
      const bytes = this.memory.bytesOf(path.nodes[above]);
      const at = this.memory.offsetOf(path.nodes[above]);
      const slot = path.slots[above];
      setChild(bytes, at, slot, childOf(bytes, at, slot), belowOf(bytes, at, slot) + growth);
    }
  }
}
