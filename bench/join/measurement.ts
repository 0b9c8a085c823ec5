/** What the suite has found. */
import type { LoadFailures, LoadWindow } from '../lib/load/load-results.js';

/** A time in which partitions move. */
export interface MovingPhase {
  readonly name: 'join' | 'drain';
  /** From the event that began it to that of the last move. */
  readonly tookMs: number;
  readonly moves: number;
  readonly abortedMoves: number;
  /** The median time from a move's start to its end: so long the partition's operations wait. */
  readonly moveMs: number;
  /** Partitions of the nodes that share them afterwards. */
  readonly shares: readonly number[];
  readonly latencies: LoadWindow;
}

export interface JoinMeasurement {
  /** Operations a second. */
  readonly peak: number;
  readonly rate: number;
  readonly quiet: LoadWindow;
  readonly phases: readonly MovingPhase[];
  readonly failures: LoadFailures & { readonly unknownWrites: number };
}
