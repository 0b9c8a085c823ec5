/**
 * MurmurHash3, its 32-bit variant: quick and well spread, but made for no adversary. Source: Austin Appleby, "SMHasher"
 * (public domain), algorithm only.
 */
const C1 = 0xcc9e2d51;
const C2 = 0x1b873593;

/** Unsigned 32 bits. */
export function murmur3(bytes: Uint8Array, seed = 0): number {
  const length = bytes.length;
  const whole = length & ~3;
  let hash = seed;
  for (let at = 0; at < whole; at += 4) {
    const word = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
    hash ^= scrambled(word);
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  let tail = 0;
  for (let at = length - 1; at >= whole; at--) tail = (tail << 8) | bytes[at];
  if (length > whole) hash ^= scrambled(tail);
  return finished(hash ^ length);
}

function scrambled(word: number): number {
  const mixed = Math.imul(word, C1);
  return Math.imul((mixed << 15) | (mixed >>> 17), C2);
}

/** Lets every bit of the input change every bit of the result. */
function finished(hash: number): number {
  let mixed = hash ^ (hash >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
