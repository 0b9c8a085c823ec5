/** How near its limit a store is. */
import { assert } from '#libs/kernel';
import type { MemoryBudget } from './memory-budget.js';
import type { RecordLog } from './record-log.js';

/**
 * 0: there is room. 1: idle memory should be cleaned. 2: entries should be evicted in the background. 3: a write should
 * evict what it needs before it is accepted.
 */
export type Pressure = 0 | 1 | 2 | 3;

const DEFAULT_PERCENTS = [85, 90, 95] as const;

export class PressureGauge {
  constructor(
    private readonly budget: MemoryBudget,
    private readonly log: RecordLog,
    private readonly percents: readonly [number, number, number] = DEFAULT_PERCENTS,
  ) {
    const [clean, evict, refuse] = percents;
    assert(clean > 0 && clean <= evict && evict <= refuse && refuse <= 100, 'pressure percents out of order');
  }

  /**
   * From level 2 on without what cleaning can give back: evicting more while that waits to be cleaned would empty
   * the store.
   */
  get pressure(): Pressure {
    const used = this.usedPressure;
    if (used < 2) return used;
    const live = this.levelOf(this.budget.usedBytes - this.log.idleBytes);
    return live < 2 ? 1 : live;
  }

  /** The level of all used bytes. */
  get usedPressure(): Pressure {
    return this.levelOf(this.budget.usedBytes);
  }

  private levelOf(bytes: number): Pressure {
    const percent = (bytes / this.budget.limitBytes) * 100;
    const [clean, evict, refuse] = this.percents;
    if (!(percent >= clean)) return 0;
    if (percent < evict) return 1;
    return percent < refuse ? 2 : 3;
  }
}
