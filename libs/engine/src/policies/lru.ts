/**
 * Evicts what has not been used for the longest time, exactly and over the whole store: one list through all records, ten
 * bytes for each. Every use moves an entry to the list's newest end, which touches up to four records.
 *
 * Only what may be evicted here is listed: entries of partitions that this node decides about, and with scope 'volatile'
 * those that expire. So a victim is found at once, whatever else is stored.
 */
import { EXPIRY_FLAG } from '../record.js';
import { RecordLists } from '../record-lists.js';
import { SHARD_WORDS } from '../shard-state.js';
import type { PolicySettings, VictimVisitor } from './eviction-policy.js';
import type { PolicyContext } from './policy-context.js';
import { QuietPolicy } from './quiet-policy.js';

/** Records that one call drops from the list because they may not be evicted any more. */
const MAX_DROPPED = 4096;
/** The only one. */
export const LIST = 0;

export class LruPolicy extends QuietPolicy {
  override readonly layout: number;
  override readonly mustLearn = true;
  protected readonly lists: RecordLists;
  private readonly onlyExpiring: boolean;

  constructor(
    protected readonly context: PolicyContext,
    settings: PolicySettings,
    layout = 1,
  ) {
    super();
    this.layout = layout;
    this.onlyExpiring = settings.scope === 'volatile';
    const { arena, log, partitionCount } = context;
    this.lists = new RecordLists(arena, log, partitionCount, layout, 1);
    this.maxPages = this.lists.maxPages;
  }

  override inserted(shard: number, address: number, bytes: Uint8Array, at: number, _nowMs: number): void {
    if (this.mayEvict(shard, bytes, at)) this.lists.addNewest(LIST, shard, address, bytes, at);
    else this.lists.leaveOut(bytes, at);
  }

  override learn(
    shard: number,
    address: number,
    bytes: Uint8Array,
    at: number,
    nowMs: number,
    wasKnown: boolean,
  ): void {
    if (wasKnown && this.lists.isListed(bytes, at)) return;
    if (this.mayEvict(shard, bytes, at)) this.learnListed(shard, address, bytes, at, nowMs);
    else this.lists.leaveOut(bytes, at);
  }

  /** What is learnt is older than what is known. */
  protected learnListed(shard: number, address: number, bytes: Uint8Array, at: number, _nowMs: number): void {
    this.lists.addOldest(LIST, shard, address, bytes, at);
  }

  override hit(shard: number, address: number, bytes: Uint8Array, at: number, _nowMs: number): void {
    const { lists } = this;
    // An entry that is overwritten may have got or lost its expiry.
    const changes = address >= 0 && this.mayEvict(shard, bytes, at) !== lists.isListed(bytes, at);
    if (!changes) {
      if (lists.isListed(bytes, at)) lists.refresh(LIST, bytes, at);
    } else if (lists.isListed(bytes, at)) lists.remove(LIST, bytes, at);
    else lists.addNewest(LIST, shard, address, bytes, at);
  }

  override removing(_shard: number, _address: number, bytes: Uint8Array, at: number, isKnown: boolean): void {
    if (isKnown && this.lists.isListed(bytes, at)) this.lists.remove(LIST, bytes, at);
  }

  override pageMoved(
    shard: number,
    page: number,
    target: number,
    from: number,
    offsets: Uint16Array,
    isKnown: boolean,
  ): void {
    if (isKnown) this.lists.pageMoved(shard, page, target, from, offsets);
  }

  /** What was left out must be listed; what is listed but no victim any more is dropped when it is found. */
  override evictableChanged(partition: number): void {
    const { evictable, log, pages } = this.context;
    const shard = partition * SHARD_WORDS;
    if (evictable[partition] === 0) return;
    for (let page = 0; page < log.pageCount(shard); page++) {
      if (log.memoryOf(shard, page) !== 0) pages.setLoose(shard, page, true);
    }
  }

  override evict(maxEntries: number, nowMs: number, visit: VictimVisitor): number {
    return this.offerOldest(maxEntries, Infinity, nowMs, visit);
  }

  /** Offers entries from the old end as long as they were used before a time. */
  protected offerOldest(maxEntries: number, usedBeforeMs: number, nowMs: number, visit: VictimVisitor): number {
    const { lists, context } = this;
    let victims = 0;
    for (let dropped = 0; victims < maxEntries && dropped < MAX_DROPPED && lists.oldest(LIST);) {
      const { shard, address, bytes, at } = lists;
      if (context.evictable[shard / SHARD_WORDS] === 0) {
        dropped++;
        lists.remove(LIST, bytes, at);
        continue;
      }
      if (usedBeforeMs !== Infinity && this.idleSinceMs(bytes, at) >= usedBeforeMs) break;
      victims++;
      visit(shard / SHARD_WORDS, context.log.refOf(shard, address));
      // What the visitor keeps must not be offered again at once: it counts as used.
      if (lists.oldest(LIST) && lists.address === address && lists.shard === shard)
        this.hit(shard, -1, bytes, at, nowMs);
    }
    return victims;
  }

  private mayEvict(shard: number, bytes: Uint8Array, at: number): boolean {
    return this.context.evictable[shard / SHARD_WORDS] !== 0 && (!this.onlyExpiring || (bytes[at] & EXPIRY_FLAG) !== 0);
  }
}
