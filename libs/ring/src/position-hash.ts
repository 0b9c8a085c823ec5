/** What puts nodes and partitions on the ring. */
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8Bytes } from '#libs/kernel';
import { murmur3 } from './murmur3.js';

/** Gives the places of a label on the ring: one or more 32-bit numbers, the same ones everywhere and always. */
export type PositionHash = (label: string) => Uint32Array;

/** The eight big-endian words of SHA-256: each is as good a position as the next, so one digest serves eight. */
export const sha256Positions: PositionHash = (label) => {
  const digest = sha256(utf8Bytes(label));
  const view = new DataView(digest.buffer, digest.byteOffset, digest.byteLength);
  const positions = new Uint32Array(digest.byteLength / 4);
  for (let i = 0; i < positions.length; i++) positions[i] = view.getUint32(i * 4);
  return positions;
};

/** One position a label, for rings that are made so often that SHA-256 is felt. */
export const murmur3Positions: PositionHash = (label) => Uint32Array.of(murmur3(utf8Bytes(label)));

/** The hashes by the names under which they are configured. */
export const RING_HASHES = { sha256: sha256Positions, murmur3: murmur3Positions } as const;
export type RingHashName = keyof typeof RING_HASHES;
export const RING_HASH_NAMES = Object.keys(RING_HASHES) as readonly RingHashName[];

/** The first `count` positions that a label's numbered digests give. */
export function positionsOf(label: string, count: number, hash: PositionHash): Uint32Array {
  const positions = new Uint32Array(count);
  let filled = 0;
  for (let part = 0; filled < count; part++) {
    const some = hash(`${label}#${part}`);
    for (let i = 0; i < some.length && filled < count; i++) positions[filled++] = some[i];
  }
  return positions;
}
