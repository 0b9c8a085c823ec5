import { equalsIgnoreCase } from '#libs/kernel';
import type { Request } from '../request.js';
import type { EntryView } from '../storage-context.js';

/**
 * Entity tags: the entry's 16-bit version in hex, a dash, and a 64-bit hash of its content in hex. The version alone
 * repeats every 65,536 changes of a shard and the hash alone after a change back: together they tell entries apart
 * for REST's conditional requests. They are no secret and no signature.
 */

export const ETAG_CHARS = 21;
const VERSION_DIGITS = 4;
const LANE_DIGITS = 8;

export function entityTag(view: EntryView): string {
  hashContent(view.buffer, view.valueOffset, view.valueLength);
  return `${hex(view.version, VERSION_DIGITS)}-${hex(lanes[0], LANE_DIGITS)}${hex(lanes[1], LANE_DIGITS)}`;
}

/** True where an argument is the entry's tag, whatever its case. */
export function tagMatches(request: Request, index: number, view: EntryView): boolean {
  if (request.lengths[index] !== ETAG_CHARS) return false;
  return equalsIgnoreCase(request.buffer, request.offsets[index], ETAG_CHARS, entityTag(view));
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}

const lanes = new Uint32Array(2);

/**
 * Two 32-bit lanes of multiply-and-rotate in the manner of MurmurHash3 (Austin Appleby, public domain) with different
 * constants, crossed at the end. The result lies in `lanes`.
 */
function hashContent(buffer: Uint8Array, offset: number, length: number): void {
  let a = length | 0;
  let b = ~length;
  const end = offset + length;
  let at = offset;
  for (; at + 4 <= end; at += 4) {
    const word = buffer[at] | (buffer[at + 1] << 8) | (buffer[at + 2] << 16) | (buffer[at + 3] << 24);
    a = Math.imul(rotate(a ^ Math.imul(word, 0xcc9e2d51), 15), 5) + 0x52dce729;
    b = Math.imul(rotate(b ^ Math.imul(word, 0x1b873593), 13), 9) + 0x38495ab5;
  }
  for (; at < end; at++) {
    a = Math.imul(a ^ buffer[at], 0x85ebca6b);
    b = Math.imul(b ^ buffer[at], 0xc2b2ae35);
  }
  a = avalanche(a ^ rotate(b, 7));
  lanes[0] = a;
  lanes[1] = avalanche(b + a);
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function avalanche(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
