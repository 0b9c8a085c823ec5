/**
 * What must hold of owners and primaries at every moment, checked after every step of every node against what all of
 * them have ever said. The checks look at nodes from outside and share no code with them. Promises are counted by the
 * clock of the machine that gave them, which goes on while its process does not.
 */
import { OWNERSHIP_TIMES } from '#libs/ownership';
import { must } from '../raft/safety-checks.js';
import type { ModelRecord } from './model-log.js';

/** Rounding of clocks. */
const EPSILON_MS = 1e-6;

interface Promised {
  readonly epoch: number;
  readonly untilMs: number;
}

/** One machine as the checks see it. */
export interface Subject {
  readonly number: number;
  /** Of its processes, one after the other. */
  readonly life: number;
  /** Of its own clock, which no restart sets back. */
  readonly hardwareMs: number;
}

/** A primary that says that it may answer reads. */
export interface Reader {
  readonly machine: number;
  readonly epoch: number;
  readonly owners: readonly Subject[];
  /** What it has committed. */
  readonly commit: number;
}

export class OwnershipChecks {
  /** Times at which a reader was looked at. */
  reads = 0;
  serving = 0;
  private readonly committed: ModelRecord[][];
  private readonly primaries = new Map<string, string>();
  /** By owner and partition: what binds it. */
  private readonly promises = new Map<string, Promised[]>();
  private readonly answered = new Map<string, number>();
  private readonly bound = new Map<string, number>();

  constructor(readonly partitions: number) {
    this.committed = Array.from({ length: partitions }, () => []);
  }

  committedCount(partition: number): number {
    return this.committed[partition].length;
  }

  /** An owner acknowledges, and so promises. */
  onGranted({ number, hardwareMs }: Subject, partition: number, epoch: number): void {
    const key = `${number} ${partition}`;
    const sealed = this.bound.get(key) ?? 0;
    must(epoch >= sealed, `${number} acknowledges epoch ${epoch} of ${partition} after it was bound to ${sealed}`);
    const promises = (this.promises.get(key) ?? []).filter((p) => p.epoch !== epoch && p.untilMs > hardwareMs);
    promises.push({ epoch, untilMs: hardwareMs + OWNERSHIP_TIMES.leaseMs });
    this.promises.set(key, promises);
    this.bound.set(key, Math.max(sealed, epoch));
  }

  /** An owner answers that it has sealed: all that it promised to primaries before has run out. */
  onSealAnswered({ number, hardwareMs }: Subject, partition: number, epoch: number): void {
    const key = `${number} ${partition}`;
    for (const { epoch: earlier, untilMs } of this.promises.get(key) ?? []) {
      const isOver = earlier >= epoch || untilMs <= hardwareMs + EPSILON_MS;
      must(isOver, `${number} seals epoch ${epoch} of ${partition} while its promise to ${earlier} is alive`);
    }
    this.answered.set(key, Math.max(this.answered.get(key) ?? 0, epoch));
    this.bound.set(key, Math.max(this.bound.get(key) ?? 0, epoch));
  }

  /** What an owner has told others of its epoch binds it for ever. */
  checkSealed(number: number, partition: number, epoch: number): void {
    const bound = this.bound.get(`${number} ${partition}`) ?? 0;
    must(epoch >= bound, `${number}: sealed epoch of ${partition} falls from ${bound} to ${epoch}`);
  }

  /** A primary begins to serve: the only one of its epoch, with everything that was ever committed. */
  onServing({ number, life }: Subject, partition: number, epoch: number, log: readonly ModelRecord[]): void {
    this.serving++;
    const who = `${number}, life ${life}`;
    const key = `${partition} ${epoch}`;
    const other = this.primaries.get(key) ?? who;
    must(other === who, `epoch ${epoch} of ${partition} has two primaries: ${other} and ${who}`);
    this.primaries.set(key, who);
    this.checkHas(number, partition, log, `serves epoch ${epoch}`, 0, this.committed[partition].length);
  }

  /** A primary counts the records from `before` to `sequence` as committed, which are the same everywhere and stay. */
  onCommitted(number: number, partition: number, before: number, sequence: number, log: readonly ModelRecord[]): void {
    const known = this.committed[partition];
    for (let at = known.length; at < sequence; at++) known.push(log[at]);
    this.checkHas(number, partition, log, 'commits', before, sequence);
  }

  /** After each step, with all that may read now. */
  checkReaders(partition: number, readers: readonly Reader[]): void {
    if (readers.length > 1) {
      const all = readers.map(({ machine, epoch }) => `${machine} in epoch ${epoch}`).join(' and ');
      must(false, `two may answer reads of ${partition}: ${all}`);
    }
    for (const { machine, epoch, owners, commit } of readers) {
      this.reads++;
      const count = this.committed[partition].length;
      must(commit >= count, `${machine} reads ${partition} up to ${commit}, ${count} are committed`);
      const keeps = owners.filter((owner) => this.keepsPromise(owner, machine, partition, epoch)).length;
      const isMajority = keeps > owners.length / 2;
      must(
        isMajority,
        `${machine} reads ${partition} by a lease of ${keeps} of ${owners.length} owners in epoch ${epoch}`,
      );
    }
  }

  private keepsPromise({ number, hardwareMs }: Subject, reader: number, partition: number, epoch: number): boolean {
    const key = `${number} ${partition}`;
    if ((this.answered.get(key) ?? 0) > epoch) return false;
    if (number === reader) return true;
    return (this.promises.get(key) ?? []).some((p) => p.epoch === epoch && p.untilMs > hardwareMs - EPSILON_MS);
  }

  private checkHas(
    number: number,
    partition: number,
    log: readonly ModelRecord[],
    what: string,
    from: number,
    to: number,
  ): void {
    for (let at = from; at < to; at++) {
      const record = this.committed[partition][at];
      const own = log[at];
      const isSame = own !== undefined && own.epoch === record.epoch && own.value === record.value;
      must(isSame, `${number} ${what} of ${partition} without the committed record ${at + 1} of epoch ${record.epoch}`);
    }
  }
}
