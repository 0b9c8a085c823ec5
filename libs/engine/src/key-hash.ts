/**
 * The seeded hash of (database, key): two 32-bit lanes that are mixed into each other at the end, in Int32 arithmetic
 * (BigInt would allocate). Lane A follows the round of MurmurHash3 x86_32 (Austin Appleby), lane B that of xxHash32
 * (Yann Collet). Either alone has collisions that no start value removes, so every block is first combined with a
 * secret made from the seed.
 *
 * The seed belongs to the cluster: scan cursors are prefixes of this hash and survive a failover only if all agree.
 */
const A1 = 0xcc9e2d51 | 0;
const A2 = 0x1b873593;
const B1 = 0x9e3779b1 | 0;
const B2 = 0x85ebca77 | 0;
const FINAL_1 = 0x85ebca6b | 0;
const FINAL_2 = 0xc2b2ae35 | 0;

/** Bits of the low lane that a scan prefix takes after the 32 of the high lane. */
const PREFIX_LOW_BITS = 7;
export const PREFIX_BITS = 32 + PREFIX_LOW_BITS;
/** Scan prefixes per value of the high lane. */
export const PREFIXES_PER_HASH = 1 << PREFIX_LOW_BITS;

export class KeyHasher {
  private readonly secretA: number;
  private readonly secretB: number;
  /** Low lane of the last {@link hash} as a signed 32-bit integer. */
  low = 0;

  constructor(private readonly seed: number) {
    this.secretA = finalMix(seed ^ B1);
    this.secretB = finalMix(seed + B2);
  }

  /** The high lane as a signed 32-bit integer (a small integer to the engine, so that no call boxes it). */
  hash(database: number, buffer: Uint8Array, offset: number, length: number): number {
    const secretA = this.secretA;
    const secretB = this.secretB;
    let a = this.seed ^ Math.imul(database + 1, B1);
    let b = secretA ^ secretB;
    const end = offset + length;
    const blocksEnd = end - 3;
    let at = offset;
    for (; at < blocksEnd; at += 4) {
      const block = buffer[at] | (buffer[at + 1] << 8) | (buffer[at + 2] << 16) | (buffer[at + 3] << 24);
      a = roundA(a, block ^ secretA);
      b = roundB(b, (block + secretB) | 0);
    }
    if (at < end) {
      let tail = 0;
      for (; at < end; at++) tail = (tail << 8) | buffer[at];
      a = roundA(a, tail ^ secretA);
      b = roundB(b, (tail + secretB) | 0);
    }
    a ^= length;
    b ^= length;
    a = finalMix((a + b) | 0);
    b = finalMix((b + a) | 0);
    this.low = b;
    return (a + b) | 0;
  }

  /** The first 39 bits of (high lane, low lane): the order in which a scan visits entries. */
  prefix(database: number, buffer: Uint8Array, offset: number, length: number): number {
    const high = this.hash(database, buffer, offset, length);
    return prefixOf(high, this.low);
  }
}

/** The prefix of a hash that is known already. */
export function prefixOf(high: number, low: number): number {
  return (high >>> 0) * PREFIXES_PER_HASH + (low >>> (32 - PREFIX_LOW_BITS));
}

function roundA(state: number, block: number): number {
  let mixed = Math.imul(block, A1);
  mixed = Math.imul((mixed << 15) | (mixed >>> 17), A2);
  const next = state ^ mixed;
  return (Math.imul((next << 13) | (next >>> 19), 5) + 0xe6546b64) | 0;
}

function roundB(state: number, block: number): number {
  const next = (state + Math.imul(block, B2)) | 0;
  return Math.imul((next << 13) | (next >>> 19), B1);
}

function finalMix(value: number): number {
  let mixed = value | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), FINAL_1);
  mixed = Math.imul(mixed ^ (mixed >>> 13), FINAL_2);
  return mixed ^ (mixed >>> 16);
}
