/**
 * A node in scratch memory, larger than any node in the arena: changes that do not fit their block are made here, and
 * the result is written, compact, to one new block or to two.
 */
import { UNIT_BYTES } from '../arena.js';
import { COLLECTION_BOUNDS } from './collection-bounds.js';
import {
  Cell,
  cellAt,
  cellCount,
  CHILD_BYTES,
  HEADER_BYTES,
  initNode,
  INNER_FLAG,
  insertCell,
  neededBytes,
  readCell,
  SHAPE,
  SHAPE_BITS,
  SLOT_BYTES,
} from './node-layout.js';

const { nodeBytes, nodeStepBytes } = COLLECTION_BOUNDS;
/** Two whole nodes, or one and the longest cell. */
const IMAGE_BYTES = 2 * nodeBytes;

export class NodeImage {
  readonly bytes = new Uint8Array(IMAGE_BYTES);
  private readonly cell = new Cell();
  private readonly keyless = new Uint8Array(CHILD_BYTES + 1);

  get count(): number {
    return cellCount(this.bytes, 0);
  }

  get flags(): number {
    return this.bytes[0];
  }

  get sizeBytes(): number {
    return neededBytes(this.bytes, 0, IMAGE_BYTES);
  }

  begin(flags: number): void {
    initNode(this.bytes, 0, IMAGE_BYTES, flags);
  }

  /** Makes the image a copy of a node. */
  load(bytes: Uint8Array, at: number): void {
    this.begin(bytes[at]);
    this.append(bytes, at, 0);
  }

  /** Adds a node's cells from `fromSlot` on behind those that are there. */
  append(bytes: Uint8Array, at: number, fromSlot: number): void {
    const { cell } = this;
    const count = cellCount(bytes, at);
    for (let slot = fromSlot; slot < count; slot++) {
      readCell(bytes, at, slot, cell);
      insertCell(this.bytes, 0, this.count, bytes, cell.at, cell.length);
    }
  }

  /** Bytes of a node of these cells; `keyless` as for {@link write}. */
  bytesOf(from: number, to: number, keyless: boolean): number {
    let sizeBytes = HEADER_BYTES;
    for (let slot = from; slot < to; slot++) {
      readCell(this.bytes, 0, slot, this.cell);
      const length = keyless && slot === from && this.hasSeparators ? CHILD_BYTES + 1 : this.cell.length;
      sizeBytes += length + SLOT_BYTES;
    }
    return sizeBytes;
  }

  /**
   * Writes the cells from one slot up to another as a node into a block of `blockBytes`. `keyless` leaves the first cell of
   * an inner node without its key, which has moved up.
   */
  write(from: number, to: number, keyless: boolean, bytes: Uint8Array, at: number, blockBytes: number): void {
    const { cell } = this;
    initNode(bytes, at, blockBytes, this.flags);
    for (let slot = from; slot < to; slot++) {
      readCell(this.bytes, 0, slot, cell);
      if (keyless && slot === from && this.hasSeparators) {
        for (let i = 0; i < CHILD_BYTES; i++) this.keyless[i] = this.bytes[cell.at + i];
        insertCell(bytes, at, 0, this.keyless, 0, CHILD_BYTES + 1);
      } else {
        insertCell(bytes, at, slot - from, this.bytes, cell.at, cell.length);
      }
    }
  }

  /** The slot that divides the image into two parts of about the same size. */
  middle(): number {
    const half = this.sizeBytes >>> 1;
    const last = this.count - 1;
    let sizeBytes = HEADER_BYTES;
    for (let slot = 0; slot < last; slot++) {
      readCell(this.bytes, 0, slot, this.cell);
      sizeBytes += this.cell.length + SLOT_BYTES;
      if (sizeBytes >= half) return slot + 1;
    }
    return last;
  }

  /** Where a cell begins in the image. */
  cellAt(slot: number): number {
    return cellAt(this.bytes, 0, slot);
  }

  private get hasSeparators(): boolean {
    return (this.flags & INNER_FLAG) !== 0 && (this.flags & SHAPE_BITS) !== SHAPE.LIST;
  }
}

/** The block of a node that needs so many bytes. */
export function blockBytesFor(sizeBytes: number): number {
  return Math.ceil(sizeBytes / nodeStepBytes) * nodeStepBytes;
}

export function blockBytesOf(units: number): number {
  return units * UNIT_BYTES;
}
