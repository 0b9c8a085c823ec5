/** Replication of one partition on one machine: what an owner takes, and what a primary sends and commits. */
import { type OwnershipNode, type Position, type TailRequest } from '#libs/ownership';
import { ModelLog } from './model-log.js';
import type { ModelMessage, ModelMessageOf } from './model-messages.js';

/** Records in one append. */
const MOST_RECORDS = 64;

export interface ShardSurroundings {
  readonly number: number;
  /** By the machine's clock. */
  readonly nowMs: number;
  readonly node: OwnershipNode;
  send(to: number, message: ModelMessage): void;
  /** Answers once the disk has everything up to now. */
  sync(log: ModelLog, done: () => void): void;
  /** The node's acknowledgement, of which the checks hear. */
  acknowledge(partition: number, epoch: number): boolean;
  /** As primary: the records behind `before`, up to `sequence`, which a new primary counts from 0. */
  committed(partition: number, before: number, sequence: number): void;
}

interface Primary {
  readonly epoch: number;
  readonly owners: readonly number[];
  /** By owner: how far its log is certainly this one, and from where it gets the next records. */
  readonly matched: Map<number, number>;
  readonly next: Map<number, number>;
  readonly startedAt: number;
  commit: number;
}

export class ModelShard {
  readonly log = new ModelLog();
  private primary: Primary | undefined;
  private fetching: TailRequest | undefined;

  constructor(
    private readonly here: ShardSurroundings,
    private readonly partition: number,
  ) {}

  /** What this machine, as primary of the epoch, has committed. */
  commitIn(epoch: number): number {
    return this.primary?.epoch === epoch ? this.primary.commit : 0;
  }

  get epoch(): number {
    return this.primary?.epoch ?? 0;
  }

  get owners(): readonly number[] {
    return this.primary?.owners ?? [];
  }

  crash(): void {
    this.log.crash();
    this.primary = undefined;
    this.fetching = undefined;
  }

  fetch(tail: TailRequest): void {
    this.fetching = tail;
    this.here.send(Number(tail.from), { kind: 'fetch', tail });
  }

  onFetch(from: number, { tail }: ModelMessageOf<'fetch'>): void {
    const { epoch, upTo } = tail;
    const { records } = this.log;
    const isHere = upTo.sequence <= records.length && this.log.positionAt(upTo.sequence).epoch === upTo.epoch;
    const isMine = this.here.node.sealedEpoch(this.partition) === epoch;
    this.here.send(from, {
      kind: 'tail',
      tail,
      records: isHere && isMine ? records.slice(0, upTo.sequence) : undefined,
    });
  }

  onTail({ tail, records }: ModelMessageOf<'tail'>): void {
    const { node, nowMs } = this.here;
    const { partition } = this;
    const { epoch, attempt } = tail;
    const isAsked = this.fetching?.epoch === epoch && this.fetching.attempt === attempt;
    if (!isAsked || node.sealedEpoch(partition) !== epoch) return;
    this.fetching = undefined;
    if (records === undefined) return node.onTail(partition, epoch, attempt, false, nowMs);
    this.log.replace(records);
    this.here.sync(this.log, () => node.onTail(partition, epoch, attempt, true, this.here.nowMs));
  }

  /** This machine leads the epoch from now on. */
  lead(epoch: number, owners: readonly number[]): void {
    this.primary = {
      epoch,
      owners,
      matched: new Map(),
      next: new Map(owners.map((owner) => [owner, this.log.records.length])),
      startedAt: this.log.records.length + 1,
      commit: 0,
    };
    this.append(0);
  }

  resign(epoch: number): void {
    if (this.primary?.epoch === epoch) this.primary = undefined;
  }

  /** As primary: a record of the next value. */
  append(value: number): void {
    const { primary, here, partition } = this;
    if (primary === undefined) return;
    const { epoch } = primary;
    this.log.add({ epoch, value });
    const sequence = this.log.records.length;
    const sentAtMs = here.nowMs;
    here.sync(this.log, () => {
      if (this.primary?.epoch !== epoch || !here.acknowledge(partition, epoch)) return;
      this.onMatched(here.number, sequence, sentAtMs);
    });
    this.replicate();
  }

  /** As primary: what owners lack, and the proof of life that an append without records is. */
  replicate(): void {
    const { primary, here, partition } = this;
    if (primary === undefined) return;
    for (const owner of primary.owners) {
      if (owner === here.number) continue;
      const from = Math.min(primary.next.get(owner) ?? 0, this.log.records.length);
      const prev: Position = this.log.positionAt(from);
      const records = this.log.records.slice(from, from + MOST_RECORDS);
      here.send(owner, { kind: 'append', partition, epoch: primary.epoch, prev, records, sentAtMs: here.nowMs });
    }
  }

  onAppend(from: number, { epoch, prev, records, sentAtMs }: ModelMessageOf<'append'>): void {
    const { here, partition, log } = this;
    const verdict = here.node.admits(partition, epoch);
    if (verdict === 'refused') {
      return here.send(from, { kind: 'refused', partition, epoch, sealedEpoch: here.node.sealedEpoch(partition) });
    }
    if (verdict === 'unsaved') return;
    if (!log.take(prev, records)) {
      const sequence = Math.max(0, Math.min(log.records.length, prev.sequence - 1));
      return here.send(from, { kind: 'mismatch', partition, epoch, sequence });
    }
    const sequence = prev.sequence + records.length;
    here.sync(log, () => {
      if (here.acknowledge(partition, epoch))
        here.send(from, { kind: 'appended', partition, epoch, sequence, sentAtMs });
    });
  }

  onAppended(from: number, { epoch, sequence, sentAtMs }: ModelMessageOf<'appended'>): void {
    if (this.primary?.epoch === epoch) this.onMatched(from, sequence, sentAtMs);
  }

  onMismatch(from: number, { epoch, sequence }: ModelMessageOf<'mismatch'>): void {
    if (this.primary?.epoch === epoch) this.primary.next.set(from, sequence);
  }

  private onMatched(owner: number, sequence: number, sentAtMs: number): void {
    const { here, partition } = this;
    const primary = this.primary as Primary;
    const { epoch, matched, next } = primary;
    here.node.onAcknowledged(partition, epoch, String(owner), sentAtMs, here.nowMs);
    matched.set(owner, Math.max(matched.get(owner) ?? 0, sequence));
    next.set(owner, Math.max(next.get(owner) ?? 0, sequence));
    const all = primary.owners.map((each) => matched.get(each) ?? 0).sort((a, b) => b - a);
    const commit = all[primary.owners.length >>> 1];
    if (commit <= primary.commit || this.log.records[commit - 1].epoch !== epoch) return;
    here.committed(partition, primary.commit, commit);
    primary.commit = commit;
    if (commit >= primary.startedAt) here.node.onStarted(partition, epoch);
  }
}
