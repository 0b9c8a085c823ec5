/**
 * For sessions: an entry that is not used for the idle lifetime goes, and where memory is short the one that has been idle
 * longest, so that active sessions survive. The list of lru, in the order of use, is also one in the order of the idle
 * lifetime's end, and gives what is due exactly and at once. The time of the last use stands behind the links: 15 bytes
 * per entry. The absolute lifetime is the entry's own expiry.
 *
 * Only the node that decides about an entry knows when it was used; where that changes, a new idle lifetime begins.
 */
import { FRONT_BYTES } from '../page-table.js';
import { EXPIRY_BASE_MS, EXPIRY_FLAG, readExpiry, writeExpiry } from '../record.js';
import { TIME_AT } from '../record-lists.js';
import type { PolicySettings, VictimVisitor } from './eviction-policy.js';
import { LIST, LruPolicy } from './lru.js';
import type { PolicyContext } from './policy-context.js';

const LAYOUT = 2;
/** Entries without a time that one collection gives one. */
const MAX_STAMPED = 4096;

export class SessionPolicy extends LruPolicy {
  private readonly idleTtlMs: number;

  constructor(context: PolicyContext, settings: PolicySettings) {
    super(context, settings, LAYOUT);
    this.idleTtlMs = settings.idleTtlMs ?? 0;
  }

  protected override enter(shard: number, address: number, bytes: Uint8Array, at: number, nowMs: number): void {
    setTime(bytes, at, nowMs);
    super.enter(shard, address, bytes, at, nowMs);
  }

  /** As if it had just been used: when it was is not known. */
  protected override enterOld(shard: number, address: number, bytes: Uint8Array, at: number, nowMs: number): void {
    this.enter(shard, address, bytes, at, nowMs);
  }

  protected override use(shard: number, address: number, bytes: Uint8Array, at: number, nowMs: number): void {
    setTime(bytes, at, nowMs);
    super.use(shard, address, bytes, at, nowMs);
  }

  override collectIdle(maxEntries: number, nowMs: number, visit: VictimVisitor): number {
    if (this.idleTtlMs === 0) return 0;
    this.stampOldest(nowMs);
    return this.offerOldest(maxEntries, nowMs - this.idleTtlMs + 1, nowMs, visit);
  }

  override idleSinceMs(bytes: Uint8Array, at: number): number {
    return this.lists.isListed(bytes, at) ? readExpiry(bytes, at - FRONT_BYTES[LAYOUT] + TIME_AT, EXPIRY_FLAG) : 0;
  }

  /** Entries from before the engine heard of any time begin their idle lifetime now. */
  private stampOldest(nowMs: number): void {
    const { lists } = this;
    for (let stamped = 0; stamped < MAX_STAMPED && lists.oldest(LIST); stamped++) {
      const { shard, address, bytes, at } = lists;
      if (this.idleSinceMs(bytes, at) !== EXPIRY_BASE_MS) return;
      this.use(shard, address, bytes, at, nowMs);
    }
  }
}

/** Times are written as expiry times of five bytes are; one before their base, which no clock shows, becomes it. */
function setTime(bytes: Uint8Array, at: number, nowMs: number): void {
  writeExpiry(bytes, at - FRONT_BYTES[LAYOUT] + TIME_AT, EXPIRY_FLAG, Math.max(nowMs, EXPIRY_BASE_MS));
}
