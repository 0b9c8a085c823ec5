/**
 * Randomness from a seed: xoshiro128** (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2018),
 * seeded through SplitMix32. Every component draws from a fork of its own, named by a label, so that a component that is
 * added, or draws once more than before, does not change what the others see.
 */
import { assert } from '#libs/kernel';
import type { Rng } from '#libs/ports';

export class SimRng implements Rng {
  private readonly seed: number;
  private a: number;
  private b: number;
  private c: number;
  private d: number;

  /** `seed` is taken modulo 2^32. */
  constructor(seed: number) {
    this.seed = seed >>> 0;
    const next = splitMix32(this.seed);
    this.a = next();
    this.b = next();
    this.c = next();
    this.d = next() | 1;
  }

  /** A generator that depends on the seed and the label alone, not on what has been drawn so far. */
  fork(label: string): SimRng {
    let hash = this.seed ^ 0x9e3779b9;
    for (let i = 0; i < label.length; i++) hash = Math.imul(hash ^ label.charCodeAt(i), 0x01000193);
    return new SimRng(hash ^ (hash >>> 15));
  }

  nextU32(): number {
    const result = Math.imul(rotateLeft(Math.imul(this.b, 5), 7), 9) >>> 0;
    const shifted = this.b << 9;
    this.c ^= this.a;
    this.d ^= this.b;
    this.b ^= this.c;
    this.a ^= this.d;
    this.c ^= shifted;
    this.d = rotateLeft(this.d, 11);
    return result;
  }

  fill(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length; i++) bytes[i] = this.nextU32() >>> 24;
  }

  /** A number from 0 (included) to 1 (excluded). */
  fraction(): number {
    return this.nextU32() / 0x1_0000_0000;
  }

  /** An integer from 0 to `limit` - 1. */
  below(limit: number): number {
    assert(limit > 0, 'the limit of a random number is positive');
    return Math.floor(this.fraction() * limit);
  }

  /** A number from `low` (included) to `high` (excluded). */
  between(low: number, high: number): number {
    return low + this.fraction() * (high - low);
  }

  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)];
  }
}

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function splitMix32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return mixed ^ (mixed >>> 15);
  };
}
