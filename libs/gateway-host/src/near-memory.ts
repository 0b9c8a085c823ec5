import { BOUNDS } from '#libs/kernel';

/** Notes of one shard at their largest: 32 bits each, and at least half of the slots free. */
const LARGEST_NOTES_BYTES = BOUNDS.maxNearFilterNotes * 2 * 4;

/** What all copies of filters at a gateway share: their memory, and how many may be on their way. */
export class NearMemory {
  usedBytes = 0;
  fetches = 0;

  constructor(
    private readonly limitBytes: number = BOUNDS.maxNearFilterBytes,
    private readonly maxFetches: number = BOUNDS.maxNearFilterFetches,
  ) {}

  /** Takes bytes, or gives them back (negative); false where there are none. */
  take(bytes: number): boolean {
    if (bytes > 0 && this.usedBytes + bytes > this.limitBytes) return false;
    this.usedBytes += bytes;
    return true;
  }

  /** Whether notes may take their next step. */
  get hasRoomForNotes(): boolean {
    return this.usedBytes + LARGEST_NOTES_BYTES <= this.limitBytes;
  }

  get mayFetch(): boolean {
    return this.fetches < this.maxFetches;
  }
}
