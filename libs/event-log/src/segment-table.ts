/** Which segments there are, oldest first and without gaps, how far each counts, and who still needs them. */
import { assert } from '#libs/kernel';
import type { LogPosition } from './log-position.js';

export interface SegmentInfo {
  readonly number: number;
  /** The header and whole batches. */
  readonly bytes: number;
  /** What came before it is not continued. */
  readonly isDetached: boolean;
}

interface GrowingSegment extends SegmentInfo {
  bytes: number;
}

export class SegmentTable {
  private readonly segments: GrowingSegment[] = [];
  private readonly pins = new Map<number, number>();
  /** Of all segments. */
  totalBytes = 0;
  /** Of the last segment that has anything in it, also where it is no more. */
  lastNumber: number;
  lastBytes = 0;

  /** The first segment will be the one behind `lastNumber`. */
  constructor(lastNumber: number) {
    this.lastNumber = lastNumber;
  }

  /** The oldest one's number; the next one's where there is none. */
  get first(): number {
    return this.segments[0]?.number ?? this.lastNumber + 1;
  }

  /** Of the last segment. */
  get end(): LogPosition {
    return { segment: this.lastNumber, bytes: this.lastBytes };
  }

  find(number: number): SegmentInfo | undefined {
    return this.segments[number - this.first];
  }

  /** A segment has so many bytes now; it is the last one, or follows it. */
  grow(number: number, bytes: number, isDetached: boolean): void {
    const last = this.segments.at(-1);
    this.lastBytes = bytes;
    if (last !== undefined && number === this.lastNumber) {
      this.totalBytes += bytes - last.bytes;
      last.bytes = bytes;
      return;
    }
    assert(number === this.lastNumber + 1, `segment ${number} does not follow ${this.lastNumber}`);
    this.lastNumber = number;
    this.totalBytes += bytes;
    this.segments.push({ number, bytes, isDetached });
  }

  /** Keeps a segment, and all that follow it, until as many `unpin`. False where it is gone already. */
  pin(number: number): boolean {
    if (number < this.first) return false;
    this.pins.set(number, (this.pins.get(number) ?? 0) + 1);
    return true;
  }

  unpin(number: number): void {
    const count = this.pins.get(number);
    assert(count !== undefined, `segment ${number} is not pinned`);
    if (count > 1) this.pins.set(number, count - 1);
    else this.pins.delete(number);
  }

  /** Forgets the oldest segment, if it lies before `first` and nobody has pinned it or one before it; answers its number. */
  takeRemovable(first: number): number | undefined {
    const oldest = this.segments[0];
    if (oldest === undefined || oldest.number >= Math.min(first, ...this.pins.keys())) return undefined;
    this.segments.shift();
    this.totalBytes -= oldest.bytes;
    return oldest.number;
  }
}
