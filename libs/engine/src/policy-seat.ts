/**
 * The policy that is in force, as the rest of the engine sees it. A change of policy does not touch the records: the pages
 * that the new one must first learn, or that are laid out for another, become stale. A policy that keeps accounts hears
 * nothing of what lies in a stale page; until a page has been taken over (page-adopter.ts), its records are those that
 * are evicted first.
 */
import { type PageTable, QUEUES } from './page-table.js';
import type { EvictionPolicy, VictimVisitor } from './policies/eviction-policy.js';
import type { PolicyContext } from './policies/policy-context.js';
import { POLICIES, type PolicyOptions } from './policies/registry.js';
import { EXPIRY_FLAG } from './record.js';
import { createdAt, keepsModification, keepsCreation, layoutFor, setModifiedAt, setCreatedAt } from './record-times.js';
import { PAGE_SHIFT } from './record-log.js';
import { SHARD_WORDS } from './shard-state.js';

export class PolicySeat {
  /** The latest time that the engine has heard of, in milliseconds since 1970. */
  nowMs = 0;
  options: PolicyOptions;
  private policy: EvictionPolicy;
  private readonly pages: PageTable;
  /** The partition whose stale records are evicted next. */
  private staleTurn = 0;

  /** `keepsTimes`: whether records have the times of creation and last change in front of them, whatever the policy. */
  constructor(
    private readonly context: PolicyContext,
    options: PolicyOptions,
    public keepsTimes: boolean,
  ) {
    this.pages = context.pages;
    this.options = options;
    this.policy = this.install(options);
  }

  change(options: PolicyOptions, keepsTimes: boolean): void {
    this.policy.dispose();
    this.options = options;
    this.keepsTimes = keepsTimes;
    this.policy = this.install(options);
  }

  /** Part of the used bytes. */
  get memoryBytes(): number {
    return this.policy.memoryBytes;
  }

  hear(nowMs: number): void {
    if (nowMs > this.nowMs) this.nowMs = Math.floor(nowMs);
  }

  queueFor(hash: number, bodyLength: number): number {
    return this.policy.queueFor(hash, bodyLength);
  }

  missed(hash: number): void {
    this.policy.missed(hash);
  }

  inserted(shard: number, address: number, bytes: Uint8Array, at: number): void {
    this.policy.inserted(shard, address, bytes, at, this.nowMs);
    if (!this.keepsTimes) return;
    const { layout } = this.context.log;
    setCreatedAt(layout, bytes, at, this.nowMs);
    setModifiedAt(layout, bytes, at, this.nowMs);
  }

  learn(shard: number, address: number, bytes: Uint8Array, at: number, wasKnown: boolean): void {
    if (this.policy.mustLearn) this.policy.learn(shard, address, bytes, at, this.nowMs, wasKnown);
    const { layout } = this.context.log;
    if (!this.keepsTimes || createdAt(layout, bytes, at) !== 0) return;
    setCreatedAt(layout, bytes, at, this.nowMs);
    setModifiedAt(layout, bytes, at, this.nowMs);
  }

  /** A record in a page that is known was used; its address is -1 where only that is known. */
  hit(shard: number, address: number, bytes: Uint8Array, at: number): void {
    this.policy.hit(shard, address, bytes, at, this.nowMs);
  }

  /** A record has been changed where it is. */
  modified(shard: number, address: number, bytes: Uint8Array, at: number): void {
    if (!this.keepsTimes) return;
    const layout = this.layoutOf(shard, address >>> PAGE_SHIFT);
    if (keepsModification(layout)) setModifiedAt(layout, bytes, at, this.nowMs);
  }

  resizing(shard: number, address: number, bytes: Uint8Array, at: number, sign: 1 | -1): void {
    if (!this.isUnknown(shard, address >>> PAGE_SHIFT)) this.policy.resizing(shard, address, bytes, at, sign);
  }

  removing(shard: number, address: number, bytes: Uint8Array, at: number): void {
    this.policy.removing(shard, address, bytes, at, !this.isUnknown(shard, address >>> PAGE_SHIFT));
  }

  cleared(shard: number): void {
    this.policy.cleared(shard);
  }

  pageMoved(shard: number, page: number, target: number, from: number, offsets: Uint16Array): void {
    this.policy.pageMoved(shard, page, target, from, offsets, !this.isUnknown(shard, page));
  }

