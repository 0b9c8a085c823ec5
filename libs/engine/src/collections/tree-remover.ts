/**
 * Takes elements out of a collection's tree. That never fails: nodes with little left are joined with a neighbour, or
 * moved to a smaller block, only where memory allows it, so nodes may stay smaller than in a textbook's tree, but never empty.
 */
import { COLLECTION_BOUNDS } from './collection-bounds.js';
import { readU32 } from './collection-value.js';
import { blockBytesFor, blockBytesOf, NodeImage } from './node-image.js';
import {
  belowOf,
  Cell,
  cellCount,
  childOf,
  CHILD_BYTES,
  elementsOf,
  insertCell,
  isInner,
  isKeyOutside,
  keyBytesIn,
  neededBytes,
  readCell,
  removeCell,
  setChild,
  SHAPE,
  SHAPE_BITS,
  unitsOf,
} from './node-layout.js';
import type { TreeMemory } from './tree-memory.js';
import type { TreePath } from './tree-path.js';

const { joinBelowBytes, joinedBytes, nodeStepBytes, inlineKeyBytes } = COLLECTION_BOUNDS;
/** A node moves to a smaller block when that saves so many bytes. */
const WORTHWHILE_BYTES = 3 * nodeStepBytes;

export class TreeRemover {
  private readonly image = new NodeImage();
  private readonly cell = new Cell();
  private readonly separator = new Cell();
  /** A neighbour's first cell with the key that its parent had for it. */
  private readonly pulled = new Uint8Array(inlineKeyBytes + 16);

  constructor(private readonly memory: TreeMemory) {}

  /** Removes the element at the path's position. The path's root is the new one then; its position is lost. */
  remove(path: TreePath): void {
    const leaf = path.depth - 1;
    this.dropCell(path.bytes, path.at, path.slots[leaf]);
    this.countAbove(path, leaf, 1);
    this.tidy(path);
  }

  /**
   * Removes `count` elements from one end; fewer than there are. Whole subtrees go to the list of dropped ones, so the work is
   * one walk from the root to a leaf.
   */
  trim(path: TreePath, end: 'first' | 'last', count: number): void {
    let rest = count;
    path.toRank(end === 'first' ? count : elementsOfTree(path) - 1 - count);
    for (let level = 0; level < path.depth; level++) {
      const bytes = this.memory.bytesOf(path.nodes[level]);
      const at = this.memory.offsetOf(path.nodes[level]);
      rest -= this.trimNode(bytes, at, end, rest);
      path.slots[level] = end === 'first' ? 0 : cellCount(bytes, at) - 1;
      if (!isInner(bytes, at)) break;
      const slot = path.slots[level];
      setChild(bytes, at, slot, childOf(bytes, at, slot), belowOf(bytes, at, slot) - rest);
    }
    this.tidy(path);
  }

  /** Removes cells from one end as long as they hold no more than `count` elements; answers how many those held. */
  private trimNode(bytes: Uint8Array, at: number, end: 'first' | 'last', count: number): number {
    const inner = isInner(bytes, at);
    let removed = 0;
    for (;;) {
      const slot = end === 'first' ? 0 : cellCount(bytes, at) - 1;
      const size = inner ? belowOf(bytes, at, slot) : 1;
      if (removed + size > count) return removed;
      if (inner) this.memory.drop(childOf(bytes, at, slot));
      this.dropCell(bytes, at, slot);
      removed += size;
    }
  }

  /** Removes a cell with the blocks of its long parts. */
  private dropCell(bytes: Uint8Array, at: number, slot: number): void {
    readCell(bytes, at, slot, this.cell);
    this.memory.releaseOutside(bytes, bytes[at], this.cell);
    removeCell(bytes, at, slot, this.cell.length);
  }

  /** Frees, joins and shrinks the nodes of the path, from the leaf up, and lowers the root where it has one child left. */
  private tidy(path: TreePath): void {
    for (let level = path.depth - 1; level >= 0; level--) {
      const node = path.nodes[level];
      const bytes = this.memory.bytesOf(node);
      const at = this.memory.offsetOf(node);
      if (cellCount(bytes, at) === 0) {
        this.memory.release(node, blockBytesOf(unitsOf(bytes, at)));
        if (level === 0) path.root = 0;
        else this.dropCellOfParent(path, level);
      } else if (level === 0 || !this.join(path, level)) {
        this.shrink(path, level);
      }
    }
    this.lowerRoot(path);
  }

  private dropCellOfParent(path: TreePath, level: number): void {
    const parent = path.nodes[level - 1];
    this.dropCell(this.memory.bytesOf(parent), this.memory.offsetOf(parent), path.slots[level - 1]);
  }

  /** Joins a small node with the neighbour behind or before it; answers whether that has happened. */
  private join(path: TreePath, level: number): boolean {
    const bytes = this.memory.bytesOf(path.nodes[level]);
    const at = this.memory.offsetOf(path.nodes[level]);
    if (neededBytes(bytes, at, blockBytesOf(unitsOf(bytes, at))) >= joinBelowBytes) return false;
    const slot = path.slots[level - 1];
    return this.joinAt(path, level, slot) || (slot > 0 && this.joinAt(path, level, slot - 1));
  }

