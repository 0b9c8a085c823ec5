/**
 * What the end of a replay means. Before a place that is known to have been durable it is damage; elsewhere it is what a crash
 * leaves of what was being written, and is cut. Known is what the manifest, the checkpoints and the batches behind the place say.
 */
import type { FoundSegment } from './log-folder.js';
import { isBefore, type LogPosition } from './log-position.js';
import type { ReplayStop } from './log-replay.js';

export interface ReplayEnd {
  readonly kind: 'whole' | 'cut' | 'damaged' | 'missing';
  /** What lies behind this place does not count. */
  readonly at: LogPosition;
  readonly problem: string;
}

/**
 * `end` is how far the log was replayed, `known` what was durable, `proof` what batches behind the stop say of that.
 * `isSuperseded`: a later checkpoint counted than the one with which the replay began.
 */
export function judge(
  stop: ReplayStop | undefined,
  end: LogPosition,
  known: LogPosition,
  proof: LogPosition | undefined,
  isSuperseded: boolean,
): ReplayEnd {
  if (stop === undefined) {
    if (!isBefore(end, known)) return { kind: 'whole', at: end, problem: '' };
    const problem = `the log ends here, and was durable up to byte ${known.bytes} of segment ${known.segment}`;
    return { kind: 'damaged', at: end, problem };
  }
  const { reason, at, problem } = stop;
  if (reason === 'missing') return { kind: 'missing', at, problem };
  const isHealed = reason === 'detached' && isSuperseded;
  const wasDurable = reason === 'refused' || isHealed || isBefore(at, known) || proof !== undefined;
  return { kind: wasDurable ? 'damaged' : 'cut', at, problem };
}

/** Whether batches behind the stop can prove anything: those of a detached segment speak of themselves alone. */
export function needsProof(stop: ReplayStop | undefined, known: LogPosition): boolean {
  return stop?.reason === 'fault' && !isBefore(stop.at, known);
}

/** The segments that count, up to the last one that has anything in it. */
export function segmentsFrom(first: number, segments: readonly FoundSegment[]): readonly FoundSegment[] {
  const last = segments.findLastIndex(({ fileBytes }) => fileBytes > 0);
  return segments.slice(0, last + 1).filter(({ number }) => number >= first);
}
