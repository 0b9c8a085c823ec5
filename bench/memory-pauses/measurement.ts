/**
 * What the memory-pauses suite finds: how long single operations of the engine take while it grows, evicts and expires.
 *
 * Every phase runs several times with exactly the same operations. What an operation takes in every run is its own;
 * what it takes in one of them only is the machine's, which gave the processor to somebody else. So the shortest time
 * of each operation over the runs is what the engine can be blamed for.
 */

export const PHASES = ['growth', 'eviction', 'expiry'] as const;
export type PhaseName = (typeof PHASES)[number];

export interface PauseJob {
  readonly phase: PhaseName;
  /** Keys that are inserted, or that expire. */
  readonly keys: number;
  /** Of the store that evicts, and sets that are measured when it is full. */
  readonly limitBytes: number;
  readonly operations: number;
  readonly rounds: number;
}

export interface Latency {
  readonly p50Us: number;
  readonly p999Us: number;
  readonly largestUs: number;
}

export interface Pauses {
  readonly phase: PhaseName;
  readonly operations: number;
  /** Of all rounds, without operations during which the garbage was collected. */
  readonly outsideGc: Latency;
  /** Of each operation's shortest time over the rounds. */
  readonly recurring: Latency;
  /** Over all rounds. */
  readonly duringGc: { readonly operations: number; readonly largestUs: number };
}

/**
 * Times in microseconds, one array per round, all of the same length; an operation during a garbage collection has its
 * time negated.
 */
export function pausesOf(phase: PhaseName, rounds: readonly Float32Array[]): Pauses {
  const operations = rounds[0].length;
  const outside = new Float32Array(operations * rounds.length);
  const recurring = new Float32Array(operations);
  let outsideGc = 0;
  let inGc = 0;
  let largestInGc = 0;
  for (let i = 0; i < operations; i++) {
    let shortest = Infinity;
    for (const times of rounds) {
      shortest = Math.min(shortest, Math.abs(times[i]));
      if (times[i] >= 0) {
        outside[outsideGc++] = times[i];
        continue;
      }
      inGc++;
      largestInGc = Math.max(largestInGc, -times[i]);
    }
    recurring[i] = shortest;
  }
  return {
    phase,
    operations,
    outsideGc: latencyOf(outside.subarray(0, outsideGc)),
    recurring: latencyOf(recurring),
    duringGc: { operations: inGc, largestUs: largestInGc },
  };
}

/** By nearest rank. Sorts the times. */
export function latencyOf(times: Float32Array): Latency {
  if (times.length === 0) throw new RangeError('latency of no operations');
  times.sort();
  const at = (share: number): number => times[Math.max(Math.ceil(share * times.length) - 1, 0)];
  return { p50Us: at(0.5), p999Us: at(0.999), largestUs: at(1) };
}
