/** The entries of a shard that share a tag, in the order of their full hash prefixes: a scan's smallest step. */
import type { EntryLocator } from './entry-locator.js';
import { type KeyHasher } from './key-hash.js';
import type { RecordLog } from './record-log.js';
import type { PageCursor } from './slot-page.js';

/** As the database of a scan, a count or a clear. */
export const ALL_DATABASES = -1;

export class ScanRun {
  /** Slots of the run, and entries of the wanted database that are not before the wanted prefix. */
  length = 0;
  found = 0;
  /** Ascending. */
  readonly prefixes: number[] = [];
  readonly refs: number[] = [];

  constructor(
    private readonly log: RecordLog,
    private readonly locator: EntryLocator,
    private readonly hasher: KeyHasher,
  ) {}

  /** Loads the run that begins at a slot of a page. */
  load(shard: number, page: PageCursor, first: number, database: number, fromPrefix: number): void {
    const { words, base, count, tagMask } = page;
    const tag = words[base + first] & tagMask;
    let slot = first;
    this.found = 0;
    for (; slot < count && (words[base + slot] & tagMask) === tag; slot++) {
      this.log.locate(shard, words[base + slot] & ~tagMask);
      const header = this.locator.parse(this.log.bytes, this.log.at);
      if (database !== ALL_DATABASES && header.database !== database) continue;
      const prefix = this.hasher.prefix(header.database, this.locator.buffer, header.keyOffset, header.keyLength);
      if (prefix >= fromPrefix) this.add(prefix, this.log.ref);
    }
    this.length = slot - first;
  }

  private add(prefix: number, ref: number): void {
    let at = this.found++;
    for (; at > 0 && this.prefixes[at - 1] > prefix; at--) {
      this.prefixes[at] = this.prefixes[at - 1];
      this.refs[at] = this.refs[at - 1];
    }
    this.prefixes[at] = prefix;
    this.refs[at] = ref;
  }
}
