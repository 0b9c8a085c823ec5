// What the specs of collections share: an entry outside any engine, a store's memory, and a check of whole trees.
import { latin1Bytes, latin1Text } from '#libs/kernel';
import { Arena, MIN_SEGMENT_BYTES } from '../arena.js';
import { MemoryBudget } from '../memory-budget.js';
import type { ValueType } from '../record.js';
import type { CollectionSlot } from './collection-slot.js';
import { isLargeHead, RootRecord } from './collection-value.js';
import { Collections } from './collections.js';
import { compareBytes } from './compare-bytes.js';
import { ElementView } from './element-view.js';
import * as node from './node-layout.js';

/** Keeps one value, and refuses where told to what the contract allows it to refuse. */
export class TestSlot implements CollectionSlot {
  buffer: Uint8Array = new Uint8Array(0);
  readonly valueOffset = 3;
  valueLength = 0;
  type = 0;
  refuses = false;

  store(type: ValueType, value: Uint8Array, offset: number, length: number): boolean {
    if (this.refuses && length !== this.valueLength) return false;
    this.type = type;
    this.buffer = new Uint8Array(length + 5).fill(0xee);
    this.buffer.set(value.subarray(offset, offset + length), this.valueOffset);
    this.valueLength = length;
    return true;
  }

  remove(): void {
    this.buffer = new Uint8Array(0);
    this.valueLength = 0;
  }

  get isLarge(): boolean {
    return this.valueLength > 0 && isLargeHead(this.buffer[this.valueOffset]);
  }
}

export class TestStore {
  readonly budget: MemoryBudget;
  readonly arena: Arena;
  readonly collections: Collections;
  readonly slot = new TestSlot();

  constructor(limitBytes = 1 << 26) {
    this.budget = new MemoryBudget(limitBytes);
    this.arena = new Arena(limitBytes < 1 << 20 ? MIN_SEGMENT_BYTES * 4 : 1 << 20, this.budget);
    this.collections = new Collections(this.arena, 0x5eed);
  }

  /** What the arena counts as used by blocks is what collections say they use. */
  checkAccounting(): void {
    expect(this.budget.usedBytes - this.arena.bitmapBytes).toBe(this.collections.usedBytes);
  }

  releaseAll(): void {
    if (this.slot.valueLength > 0) this.collections.release(this.slot.buffer, this.slot.valueOffset);
    this.slot.remove();
    this.reclaimAll();
  }

  reclaimAll(): void {
    while (this.collections.hasReleased) expect(this.collections.reclaim(3)).toBeGreaterThan(0);
    expect(this.collections.reclaim(3)).toBe(0);
  }

  /** Checks order, counts and sizes of every node of the slot's trees. */
  checkTrees(): void {
    const { slot } = this;
    if (!slot.isLarge) return;
    const root = new RootRecord();
    root.read(slot.buffer, slot.valueOffset);
    expect(this.walk(root.tree, undefined, undefined)).toBe(root.count);
    if (root.scores !== 0) expect(this.walk(root.scores, undefined, undefined)).toBe(root.count);
  }

  /** Elements below a node, all of whose keys are from `low` up to, and without, `high`. */
  private walk(address: number, low: Uint8Array | undefined, high: Uint8Array | undefined): number {
    const bytes = this.arena.bytes[address >>> this.arena.unitShift];
    const at = (address & this.arena.unitMask) * 64;
    const sizeBytes = node.unitsOf(bytes, at) * 64;
    const count = node.cellCount(bytes, at);
    const isKeyed = (bytes[at] & node.SHAPE_BITS) !== node.SHAPE.LIST;
    const inner = node.isInner(bytes, at);
    const keys = isKeyed ? Array.from({ length: count }, (_, slot) => this.keyOf(bytes, at, slot)) : [];
    const ordered = keys.slice(inner ? 1 : 0);
    const isSorted = ordered.every((key, slot) => slot === 0 || compare(ordered[slot - 1], key) < 0);
    const isAbove = low === undefined || ordered.every((key) => compare(low, key) <= 0);
    const isBelow = high === undefined || ordered.every((key) => compare(key, high) < 0);
    let used = node.HEADER_BYTES + node.SLOT_BYTES * count;
    let elements = inner ? 0 : count;
    let areCounted = true;
    const cell = new node.Cell();
    for (let slot = 0; slot < count; slot++) {
      node.readCell(bytes, at, slot, cell);
      used += cell.length;
      if (!inner) continue;
      const from = slot === 0 ? low : keys[slot];
      const below = this.walk(node.childOf(bytes, at, slot), from, slot + 1 < count ? keys[slot + 1] : high);
      areCounted &&= node.belowOf(bytes, at, slot) === below;
      elements += below;
    }
    expect({ isSorted, isAbove, isBelow, areCounted, used }).toEqual({
      isSorted: true,
      isAbove: true,
      isBelow: true,
      areCounted: true,
      used: node.neededBytes(bytes, at, sizeBytes),
    });
    expect(count > 0 && sizeBytes <= 4096).toBe(true);
    return elements;
  }

  private keyOf(bytes: Uint8Array, at: number, slot: number): Uint8Array {
    const cell = new node.Cell();
    node.readCell(bytes, at, slot, cell);
    if (!node.isKeyOutside(cell.keyLength)) return bytes.slice(cell.keyAt, cell.keyAt + cell.keyLength);
    const block = new DataView(bytes.buffer).getUint32(cell.keyAt, true);
    const offset = (block & this.arena.unitMask) * 64;
    return this.arena.bytes[block >>> this.arena.unitShift].slice(offset, offset + cell.keyLength);
  }
}

/** An element outside the engine's memory, each part with bytes around it. */
export function elementOf(key: string, value = '', score = 0): ElementView {
  const element = new ElementView();
  element.keyBuffer = latin1Bytes(`..${key}.`);
  element.keyOffset = 2;
  element.keyLength = key.length;
  element.valueBuffer = latin1Bytes(`.${value}..`);
  element.valueOffset = 1;
  element.valueLength = value.length;
  element.score = score;
  return element;
}

export function keyText(view: ElementView): string {
  return latin1Text(view.keyBuffer, view.keyOffset, view.keyLength);
}

export function valueText(view: ElementView): string {
  return latin1Text(view.valueBuffer, view.valueOffset, view.valueLength);
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function compare(a: Uint8Array, b: Uint8Array): number {
  return compareBytes(a, 0, a.length, b, 0, b.length);
}
