/** Random-looking numbers that are the same each time (Marsaglia, "Xorshift RNGs", 2003; 32 bits of state). */
export class Xorshift {
  private state: number;

  constructor(seed: number) {
    this.state = seed | 1;
  }

  /** From 0 up to, but not including, 1. */
  next(): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    return (this.state >>> 0) / 2 ** 32;
  }

  /** An integer from 0 up to, but not including, `limit`. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }
}
