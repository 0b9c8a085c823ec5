/** Ranges of a buffer that are to be copied one behind the other; neighbours become one. Reset and reused. */
import { copyWords } from '#libs/kernel';

const FIRST_CAPACITY = 64;

export class RecordRanges {
  /** In all. */
  bytes = 0;
  count = 0;
  private offsets = new Uint32Array(FIRST_CAPACITY);
  private ends = new Uint32Array(FIRST_CAPACITY);

  reset(): void {
    this.bytes = 0;
    this.count = 0;
  }

  add(offset: number, end: number): void {
    this.bytes += end - offset;
    const { count } = this;
    if (count > 0 && this.ends[count - 1] === offset) {
      this.ends[count - 1] = end;
      return;
    }
    if (count === this.offsets.length) this.grow();
    this.offsets[count] = offset;
    this.ends[count] = end;
    this.count++;
  }

  offsetOf(range: number): number {
    return this.offsets[range];
  }

  lengthOf(range: number): number {
    return this.ends[range] - this.offsets[range];
  }

  copy(source: Uint8Array, target: Uint8Array, view: DataView, targetOffset: number): void {
    let at = targetOffset;
    for (let range = 0; range < this.count; range++) {
      const length = this.lengthOf(range);
      copyWords(source, this.offsets[range], target, view, at, length);
      at += length;
    }
  }

  private grow(): void {
    const { offsets, ends } = this;
    this.offsets = new Uint32Array(offsets.length * 2);
    this.offsets.set(offsets);
    this.ends = new Uint32Array(ends.length * 2);
    this.ends.set(ends);
  }
}
