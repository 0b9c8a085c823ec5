/** What the memory-churn suite finds. Fill: the share of the limit that entries and index need, what is reclaimable left out. */

export interface ChurnJob {
  readonly limitBytes: number;
  readonly fill: number;
  /** Sets and removals that are measured, after the store has been filled and written over once. */
  readonly operations: number;
  /** Go on until so much time has passed. */
  readonly minutes: number;
}

export interface Churn {
  readonly fill: number;
  readonly operations: number;
  readonly writtenBytes: number;
  /** Bytes that cleaning moved per byte that was written. */
  readonly movedPerWritten: number;
  /** Of the memory taken from the process, the largest and last of some hundred readings. */
  readonly fragmentation: { readonly worst: number; readonly last: number };
  readonly reclaimable: { readonly worst: number; readonly last: number };
  /** The largest reading of all memory taken from the process, as a share of the limit. */
  readonly reserved: number;
  /** Sets that found no room, and were repeated after a removal. */
  readonly refusals: number;
  /** Resident memory: once a second at most. */
  readonly resident: readonly ResidentReading[];
}

export interface ResidentReading {
  readonly seconds: number;
  readonly bytes: number;
}

export const GOAL_FRAGMENTATION = 0.01;

/** Growth of the resident memory over the second half of the run: largest reading there beside the largest before. */
export function residentGrowth(readings: readonly ResidentReading[]): number | undefined {
  const half = readings.length >>> 1;
  if (half === 0) return undefined;
  const peak = (part: readonly ResidentReading[]): number => Math.max(...part.map(({ bytes }) => bytes));
  return peak(readings.slice(half)) / peak(readings.slice(0, half)) - 1;
}
