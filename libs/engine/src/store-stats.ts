import type { EngineParts } from './engine-parts.js';

/**
 * What a store's memory is used for on this node. entryBytes + indexBytes = usedBytes, and
 * usedBytes + freeBytes = segmentBytes, exactly and at any time.
 */
export interface StoreStats {
  readonly entries: number;
  /** Entries that have an expiry, whether it has passed or not. */
  readonly expiring: number;
  /** What the limit is compared with. */
  readonly usedBytes: number;
  /** Keys and values alone; of a large collection its root. */
  readonly payloadBytes: number;
  /** Log pages, blocks of long entries, trees of collections: payload, headers, versions, what is reclaimable, rounding. */
  readonly entryBytes: number;
  /** Index pages and tables, expiry heap, the bitmaps of the segments, and what lies outside the engine. */
  readonly indexBytes: number;
  /** Part of entryBytes that no record uses: what cleaning can give back, and pages that are being filled. */
  readonly reclaimableBytes: number;
  /** Bytes of records that cleaning and policies with several queues have moved so far. */
  readonly movedBytes: number;
  /** Memory taken from the process. */
  readonly segmentBytes: number;
  /** Free in segments; empty segments are given back, but one. */
  readonly freeBytes: number;
  readonly limitBytes: number;
  /** Share of segmentBytes that is free in pieces too small for 99 % of what is stored. */
  readonly fragmentation: number;
}

/** `attachedBytes`: what lies outside the engine. */
export function readStats(parts: EngineParts, attachedBytes: number): StoreStats {
  const { budget, arena, entries, log, index, heap, seat, trees, cleaner, mover } = parts;
  return {
    entries: entries.count,
    expiring: entries.expiring,
    usedBytes: budget.usedBytes,
    payloadBytes: entries.payloadBytes,
    entryBytes: log.usedBytes + entries.outsideBytes + trees.usedBytes,
    indexBytes: index.usedBytes + heap.usedBytes + seat.memoryBytes + arena.bitmapBytes + attachedBytes,
    reclaimableBytes: log.idleBytes,
    movedBytes: cleaner.movedBytes + mover.movedBytes,
    segmentBytes: budget.reservedBytes,
    freeBytes: budget.freeBytes,
    limitBytes: budget.limitBytes,
    fragmentation: budget.reservedBytes === 0 ? 0 : arena.unusableBytes() / budget.reservedBytes,
  };
}
