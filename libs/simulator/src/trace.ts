/**
 * A running hash of all that happens in a run: two runs of one seed must end with the same one. Two lanes of FNV-1a,
 * 64 bits together; plenty to tell runs apart, and no more than that is asked of it.
 */
import { crc32 } from '#libs/kernel';

const PRIME = 0x01000193;

export class Trace {
  private high = 0x811c9dc5 | 0;
  private low = 0x1b873593 | 0;
  private readonly doubles = new Float64Array(1);
  private readonly words = new Int32Array(this.doubles.buffer);

  /** Something happened at a time. */
  note(timeMs: number, what: string, payload?: Uint8Array): void {
    this.doubles[0] = timeMs;
    this.mix(this.words[0]);
    this.mix(this.words[1]);
    for (let i = 0; i < what.length; i++) this.mix(what.charCodeAt(i));
    if (payload !== undefined) this.mix(crc32(payload));
  }

  /** 16 hex digits. */
  get hash(): string {
    return hex(this.high) + hex(this.low);
  }

  private mix(word: number): void {
    this.high = Math.imul(this.high ^ word, PRIME);
    this.low = Math.imul(this.low ^ (word + (this.high >>> 13)), PRIME) + 0x7f4a7c15;
  }
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
