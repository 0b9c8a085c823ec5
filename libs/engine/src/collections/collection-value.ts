/**
 * The first byte of a collection's value, and the value of a large one:
 *
 *     version 3 bits | form 2 bits | type 3 bits
 *     head LARGE | elements u32 | tree u32 | tree of scores u32         little-endian; 0 = no such tree
 *
 * A packed value is complete in itself. That of a large one holds addresses of this process's arena: it never leaves
 * the process, and every decoder refuses it. Large collections travel as units (collection-units.ts).
 */
import { DecodeError } from '#libs/kernel';

const FORMAT_VERSION = 1;
export const FORM = { PACKED: 0, LARGE: 1, FRAGMENT: 2 } as const;
const VERSION_SHIFT = 5;
const FORM_SHIFT = 3;
const TYPE_MASK = 7;
export const ROOT_BYTES = 13;

export function headByte(form: number, type: number): number {
  return (FORMAT_VERSION << VERSION_SHIFT) | (form << FORM_SHIFT) | type;
}

export function typeOfHead(head: number): number {
  return head & TYPE_MASK;
}

/** Whether the value of this head is a large collection's, in this process's own memory. */
export function isLargeHead(head: number): boolean {
  return ((head >>> FORM_SHIFT) & 3) === FORM.LARGE;
}

/** Throws DecodeError for a head that does not say exactly this. */
export function checkHead(head: number, form: number, type: number): void {
  if (head >>> VERSION_SHIFT !== FORMAT_VERSION) {
    throw new DecodeError(`collection of format ${head >>> VERSION_SHIFT}; format ${FORMAT_VERSION} is known`);
  }
  if (head === headByte(form, type)) return;
  throw new DecodeError(`collection of head ${head} in place of ${headByte(form, type)}`);
}

/** The value of a large collection; one object is reused for many. */
export class RootRecord {
  readonly bytes = new Uint8Array(ROOT_BYTES);
  type = 0;
  count = 0;
  /** The tree of elements; a sorted set's by member. */
  tree = 0;
  /** A sorted set's tree by (score, member). */
  scores = 0;

  read(buffer: Uint8Array, offset: number): void {
    this.type = typeOfHead(buffer[offset]);
    this.count = readU32(buffer, offset + 1);
    this.tree = readU32(buffer, offset + 5);
    this.scores = readU32(buffer, offset + 9);
  }

  clear(type: number): void {
    this.type = type;
    this.count = 0;
    this.tree = 0;
    this.scores = 0;
  }

  /** Fills {@link bytes}. */
  write(): void {
    this.bytes[0] = headByte(FORM.LARGE, this.type);
    writeU32(this.bytes, 1, this.count);
    writeU32(this.bytes, 5, this.tree);
    writeU32(this.bytes, 9, this.scores);
  }
}

export function readU32(buffer: Uint8Array, at: number): number {
  return (buffer[at] | (buffer[at + 1] << 8) | (buffer[at + 2] << 16) | (buffer[at + 3] << 24)) >>> 0;
}

export function writeU32(buffer: Uint8Array, at: number, value: number): void {
  buffer[at] = value;
  buffer[at + 1] = value >>> 8;
  buffer[at + 2] = value >>> 16;
  buffer[at + 3] = value >>> 24;
}
