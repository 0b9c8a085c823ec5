/** Places in an arena's memory that are to be loaded, one behind the other. */
import { PREFETCH_KEYS } from './prefetch-batch.js';

export class PrefetchPlaces {
  count = 0;
  /** Segment, and position in it: of a byte or of a word, as the user of the list knows. */
  readonly segments = new Uint32Array(PREFETCH_KEYS);
  readonly positions = new Uint32Array(PREFETCH_KEYS);

  clear(): void {
    this.count = 0;
  }

  add(segment: number, position: number): void {
    const { count } = this;
    this.segments[count] = segment;
    this.positions[count] = position;
    this.count = count + 1;
  }
}
