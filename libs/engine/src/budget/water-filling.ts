/**
 * Weighted max-min fairness within bounds: water of one level in vessels as wide as their weight, each with a bottom
 * (what it holds in any case) and a rim (what it may hold at most). (The fairness of Bertsekas and Gallager, "Data
 * Networks", section 6.5.2, with lower bounds.)
 */
import { assert } from '#libs/kernel';

/** Halvings of the level's range: beyond the 53 bits of a number there is nothing left to halve. */
const HALVINGS = 64;

/** One vessel. Bytes; `floor` must not be above `cap`. */
export interface Vessel {
  /** Above 0. */
  readonly weight: number;
  floor: number;
  cap: number;
  /** The outcome: from floor to cap. */
  filled: number;
}

/**
 * Fills the vessels with `total` bytes: nobody gets more while another with a lower level could have it. The sum of
 * what they hold is at most `total`, or, where the floors alone are more, the floors' sum.
 */
export function fill(vessels: readonly Vessel[], total: number): void {
  let low = 0;
  let high = 0;
  for (const vessel of vessels) {
    assert(vessel.weight > 0, 'a weight must be above 0');
    assert(vessel.floor >= 0 && vessel.floor <= vessel.cap, 'a floor must lie from 0 to the cap');
    high = Math.max(high, vessel.cap / vessel.weight);
  }
  if (pour(vessels, high) <= total) return;
  for (let i = 0; i < HALVINGS; i++) {
    const level = (low + high) / 2;
    if (pour(vessels, level) <= total) low = level;
    else high = level;
  }
  pour(vessels, low);
}

/** Whole bytes, rounded down, so that the sum never exceeds what was to be shared. */
function pour(vessels: readonly Vessel[], level: number): number {
  let sum = 0;
  for (const vessel of vessels) {
    vessel.filled = Math.min(Math.max(Math.floor(level * vessel.weight), vessel.floor), vessel.cap);
    sum += vessel.filled;
  }
  return sum;
}
