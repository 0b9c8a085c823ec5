/**
 * Evicts what has not been used for the longest time, exactly and over the whole store: one list through all records, ten
 * bytes for each. Every use moves an entry to the list's newest end, which touches up to four records.
 */
import { SHARD_WORDS } from '../shard-state.js';
import type { PolicySettings, VictimVisitor } from './eviction-policy.js';
import { ListedPolicy } from './listed-policy.js';
import type { PolicyContext } from './policy-context.js';

/** Records that one call drops from the list because they may not be evicted any more. */
const MAX_DROPPED = 4096;
/** The only one. */
export const LIST = 0;

export class LruPolicy extends ListedPolicy {
  constructor(context: PolicyContext, settings: PolicySettings, layout = 1) {
    super(context, settings, layout, 1);
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
      if (lists.oldest(LIST) && lists.address === address && lists.shard === shard) {
        this.use(shard, address, bytes, at, nowMs);
      }
    }
    return victims;
  }

  protected override enter(shard: number, address: number, bytes: Uint8Array, at: number, _nowMs: number): void {
    this.lists.addNewest(LIST, shard, address, bytes, at);
  }

  /** What is learnt is older than what is known. */
  protected override enterOld(shard: number, address: number, bytes: Uint8Array, at: number, _nowMs: number): void {
    this.lists.addOldest(LIST, shard, address, bytes, at);
  }

  protected override leave(_shard: number, _address: number, bytes: Uint8Array, at: number): void {
    this.lists.remove(LIST, bytes, at);
  }

  protected override use(_shard: number, _address: number, bytes: Uint8Array, at: number, _nowMs: number): void {
    this.lists.refresh(LIST, bytes, at);
  }
}
