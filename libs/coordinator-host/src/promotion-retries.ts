/**
 * Candidates that could not begin their epoch, and when another one is tried. The first failure of a partition is followed at once,
 * since most have a cause that the next candidate does not share; after that each waits twice as long as the one before, so
 * that a partition whose owners cannot agree costs next to nothing.
 */
import type { PromotionFailed } from '#libs/cluster';
import { COORDINATOR_BOUNDS } from './bounds.js';

const { firstRetryMs, longestRetryMs, forgetFailuresMs, maxTriedOwners } = COORDINATOR_BOUNDS;

interface Failures {
  epoch: number;
  count: number;
  /** Node ids, the one that failed first in front. */
  tried: readonly string[];
  heardAtMs: number;
  dueMs: number;
  isPending: boolean;
}

export interface DueRetry {
  readonly partition: number;
  readonly epoch: number;
  readonly tried: readonly string[];
}

export class PromotionRetries {
  /** By partition; as many as there are partitions. */
  private readonly failures = new Map<number, Failures>();

  /** What is heard again before it is due counts once. */
  failed({ partition, epoch }: PromotionFailed, nodeId: string, nowMs: number): void {
    const known = this.failures.get(partition);
    if (known?.epoch === epoch && known.isPending) return;
    const isSeries = known !== undefined && nowMs - known.heardAtMs < forgetFailuresMs;
    const count = isSeries ? known.count + 1 : 1;
    const tried = [...(isSeries ? known.tried : []).filter((other) => other !== nodeId), nodeId].slice(-maxTriedOwners);
    this.failures.set(partition, {
      epoch,
      count,
      tried,
      heardAtMs: nowMs,
      dueMs: nowMs + delayMs(count),
      isPending: true,
    });
  }

  /** Each is handed out once. */
  due(nowMs: number): readonly DueRetry[] {
    const due: DueRetry[] = [];
    for (const [partition, failures] of this.failures) {
      if (failures.isPending && nowMs >= failures.dueMs) {
        failures.isPending = false;
        due.push({ partition, epoch: failures.epoch, tried: failures.tried });
      } else if (!failures.isPending && nowMs - failures.heardAtMs >= forgetFailuresMs) {
        this.failures.delete(partition);
      }
    }
    return due;
  }
}

function delayMs(count: number): number {
  return count === 1 ? 0 : Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(count - 2, 20));
}
