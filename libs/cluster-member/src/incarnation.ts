import type { Rng } from '#libs/ports';

/** A random number from 1 to 2^53 - 1 that tells one process's life from another's. */
export function drawIncarnation(rng: Rng): number {
  return (rng.nextU32() & 0x1fffff) * 0x100000000 + (rng.nextU32() || 1);
}
