/** Ways through the entries of a shard: in the order of their hashes, all of them, or one at random. */
import { PREFIXES_PER_HASH } from './key-hash.js';
import type { RecordLog } from './record-log.js';
import type { ScanRun } from './scan-run.js';
import type { SlotIndex } from './slot-index.js';

/** The answer of a scan when the shard has been visited to its end. */
export const SCAN_END = -1;
const HASHES = 2 ** 32;

export class ShardWalk {
  constructor(
    private readonly log: RecordLog,
    private readonly index: SlotIndex,
    private readonly scanRun: ScanRun,
  ) {}

  /** See StoreEngine.scan. */
  scan(shard: number, database: number, fromPrefix: number, maxEntries: number, visit: (ref: number) => void): number {
    const { index, scanRun } = this;
    const wanted = Math.max(maxEntries, 1);
    let start = Math.floor(fromPrefix / PREFIXES_PER_HASH);
    let visited = 0;
    let lastPrefix = -1;
    while (start < HASHES && index.seek(shard, start | 0)) {
      const page = index.cursor();
      const end = index.endOfPage(start);
      for (let slot = page.slot; slot < page.count; slot += scanRun.length) {
        scanRun.load(shard, page, slot, database, fromPrefix);
        for (let i = 0; i < scanRun.found; i++) {
          const prefix = scanRun.prefixes[i];
          if (visited >= wanted && prefix !== lastPrefix) return prefix;
          lastPrefix = prefix;
          visited++;
          visit(scanRun.refs[i]);
        }
      }
      start = end;
    }
    return SCAN_END;
  }

  forEach(shard: number, visit: (ref: number) => void): void {
    const { index, log } = this;
    let start = 0;
    while (start < HASHES && index.seek(shard, start | 0)) {
      const { words, base, count, tagMask } = index;
      start = index.endOfPage(start);
      for (let slot = 0; slot < count; slot++) visit(log.refOf(shard, words[base + slot] & ~tagMask));
    }
  }

  /** The entry that a random number below 2^32 chooses in a shard with entries. */
  random(shard: number, randomU32: number): number {
    const { index } = this;
    let start = randomU32 >>> 0;
    index.seek(shard, start | 0);
    while (index.count === 0) {
      start = index.endOfPage(start) % HASHES;
      index.seek(shard, start | 0);
    }
    return this.log.refOf(shard, index.addressAt(Math.floor(index.shareOf(randomU32) * index.count)));
  }
}
