/** Randomness as a port, so that a seed decides every choice in the simulator. */
export interface Rng {
  /** A uniform 32-bit unsigned integer. */
  nextU32(): number;
  /** Fills the range with random bytes; cryptographic in production. */
  fill(bytes: Uint8Array): void;
}
