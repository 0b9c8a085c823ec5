/**
 * For sessions: an entry that is not used for the idle lifetime goes, and where memory is short the one that has been idle
 * longest, so that active sessions survive. The list of lru, in the order of use, is also one in the order of the idle
 * lifetime's end, and gives what is due exactly and at once. Behind the links stand the times of the last use and of the
 * entry's creation, which overwriting leaves as it is: 20 bytes per entry. Who owns the store's rules sees to it that no
 * expiry goes beyond the absolute lifetime, which counts from creation.
 *
 * Only the node that decides about an entry knows when it was used; where that changes, a new idle lifetime begins. Every
 * owner knows when it was created.
 */
import { FRONT_BYTES } from '../page-table.js';
import { EXPIRY_BASE_MS, EXPIRY_FLAG, readExpiry, writeExpiry } from '../record.js';
import { USED_AT } from '../record-lists.js';
import { createdAt, setCreatedAt } from '../record-times.js';
import type { PolicySettings, VictimVisitor } from './eviction-policy.js';
import { LIST, LruPolicy } from './lru.js';
import type { PolicyContext } from './policy-context.js';

const LAYOUT = 2;
const FRONT = FRONT_BYTES[LAYOUT];
/** Entries without a time that one collection gives one. */
const MAX_STAMPED = 4096;

export class SessionPolicy extends LruPolicy {
  private readonly idleTtlMs: number;

  constructor(context: PolicyContext, settings: PolicySettings) {
    super(context, settings, LAYOUT);
    this.idleTtlMs = settings.idleTtlMs ?? 0;
  }

  override inserted(shard: number, address: number, bytes: Uint8Array, at: number, nowMs: number): void {
    setCreatedAt(LAYOUT, bytes, at, nowMs);
    super.inserted(shard, address, bytes, at, nowMs);
  }

  /** What was stored under another policy counts as created now; what this one knew already keeps its time. */
  override learn(
    shard: number,
    address: number,
    bytes: Uint8Array,
    at: number,
    nowMs: number,
    wasKnown: boolean,
  ): void {
    if (createdAt(LAYOUT, bytes, at) === 0) setCreatedAt(LAYOUT, bytes, at, nowMs);
    super.learn(shard, address, bytes, at, nowMs, wasKnown);
  }

  protected override enter(shard: number, address: number, bytes: Uint8Array, at: number, nowMs: number): void {
    setUsedAt(bytes, at, nowMs);
    super.enter(shard, address, bytes, at, nowMs);
  }

  /** As if it had just been used: when it was is not known. */
  protected override enterOld(shard: number, address: number, bytes: Uint8Array, at: number, nowMs: number): void {
    this.enter(shard, address, bytes, at, nowMs);
  }

  protected override use(shard: number, address: number, bytes: Uint8Array, at: number, nowMs: number): void {
    setUsedAt(bytes, at, nowMs);
    super.use(shard, address, bytes, at, nowMs);
  }

  override collectIdle(maxEntries: number, nowMs: number, visit: VictimVisitor): number {
    if (this.idleTtlMs === 0) return 0;
    this.stampOldest(nowMs);
    return this.offerOldest(maxEntries, nowMs - this.idleTtlMs + 1, nowMs, visit);
  }

  override idleSinceMs(bytes: Uint8Array, at: number): number {
    return this.lists.isListed(bytes, at) ? usedAt(bytes, at) : 0;
  }

  /** Entries from before the engine heard of any time begin their lives now. */
  private stampOldest(nowMs: number): void {
    const { lists } = this;
    for (let stamped = 0; stamped < MAX_STAMPED && lists.oldest(LIST); stamped++) {
      const { shard, address, bytes, at } = lists;
      if (this.idleSinceMs(bytes, at) !== EXPIRY_BASE_MS) return;
      if (createdAt(LAYOUT, bytes, at) === 0) setCreatedAt(LAYOUT, bytes, at, nowMs);
      this.use(shard, address, bytes, at, nowMs);
    }
  }
}

/** Times are written as expiry times of five bytes are; one before their base, which no clock shows, becomes it. */
function setUsedAt(bytes: Uint8Array, at: number, timeMs: number): void {
  writeExpiry(bytes, at - FRONT + USED_AT, EXPIRY_FLAG, Math.max(timeMs, EXPIRY_BASE_MS));
}

function usedAt(bytes: Uint8Array, at: number): number {
  return readExpiry(bytes, at - FRONT + USED_AT, EXPIRY_FLAG);
}
