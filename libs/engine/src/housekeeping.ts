/**
 * What a store does beside its operations so that its memory follows what is stored: cleans pages, frees the nodes of
 * collections that are gone, takes pages over for another policy. Each step is bounded.
 */
import type { OwnedTrees } from './collections/owned-trees.js';
import type { PageAdopter } from './page-adopter.js';
import type { PassedPages } from './passed-pages.js';
import type { PageCleaner } from './page-cleaner.js';
import type { PressureGauge } from './pressure.js';
import type { RecordLog } from './record-log.js';

/** Pages that one operation may clean before it is refused, and what each must give back then. */
const MAX_CLEANINGS = 16;
const MIN_GAIN_BYTES = 128;
/** When a quarter of the log is idle, beyond a page or so per shard, every change cleans a page that gives back so much. */
const IDLE_SHARE = 4;
const IDLE_SLACK_BYTES = 1024 * 1024;
const EAGER_GAIN_BYTES = 2048;
/**
 * Evictions after which a page is cleaned that gives back so much, at the highest pressure only: the emptier pages have
 * become, the less cleaning moves, and what a hand passes often empties by itself.
 */
const EVICTIONS_PER_CLEANING = 8;
const EVICTION_GAIN_BYTES = 1024;
/** What a page must give back that a hand has left, to be cleaned at once. */
const PASSED_GAIN_BYTES = 768;
/** Pages that are taken over for a new policy by each call that evicts, and by each change. */
const ADOPTIONS_PER_EVICTION = 4;
/** Nodes of released collections whose freeing takes about as long as cleaning a page. */
const NODES_PER_PAGE = 16;

export class Housekeeping {
  /** Since a page was cleaned for them. */
  private evictions = 0;

  constructor(
    private readonly log: RecordLog,
    private readonly cleaner: PageCleaner,
    private readonly adopter: PageAdopter,
    private readonly gauge: PressureGauge,
    private readonly trees: OwnedTrees,
    private readonly passed: PassedPages,
  ) {}

  /** After memory has refused a change so many times: whether something was given back, and it may try again. */
  makeRoom(refusals: number): boolean {
    if (refusals >= MAX_CLEANINGS) return false;
    return this.trees.reclaim(NODES_PER_PAGE) > 0 || this.cleaner.step(MIN_GAIN_BYTES);
  }

  /** After a change that has stored something. */
  afterChange(): void {
    const { log } = this;
    this.adopter.step();
    if ((log.idleBytes - IDLE_SLACK_BYTES) * IDLE_SHARE > log.usedBytes) this.cleaner.step(EAGER_GAIN_BYTES);
  }

  beforeEvictions(): void {
    for (let left = ADOPTIONS_PER_EVICTION; left > 0 && this.adopter.step(); left--);
  }

  afterEvictions(victims: number): void {
    const { passed, cleaner } = this;
    while (passed.take() && !cleaner.cleanPage(passed.shard, passed.page, PASSED_GAIN_BYTES));
    this.evictions += victims;
    for (; this.evictions >= EVICTIONS_PER_CLEANING; this.evictions -= EVICTIONS_PER_CLEANING) {
      if (this.gauge.usedPressure === 3) this.cleaner.step(EVICTION_GAIN_BYTES);
    }
  }

  /** See StoreEngine.reclaim. */
  reclaim(maxPages: number): number {
    let done = 0;
    while (done < maxPages && this.trees.reclaim(NODES_PER_PAGE) > 0) done++;
    while (done < maxPages && this.adopter.step()) done++;
    while (done < maxPages && this.cleaner.step(EAGER_GAIN_BYTES)) done++;
    return done;
  }
}
