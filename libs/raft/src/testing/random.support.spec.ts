import { SeededRng } from '#libs/test-ports';

/** A seed's choices. Neighbouring seeds give unrelated numbers. */
export class Random {
  private readonly rng: SeededRng;

  constructor(seed: number) {
    this.rng = new SeededRng(Math.imul(seed + 1, 0x9e3779b1) ^ 0x5bd1e995 || 1);
    for (let i = 0; i < 8; i++) this.rng.nextU32();
  }

  nextU32(): number {
    return this.rng.nextU32();
  }

  between(low: number, high: number): number {
    return low + (this.rng.nextU32() / 0x1_0000_0000) * (high - low);
  }

  below(limit: number): number {
    return Math.floor(this.between(0, limit));
  }

  chance(probability: number): boolean {
    return this.between(0, 1) < probability;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)];
  }
}
