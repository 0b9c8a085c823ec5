/**
 * When an entry was created and when it was changed last: in the bytes in front of its record, where the page's layout
 * (page-table.ts) has room for them. The time of the last change always stands first:
 *
 *     layouts 3, 4      changed u32 | created u40 | what the policy keeps
 *     layout 5          changed u32 | what the policy keeps, of which the last five bytes are created u40
 *
 * Creation, in milliseconds, decides about lifetimes; the last change is shown to people, in seconds. Both count from
 * {@link EXPIRY_BASE_MS}; that time itself means that it is not known.
 */
import { FRONT_BYTES } from './page-table.js';
import { EXPIRY_BASE_MS, EXPIRY_FLAG, readExpiry, writeExpiry } from './record.js';

/** Layouts with times follow those without, in the same order. */
const TIMED_LAYOUTS = 3;
/** By layout: how far in front of the record the time of creation lies; 0: it is not kept. */
const CREATED_BEFORE = [0, 0, 5, 5, 15, 5] as const;
const SECOND_MS = 1000;
/** Seconds that can be told apart: 68 years. */
const MAX_SECONDS = 2 ** 31 - 1;
/** The bits below the one that is never set: a first byte with bits 1 to 3 set would look like a hole. */
const LOW_BITS = 3;
const LOW_MASK = (1 << LOW_BITS) - 1;

/** The layout of a policy's pages, with times or without. */
export function layoutFor(policyLayout: number, keepsTimes: boolean): number {
  return keepsTimes ? policyLayout + TIMED_LAYOUTS : policyLayout;
}

export function keepsCreation(layout: number): boolean {
  return CREATED_BEFORE[layout] !== 0;
}

export function keepsModification(layout: number): boolean {
  return layout >= TIMED_LAYOUTS;
}

/** Milliseconds since 1970; 0 where it is not known. `at`: where the record begins. */
export function createdAt(layout: number, bytes: Uint8Array, at: number): number {
  if (!keepsCreation(layout)) return 0;
  const timeMs = readExpiry(bytes, at - CREATED_BEFORE[layout], EXPIRY_FLAG);
  return timeMs === EXPIRY_BASE_MS ? 0 : timeMs;
}

export function setCreatedAt(layout: number, bytes: Uint8Array, at: number, timeMs: number): void {
  if (!keepsCreation(layout)) return;
  writeExpiry(bytes, at - CREATED_BEFORE[layout], EXPIRY_FLAG, Math.max(timeMs, EXPIRY_BASE_MS));
}

/** Milliseconds since 1970, of whole seconds; 0 where it is not known. */
export function modifiedAt(layout: number, bytes: Uint8Array, at: number): number {
  if (!keepsModification(layout)) return 0;
  const front = at - FRONT_BYTES[layout];
  const word = (bytes[front] | (bytes[front + 1] << 8) | (bytes[front + 2] << 16) | (bytes[front + 3] << 24)) >>> 0;
  const seconds = ((word >>> (LOW_BITS + 1)) << LOW_BITS) | (word & LOW_MASK);
  return seconds === 0 ? 0 : EXPIRY_BASE_MS + seconds * SECOND_MS;
}

export function setModifiedAt(layout: number, bytes: Uint8Array, at: number, timeMs: number): void {
  if (!keepsModification(layout)) return;
  const front = at - FRONT_BYTES[layout];
  const seconds = Math.min(Math.max(Math.floor((timeMs - EXPIRY_BASE_MS) / SECOND_MS), 0), MAX_SECONDS);
  const word = ((seconds >>> LOW_BITS) << (LOW_BITS + 1)) | (seconds & LOW_MASK);
  bytes[front] = word;
  bytes[front + 1] = word >>> 8;
  bytes[front + 2] = word >>> 16;
  bytes[front + 3] = word >>> 24;
}

/** Clears what lies in front of a record that has been copied, but for the times that both layouts have. */
export function carryTimes(
  fromLayout: number,
  from: Uint8Array,
  fromAt: number,
  layout: number,
  bytes: Uint8Array,
  at: number,
): void {
  if (layout === 0) return;
  const createdMs = createdAt(fromLayout, from, fromAt);
  const modifiedMs = modifiedAt(fromLayout, from, fromAt);
  bytes.fill(0, at - FRONT_BYTES[layout], at);
  setCreatedAt(layout, bytes, at, createdMs);
  setModifiedAt(layout, bytes, at, modifiedMs);
}
