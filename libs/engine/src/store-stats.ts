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
  /** Keys and values alone. */
  readonly payloadBytes: number;
  /** Log pages and blocks of long entries: payload, header, version, what is reclaimable, rounding. */
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