  setEvictable(partition: number, isEvictable: boolean): void {
    const { evictable } = this.context;
    if ((evictable[partition] !== 0) === isEvictable) return;
    evictable[partition] = isEvictable ? 1 : 0;
    this.policy.evictableChanged(partition);
  }

  evict(maxEntries: number, visit: VictimVisitor): number {
    const victims = this.hasUnknown ? this.evictUnknown(maxEntries, visit) : 0;
    return victims > 0 ? victims : this.policy.evict(maxEntries, this.nowMs, visit);
  }

  collectIdle(maxEntries: number, visit: VictimVisitor): number {
    return this.policy.collectIdle(maxEntries, this.nowMs, visit);
  }

  idleSinceMs(bytes: Uint8Array, at: number): number {
    return this.policy.idleSinceMs(bytes, at);
  }

  /** A record has just been written anew at another address: it is as old as before. */
  succeeds(shard: number, old: number, address: number): void {
    const { log } = this.context;
    if (!keepsCreation(log.layout)) return;
    log.locate(shard, old);
    const createdAtMs = createdAt(this.layoutOf(shard, old >>> PAGE_SHIFT), log.bytes, log.at);
    log.locate(shard, address);
    if (createdAtMs !== 0) setCreatedAt(log.layout, log.bytes, log.at, createdAtMs);
  }

  /** How a page's records are laid out, in a page that is not taken over yet otherwise than in new ones. */
  layoutOf(shard: number, page: number): number {
    return this.pages.stalePages === 0 ? this.context.log.layout : this.pages.layoutOf(shard, page);
  }

  /** Whether pages may be laid out otherwise than new ones. */
  get hasStale(): boolean {
    return this.pages.stalePages > 0;
  }

  /** Whether there are records that the policy does not know. */
  get hasUnknown(): boolean {
    return this.pages.stalePages > 0 && this.policy.mustLearn;
  }

  isUnknown(shard: number, page: number): boolean {
    return this.hasUnknown && this.pages.isStale(shard, page);
  }

  /** Offers the oldest records of stale pages, shard by shard. */
  private evictUnknown(maxEntries: number, visit: VictimVisitor): number {
    const { partitionCount, evictable } = this.context;
    let victims = 0;
    for (let passed = 0; passed < partitionCount && victims < maxEntries; passed++) {
      this.staleTurn = (this.staleTurn + 1) % partitionCount;
      if (evictable[this.staleTurn] === 0) continue;
      for (let queue = 0; queue < QUEUES && victims < maxEntries; queue++) {
        if (this.offerOldest(this.staleTurn, queue, visit)) victims++;
      }
    }
    return victims;
  }

  private offerOldest(partition: number, queue: number, visit: VictimVisitor): boolean {
    const { order, log } = this.context;
    const shard = partition * SHARD_WORDS;
    const address = order.first(shard, queue);
    if (address < 0 || !this.pages.isStale(shard, address >>> PAGE_SHIFT)) return false;
    log.locate(shard, address);
    if (this.options.scope === 'volatile' && (log.bytes[log.at] & EXPIRY_FLAG) === 0) return false;
    visit(partition, log.ref);
    return true;
  }

  /** Makes a policy, and stale what it does not know; takes no longer than looking at every page's row. */
  private install(options: PolicyOptions): EvictionPolicy {
    const { context, pages } = this;
    const { log } = context;
    const policy = POLICIES[options.name].create(context, options);
    const shardsEnd = context.partitionCount * SHARD_WORDS;
    const layout = layoutFor(policy.layout, this.keepsTimes);
    const begins = policy.mustLearn || layout !== log.layout;
    log.layout = layout;
    pages.maxPages = policy.maxPages;
    for (let shard = 0; shard < shardsEnd; shard += SHARD_WORDS) {
      if (begins || !policy.usesBothQueues) log.closePages(shard);
      if (!policy.usesBothQueues) pages.joinQueues(shard);
      for (let page = 0; page < log.pageCount(shard); page++) {
        if (log.memoryOf(shard, page) === 0) continue;
        pages.setStale(shard, page, policy.mustLearn || pages.layoutOf(shard, page) !== layout);
        pages.setLoose(shard, page, false);
      }
    }
    return policy;
  }
}