  /** Joins the children at `slot` and behind it in the parent of `level`. */
  private joinAt(path: TreePath, level: number, slot: number): boolean {
    const { memory, image } = this;
    const parent = memory.bytesOf(path.nodes[level - 1]);
    const parentAt = memory.offsetOf(path.nodes[level - 1]);
    if (slot + 1 >= cellCount(parent, parentAt)) return false;
    const left = childOf(parent, parentAt, slot);
    const right = childOf(parent, parentAt, slot + 1);
    const leftBytes = blockBytesOf(unitsOf(memory.bytesOf(left), memory.offsetOf(left)));
    const rightBytes = blockBytesOf(unitsOf(memory.bytesOf(right), memory.offsetOf(right)));
    const needed =
      neededBytes(memory.bytesOf(left), memory.offsetOf(left), leftBytes) +
      neededBytes(memory.bytesOf(right), memory.offsetOf(right), rightBytes);
    if (needed > joinedBytes) return false;
    image.load(memory.bytesOf(left), memory.offsetOf(left));
    const pulls = this.appendRight(parent, parentAt, slot + 1, memory.bytesOf(right), memory.offsetOf(right));
    const sizeBytes = blockBytesFor(image.sizeBytes);
    memory.supersede(left, leftBytes);
    memory.supersede(right, rightBytes);
    const block = memory.take(sizeBytes);
    if (block === 0) {
      memory.rollback();
      return false;
    }
    this.releaseKeyLeft(parent, parentAt, slot + 1, memory.bytesOf(right), memory.offsetOf(right), pulls);
    image.write(0, image.count, false, memory.bytesOf(block), memory.offsetOf(block), sizeBytes);
    setChild(parent, parentAt, slot, block, elementsOf(memory.bytesOf(block), memory.offsetOf(block)));
    readCell(parent, parentAt, slot + 1, this.cell);
    removeCell(parent, parentAt, slot + 1, this.cell.length);
    memory.commit();
    return true;
  }

  /**
   * Adds the right node's cells to the image. An inner one's first cell takes the key that the parent has for the node;
   * answers whether that was so.
   */
  private appendRight(parent: Uint8Array, parentAt: number, slot: number, bytes: Uint8Array, at: number): boolean {
    const { image, separator, pulled, cell } = this;
    const pulls = isInner(bytes, at) && (bytes[at] & SHAPE_BITS) !== SHAPE.LIST;
    if (!pulls) {
      image.append(bytes, at, 0);
      return false;
    }
    readCell(parent, parentAt, slot, separator);
    readCell(bytes, at, 0, cell);
    for (let i = 0; i < CHILD_BYTES; i++) pulled[i] = bytes[cell.at + i];
    const from = separator.at + CHILD_BYTES;
    const length = separator.keyAt + keyBytesIn(separator.keyLength) - from;
    for (let i = 0; i < length; i++) pulled[CHILD_BYTES + i] = parent[from + i];
    insertCell(image.bytes, 0, image.count, pulled, 0, CHILD_BYTES + length);
    image.append(bytes, at, 1);
    return true;
  }

  /** Frees the key that a join leaves without a cell: the right node's own first one, or the parent's. */
  private releaseKeyLeft(
    parent: Uint8Array,
    parentAt: number,
    slot: number,
    bytes: Uint8Array,
    at: number,
    pulls: boolean,
  ): void {
    const { cell, memory } = this;
    if (pulls) readCell(bytes, at, 0, cell);
    else readCell(parent, parentAt, slot, cell);
    if (isKeyOutside(cell.keyLength)) memory.release(readU32(pulls ? bytes : parent, cell.keyAt), cell.keyLength);
  }

  /** Moves a node to a smaller block where that saves much. */
  private shrink(path: TreePath, level: number): void {
    const { memory, image } = this;
    const node = path.nodes[level];
    const bytes = memory.bytesOf(node);
    const at = memory.offsetOf(node);
    const oldBytes = blockBytesOf(unitsOf(bytes, at));
    const sizeBytes = blockBytesFor(neededBytes(bytes, at, oldBytes));
    if (oldBytes - sizeBytes < WORTHWHILE_BYTES) return;
    memory.supersede(node, oldBytes);
    const block = memory.take(sizeBytes);
    if (block === 0) {
      memory.rollback();
      return;
    }
    image.load(bytes, at);
    image.write(0, image.count, false, memory.bytesOf(block), memory.offsetOf(block), sizeBytes);
    if (level === 0) {
      path.root = block;
    } else {
      const parent = memory.bytesOf(path.nodes[level - 1]);
      const parentAt = memory.offsetOf(path.nodes[level - 1]);
      const slot = path.slots[level - 1];
      setChild(parent, parentAt, slot, block, belowOf(parent, parentAt, slot));
    }
    memory.commit();
  }

  private lowerRoot(path: TreePath): void {
    while (path.root !== 0) {
      const root = path.root;
      const bytes = this.memory.bytesOf(root);
      const at = this.memory.offsetOf(root);
      if (!isInner(bytes, at) || cellCount(bytes, at) > 1) return;
      path.root = childOf(bytes, at, 0);
      this.dropCell(bytes, at, 0);
      this.memory.release(root, blockBytesOf(unitsOf(bytes, at)));
    }
  }

  /** Takes from the counts of the path's nodes above a level. */
  private countAbove(path: TreePath, level: number, count: number): void {
    for (let above = 0; above < level; above++) {
      const bytes = this.memory.bytesOf(path.nodes[above]);
      const at = this.memory.offsetOf(path.nodes[above]);
      const slot = path.slots[above];
      setChild(bytes, at, slot, childOf(bytes, at, slot), belowOf(bytes, at, slot) - count);
    }
  }
}

function elementsOfTree(path: TreePath): number {
  return elementsOf(path.memory.bytesOf(path.root), path.memory.offsetOf(path.root));
}
