/**
 * The policy that is in force, as the rest of the engine sees it. A change of policy does not touch the records: the pages
 * that the new one must first learn, or that are laid out for another, become stale, and it hears nothing of what lies
 * in a stale page.
 */
import type { PageTable } from './page-table.js';
import type { EvictionPolicy, VictimVisitor } from './policies/eviction-policy.js';
import type { PolicyContext } from './policies/policy-context.js';
import { POLICIES, type PolicyOptions } from './policies/registry.js';
import { PAGE_SHIFT } from './record-log.js';
import { SHARD_WORDS } from './shard-state.js';

export class PolicySeat {
  /** The latest time that the engine has heard of, in milliseconds since 1970. */
  nowMs = 0;
  options: PolicyOptions;
  private policy: EvictionPolicy;
  private readonly pages: PageTable;

  constructor(
    private readonly context: PolicyContext,
    options: PolicyOptions,
  ) {
    this.pages = context.pages;
    this.options = options;
    this.policy = this.install(options);
  }

  change(options: PolicyOptions): void {
    this.options = options;
    this.policy = this.install(options);
  }

  inserted(shard: number, address: number, bytes: Uint8Array, at: number): void {
    this.policy.inserted(shard, address, bytes, at, this.nowMs);
  }

  /** A record in a page that is known not to be stale was used. */
  hit(bytes: Uint8Array, at: number): void {
    this.policy.hit(bytes, at, this.nowMs);
  }

  removing(shard: number, address: number, bytes: Uint8Array, at: number): void {
    if (!this.isStale(shard, address >>> PAGE_SHIFT)) this.policy.removing(shard, address, bytes, at);
  }

  pageMoved(shard: number, page: number, target: number, from: number, offsets: Uint16Array): void {
    if (!this.isStale(shard, page)) this.policy.pageMoved(shard, page, target, from, offsets);
  }

  evict(maxEntries: number, visit: VictimVisitor): number {
    return this.policy.evict(maxEntries, this.nowMs, visit);
  }

  get hasStale(): boolean {
    return this.pages.stalePages > 0;
  }

  isStale(shard: number, page: number): boolean {
    return this.pages.stalePages > 0 && this.pages.isStale(shard, page);
  }

  /** Makes a policy, and stale what it does not know; takes no longer than looking at every page's row. */
  private install(options: PolicyOptions): EvictionPolicy {
    const { context, pages } = this;
    const { log } = context;
    const policy = POLICIES[options.name].create(context, options);
    const shardsEnd = context.partitionCount * SHARD_WORDS;
    if (policy.mustLearn || policy.layout !== log.layout) {
      for (let shard = 0; shard < shardsEnd; shard += SHARD_WORDS) log.closePages(shard);
    }
    log.layout = policy.layout;
    for (let shard = 0; shard < shardsEnd; shard += SHARD_WORDS) {
      for (let page = 0; page < log.pageCount(shard); page++) {
        if (log.memoryOf(shard, page) === 0) continue;
        pages.setStale(shard, page, policy.mustLearn || pages.layoutOf(shard, page) !== policy.layout);
      }
    }
    return policy;
  }
}
