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
 * Evictions after which a page is cleaned: one that a hand has left, if it gives back the first number. At the highest
 * pressure otherwise any that gives back the second one: the emptier pages have become, the less cleaning moves.
 */
const EVICTIONS_PER_CLEANING = 8;
const PASSED_GAIN_BYTES = 768;
const EVICTION_GAIN_BYTES = 1024;
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
    this.evictions += victims;
    for (; this.evictions >= EVICTIONS_PER_CLEANING; this.evictions -= EVICTIONS_PER_CLEANING) {
      if (this.cleanPassed() || this.gauge.usedPressure < 3) continue;
      this.cleaner.step(EVICTION_GAIN_BYTES);
    }
  }

  /** Cleans a page that a hand has left, if there is one worth it. */
  private cleanPassed(): boolean {
    const { passed, cleaner } = this;
    while (passed.take()) if (cleaner.cleanPage(passed.shard, passed.page, PASSED_GAIN_BYTES)) return true;
    return false;
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
