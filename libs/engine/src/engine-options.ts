/** What a store's engine is made with. */
import { assert } from '#libs/kernel';
import { MIN_SEGMENT_BYTES } from './arena.js';
import type { PolicyOptions } from './policies/registry.js';

export interface StoreEngineOptions {
  /** A power of two up to 16384. */
  readonly partitionCount: number;
  /** 32 bits; the same on all nodes of a cluster, because scan cursors depend on it. */
  readonly hashSeed: number;
  /** What entries and index may use together. */
  readonly limitBytes: number;
  /** A power of two from 4 KiB to 256 MiB; by default 32 MiB, less for small limits. */
  readonly segmentBytes?: number;
  /** How entries are evicted; by default 'sieve'. */
  readonly policy?: PolicyOptions;
  /** Whether each entry keeps when it was created and changed last, at 9 bytes (policy session: 4 more); by default not. */
  readonly keepsTimes?: boolean;
  /** Where each level of pressure begins, in percent of the limit; by default 85, 90, 95. */
  readonly pressurePercents?: readonly [number, number, number];
}

const MAX_PARTITIONS = 16384;
/**
 * Nearly all of a segment of this size can lie in huge pages of 2 MiB, which spare a look-up most misses of the TLB, and
 * glibc always maps it by itself. What has not been written to costs addresses, no memory.
 */
const DEFAULT_SEGMENT_BYTES = 32 * 1024 * 1024;
/** By default a limit is at least so many segments. */
const SEGMENTS_PER_LIMIT = 16;

/** The options that say how much memory the engine has, with defaults, after a check. */
export function limitsOf(
  options: StoreEngineOptions,
): Required<Omit<StoreEngineOptions, 'policy' | 'keepsTimes' | 'pressurePercents'>> {
  const { partitionCount, hashSeed, limitBytes } = options;
  assert(partitionCount >= 1 && partitionCount <= MAX_PARTITIONS, 'partition count out of range');
  assert(limitBytes >= 0, 'limit must not be negative');
  return {
    partitionCount,
    hashSeed,
    limitBytes,
    segmentBytes: options.segmentBytes ?? defaultSegmentBytes(limitBytes),
  };
}

function defaultSegmentBytes(limitBytes: number): number {
  let bytes = DEFAULT_SEGMENT_BYTES;
  while (bytes > MIN_SEGMENT_BYTES && bytes * SEGMENTS_PER_LIMIT > limitBytes) bytes /= 2;
  return bytes;
}
