import { utf8Bytes } from '#libs/kernel';
import { KeyHasher, PREFIX_BITS } from './key-hash.js';

function hashOf(hasher: KeyHasher, text: string, database = 0): number {
  const key = utf8Bytes(text);
  return hasher.hash(database, key, 0, key.length);
}

describe('KeyHasher', () => {
  it('never changes: scan cursors and peers depend on it', () => {
    const hasher = new KeyHasher(0x12345678);
    const texts = ['', 'a', 'user:1', 'abcd', 'a rather long key with more than one block'];
    expect(texts.map((text) => [hashOf(hasher, text) >>> 0, hasher.low >>> 0])).toMatchInlineSnapshot(`
     [
       [
         856485949,
         2252287730,
       ],
       [
         1913346420,
         1570803726,
       ],
       [
         1793204792,
         3553069540,
       ],
       [
         365724372,
         1887910490,
       ],
       [
         1258618957,
         1287132636,
       ],
     ]
    `);
  });

  it('depends on seed, database, every byte and the length', () => {
    const hashes = new Set<number>();
    for (const seed of [0, 1, 0xffffffff]) {
      const hasher = new KeyHasher(seed);
      for (let database = 0; database < 16; database++) {
        for (const text of ['', '\0', '\0\0', 'a', 'a\0', '\0a', 'abcd', 'abcd\0', 'abce', 'bacd']) {
          hashes.add(hashOf(hasher, text, database));
        }
      }
    }
    expect(hashes.size).toBe(3 * 16 * 10);
  });

  it('does not depend on where the key lies', () => {
    const hasher = new KeyHasher(7);
    const buffer = utf8Bytes('..a key of some length..');
    const expected = hashOf(hasher, 'a key of some length');
    expect(hasher.hash(0, buffer, 2, buffer.length - 4)).toBe(expected);
  });

  it('spreads similar keys evenly over the top and over the bottom bits of both lanes', () => {
    const hasher = new KeyHasher(99);
    const keys = 64 * 1024;
    const counts = [0, 1, 2, 3].map(() => new Uint32Array(256));
    for (let i = 0; i < keys; i++) {
      const high = hashOf(hasher, `user:${i}:name`);
      const low = hasher.low;
      [high >>> 24, high & 255, low >>> 24, low & 255].forEach((bucket, which) => counts[which][bucket]++);
    }
    for (const buckets of counts) {
      const mean = keys / 256;
      const chiSquare = buckets.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0);
      expect(chiSquare).toBeLessThan(255 + 6 * Math.sqrt(2 * 255));
    }
  });

  it('flips about half of the bits when one bit of the key flips', () => {
    const hasher = new KeyHasher(3);
    const key = utf8Bytes('avalanche-key');
    const high = hasher.hash(0, key, 0, key.length);
    const low = hasher.low;
    for (let bit = 0; bit < key.length * 8; bit++) {
      key[bit >> 3] ^= 1 << (bit & 7);
      const flipped = bitCount(high ^ hasher.hash(0, key, 0, key.length)) + bitCount(low ^ hasher.low);
      key[bit >> 3] ^= 1 << (bit & 7);
      expect(flipped).toBeGreaterThan(14);
      expect(flipped).toBeLessThan(50);
    }
  });

  it('gives prefixes of 39 bits that begin with the high lane', () => {
    const hasher = new KeyHasher(5);
    for (let i = 0; i < 1000; i++) {
      const key = utf8Bytes(`k${i}`);
      const prefix = hasher.prefix(1, key, 0, key.length);
      expect(prefix).toBeLessThan(2 ** PREFIX_BITS);
      expect(Math.floor(prefix / 128)).toBe(hasher.hash(1, key, 0, key.length) >>> 0);
    }
  });
});

function bitCount(value: number): number {
  let count = 0;
  for (let rest = value >>> 0; rest !== 0; rest &= rest - 1) count++;
  return count;
}
