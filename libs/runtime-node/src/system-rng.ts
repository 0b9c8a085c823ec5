import { randomFillSync } from 'node:crypto';
import type { Rng } from '#libs/ports';

/** Words drawn from the system at once: one call costs about as much as these 1,024 words are worth. */
const BUFFERED_WORDS = 1024;

/** Randomness of the operating system, cryptographic throughout. */
export class SystemRng implements Rng {
  private readonly words = new Uint32Array(BUFFERED_WORDS);
  private used = BUFFERED_WORDS;

  nextU32(): number {
    if (this.used === BUFFERED_WORDS) {
      randomFillSync(this.words);
      this.used = 0;
    }
    return this.words[this.used++];
  }

  fill(bytes: Uint8Array): void {
    randomFillSync(bytes);
  }
}
