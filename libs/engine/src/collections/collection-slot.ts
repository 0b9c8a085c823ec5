/** What collections ask of whoever keeps entries, and what they answer. */
import type { ValueType } from '../record.js';

/**
 * One key's entry, for one operation. Implementations look up the key; collections read and replace its value.
 *
 * `store` must accept a value as long as the present one: a large collection changes its trees first and its root record,
 * which always has the same length, afterwards. The bytes given to it lie outside the store's memory. Neither `store`
 * nor `remove` may call {@link Collections.release}: what a value leaves behind has been seen to.
 */
export interface CollectionSlot {
  /** Where the value lies; `valueLength` 0 = there is no entry. Read anew after each `store` and `remove`. */
  readonly buffer: Uint8Array;
  readonly valueOffset: number;
  readonly valueLength: number;
  /** Creates the entry or replaces its value; false, and nothing has changed, where memory does not allow it. */
  store(type: ValueType, value: Uint8Array, offset: number, length: number): boolean;
  /** Removes the entry, whose collection has no element left. */
  remove(): void;
}

/** What a change has done: enough to describe it as an event. */
export const CHANGE = {
  /** Memory does not allow it; the collection is as it was. */
  REFUSED: -1,
  /** There was nothing to change. */
  NONE: 0,
  ADDED: 1,
  /** The element was there, with another value or score (a hash's value is not compared). */
  REPLACED: 2,
  REMOVED: 3,
} as const;
export type Change = (typeof CHANGE)[keyof typeof CHANGE];
