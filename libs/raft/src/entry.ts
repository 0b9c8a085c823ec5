/**
 * One entry of the replicated log. Its payload is opaque to Raft, except that of configurations; `version` is the
 * format of the payload, so that a release can tell the commands of an older one.
 */
export const ENTRY_TYPES = {
  /** What a new leader appends, so that it can commit what its predecessors left (thesis §6.4, step 1). */
  EMPTY: 0,
  COMMAND: 1,
  CONFIGURATION: 2,
} as const;

export type EntryType = (typeof ENTRY_TYPES)[keyof typeof ENTRY_TYPES];

export interface Entry {
  /** From 1. */
  readonly index: number;
  readonly term: number;
  readonly type: EntryType;
  /** 0 to 255: the format of `data`. */
  readonly version: number;
  readonly data: Uint8Array;
}

/** What an entry costs beyond its payload in a message; counted so that empty entries are not free. */
const ENTRY_OVERHEAD_BYTES = 16;

export function entryBytes(entry: Entry): number {
  return ENTRY_OVERHEAD_BYTES + entry.data.length;
}

export function totalEntryBytes(entries: readonly Entry[]): number {
  let total = 0;
  for (const entry of entries) total += entryBytes(entry);
  return total;
}

/** The longest prefix within both limits, but at least one entry. */
export function prefixWithin(entries: readonly Entry[], maxBytes: number, maxEntries: number): readonly Entry[] {
  let bytes = 0;
  let count = 0;
  for (const entry of entries) {
    bytes += entryBytes(entry);
    if (count > 0 && (bytes > maxBytes || count >= maxEntries)) break;
    count++;
  }
  return count === entries.length ? entries : entries.slice(0, count);
}
