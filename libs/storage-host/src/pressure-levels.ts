import { assert } from '#libs/kernel';

/** From which share of its memory on something is done about a store; percentages, each above the one before. */
export interface PressureLevels {
  /** The space of removed entries is reclaimed without waiting. */
  readonly cleanPercent: number;
  /** Entries are evicted in the background, in bounded steps. */
  readonly evictPercent: number;
  /** A write evicts what it needs before it is accepted. */
  readonly backPressurePercent: number;
}

export const PRESSURE_LEVELS: PressureLevels = { cleanPercent: 85, evictPercent: 90, backPressurePercent: 95 };

/** 0 none, 1 cleaning, 2 evicting, 3 back-pressure. */
export type Pressure = 0 | 1 | 2 | 3;

/** A store's levels as bytes, so that the hot path compares two numbers. */
export class PressureMarks {
  cleanBytes = Infinity;
  evictBytes = Infinity;
  backPressureBytes = Infinity;
  /** Where the node's stores are to be looked at: others may use what the store is about to need. */
  relieveBytes = Infinity;

  /** `limitBytes`: what it may use at once, less than `memoryBytes` until others have given back the rest. */
  set(memoryBytes: number, limitBytes: number, levels: PressureLevels): void {
    this.cleanBytes = shareOf(memoryBytes, levels.cleanPercent);
    this.evictBytes = shareOf(memoryBytes, levels.evictPercent);
    this.relieveBytes = Math.min(this.evictBytes, shareOf(limitBytes, levels.evictPercent));
    this.backPressureBytes = shareOf(memoryBytes, levels.backPressurePercent);
  }

  pressureAt(usedBytes: number): Pressure {
    if (usedBytes >= this.backPressureBytes) return 3;
    if (usedBytes >= this.evictBytes) return 2;
    return usedBytes >= this.cleanBytes ? 1 : 0;
  }
}

export function checkLevels({ cleanPercent, evictPercent, backPressurePercent }: PressureLevels): void {
  assert(cleanPercent > 0 && cleanPercent < evictPercent, 'cleaning must begin before evicting');
  assert(evictPercent < backPressurePercent && backPressurePercent <= 100, 'evicting must begin before back-pressure');
}

function shareOf(bytes: number, percent: number): number {
  return Math.floor((bytes * percent) / 100);
}
