/**
 * What policies with lists through all records share. Only what may be evicted here is listed: entries of partitions that
 * this node decides about, and with scope 'volatile' those that expire. So a victim is found at once, whatever else is
 * stored.
 */
import { EXPIRY_FLAG } from '../record.js';
import { RecordLists } from '../record-lists.js';
import { SHARD_WORDS } from '../shard-state.js';
import type { PolicySettings } from './eviction-policy.js';
import type { PolicyContext } from './policy-context.js';
import { QuietPolicy } from './quiet-policy.js';

export abstract class ListedPolicy extends QuietPolicy {
  override readonly mustLearn = true;
  protected readonly lists: RecordLists;
  private readonly onlyExpiring: boolean;

  constructor(
    protected readonly context: PolicyContext,
    settings: PolicySettings,
    override readonly layout: number,
    lists: number,
  ) {
    super();
    this.onlyExpiring = settings.scope === 'volatile';
    this.lists = new RecordLists(context.arena, context.log, context.partitionCount, layout, lists);
    this.maxPages = this.lists.maxPages;
  }

  /** Lists a new record. */
  protected abstract enter(shard: number, address: number, bytes: Uint8Array, at: number, nowMs: number): void;
  /** Lists a record that was there before. */
  protected abstract enterOld(shard: number, address: number, bytes: Uint8Array, at: number, nowMs: number): void;
  /** Takes a record out of its list. */
  protected abstract leave(shard: number, address: number, bytes: Uint8Array, at: number): void;
  /** A listed record was used. */
  protected abstract use(shard: number, address: number, bytes: Uint8Array, at: number, nowMs: number): void;

  override inserted(shard: number, address: number, bytes: Uint8Array, at: number, nowMs: number): void {
    if (this.mayEvict(shard, bytes, at)) this.enter(shard, address, bytes, at, nowMs);
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
    if (this.mayEvict(shard, bytes, at)) this.enterOld(shard, address, bytes, at, nowMs);
    else this.lists.leaveOut(bytes, at);
  }

  override hit(shard: number, address: number, bytes: Uint8Array, at: number, nowMs: number): void {
    const isListed = this.lists.isListed(bytes, at);
    // An entry that is overwritten may have got or lost its expiry.
    const changes = address >= 0 && this.mayEvict(shard, bytes, at) !== isListed;
    if (!changes) {
      if (isListed) this.use(shard, address, bytes, at, nowMs);
    } else if (isListed) this.leave(shard, address, bytes, at);
    else this.enter(shard, address, bytes, at, nowMs);
  }

  override removing(shard: number, address: number, bytes: Uint8Array, at: number, isKnown: boolean): void {
    if (isKnown && this.lists.isListed(bytes, at)) this.leave(shard, address, bytes, at);
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

  protected mayEvict(shard: number, bytes: Uint8Array, at: number): boolean {
    const isOurs = this.context.evictable[shard / SHARD_WORDS] !== 0;
    return isOurs && (!this.onlyExpiring || (bytes[at] & EXPIRY_FLAG) !== 0);
  }
}
