import { sha256 } from '@noble/hashes/sha2.js';
import { utf8Bytes } from '#libs/kernel';

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
