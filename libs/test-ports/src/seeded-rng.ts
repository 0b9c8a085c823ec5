import type { Rng } from '#libs/ports';

/** Xorshift32: the same numbers in every run. */
export class SeededRng implements Rng {
  constructor(private state = 0x9e3779b9) {}

  nextU32(): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    return this.state >>> 0;
  }

  fill(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length; i++) bytes[i] = this.nextU32();
  }
}
