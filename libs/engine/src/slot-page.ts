/**
 * What the pages of the index are made of: how a table entry describes a page, and how slots change when pages are split
 * and merged. See slot-index.ts.
 */
import { type Arena, UNIT_WORDS } from './arena.js';

/** Slots in use, the page's size in units, and the bits of a slot that are address: the parts of a table entry. */
export const COUNT_MASK = 0xfff;
export const UNITS_SHIFT = 12;
export const UNITS_MASK = 0x1ff;
export const BITS_SHIFT = 21;
export const SLOTS_PER_UNIT = UNIT_WORDS;
/** From shard to shard up to twice as many slots per page, so that not all split at once. */
const MIN_MEAN_SLOTS = 160;
const SPREAD_BITS = 8;

/** A page of slots and a place in it. */
export interface PageCursor {
  readonly words: Uint32Array;
  readonly base: number;
  readonly count: number;
  readonly slot: number;
  readonly tagMask: number;
}

/** Copies slots to a page that is one bit deeper: the tag's first bit goes, the addresses get its last one. */
export function splitSlots(
  source: Uint32Array,
  from: number,
  count: number,
  arena: Arena,
  page: number,
  bits: number,
): void {
  const target = arena.words[page >>> arena.unitShift];
  const base = (page & arena.unitMask) * UNIT_WORDS;
  const tagMask = -1 << bits;
  for (let slot = 0; slot < count; slot++) {
    const word = source[from + slot];
    target[base + slot] = ((word & tagMask) << 1) | (word & ~tagMask);
  }
}

/** The inverse of a split: tags get `firstBit` in front and keep what `bits` of address leave. */
export function mergeSlots(
  source: Uint32Array,
  from: number,
  count: number,
  sourceBits: number,
  target: Uint32Array,
  to: number,
  bits: number,
  firstBit: number,
): void {
  const sourceMask = -1 << sourceBits;
  const targetMask = -1 << bits;
  for (let slot = 0; slot < count; slot++) {
    const word = source[from + slot];
    target[to + slot] = (((((word & sourceMask) >>> 1) | firstBit) & targetMask) | (word & ~sourceMask)) >>> 0;
  }
}

export function unitsFor(slots: number): number {
  return Math.max(1, Math.ceil(slots / SLOTS_PER_UNIT));
}

/** Slots per page on average over the shard of a partition. */
export function meanSlots(partition: number): number {
  return Math.round(MIN_MEAN_SLOTS * 2 ** spreadShare(partition));
}

/** A number from 0 to below 1 that differs much between neighbouring partitions: their bits in reverse order. */
function spreadShare(partition: number): number {
  let reversed = 0;
  for (let bit = 0; bit < SPREAD_BITS; bit++) reversed |= ((partition >>> bit) & 1) << (SPREAD_BITS - 1 - bit);
  return reversed / (1 << SPREAD_BITS);
}
