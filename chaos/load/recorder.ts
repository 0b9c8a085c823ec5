/** Writes the history down while it happens, and counts. Times are milliseconds of the monotonic clock since the run began. */
import { History } from '#libs/linearizability';
import type { Classified } from './classify.js';
import type { ChaosOperationKind, Operation } from './operation.js';

export interface Counts {
  ok: number;
  failed: number;
  unknown: number;
}

/** More defects than these are counted and not shown. */
const MAX_DEFECTS_SHOWN = 10;

export class Recorder {
  readonly history = new History();
  readonly counts = new Map<ChaosOperationKind, Counts>();
  /** How often an operation was not ok, by what came instead of a result. */
  readonly reasons = new Map<string, number>();
  readonly defects: string[] = [];
  private readonly operations = new Map<number, Operation>();
  private clients = 0;
  private readonly startedMs = performance.now();

  nowMs(): number {
    return performance.now() - this.startedMs;
  }

  /** A client of the history is one connection: what it sent in order happens in order. */
  newClient(): number {
    return this.clients++;
  }

  /** To be called before a byte of it is sent. */
  invoke(client: number, operation: Operation): number {
    const { kind, key, argument } = operation;
    const id = this.history.invoke(client, kind, key, argument, this.nowMs());
    this.operations.set(id, operation);
    return id;
  }

  complete(id: number, { outcome, result, reason, defect }: Classified): void {
    const operation = this.operations.get(id);
    if (operation === undefined) throw new RangeError(`operation ${id} does not run`);
    this.operations.delete(id);
    this.history.complete(id, outcome, result, this.nowMs());
    this.countsOf(operation.kind)[outcome]++;
    if (reason !== undefined) this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + 1);
    if (defect === undefined) return;
    if (this.defects.length < MAX_DEFECTS_SHOWN)
      this.defects.push(`${defect} (${operation.kind} ${operation.key}, #${id})`);
  }

  private countsOf(kind: ChaosOperationKind): Counts {
    const known = this.counts.get(kind);
    if (known !== undefined) return known;
    const counts = { ok: 0, failed: 0, unknown: 0 };
    this.counts.set(kind, counts);
    return counts;
  }
}
