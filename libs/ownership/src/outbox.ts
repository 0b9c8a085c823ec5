import { OWNERSHIP_BOUNDS } from './bounds.js';
import { encodeOwnership } from './message-encoder.js';
import type { RenewAnswer, RenewRequest, SealAnswer, SealRequest } from './messages.js';

export interface OutgoingFrame {
  readonly to: string;
  readonly frame: Uint8Array;
}

type Batch<T> = Map<string, Map<number, T>>;
interface Renewals<T> {
  readonly round: number;
  readonly records: Map<number, T>;
}

const NOTHING: readonly OutgoingFrame[] = [];

/** Gathers what goes to the same node, so that one frame carries many partitions; of one partition, the last word. */
export class Outbox {
  private readonly seals: Batch<SealRequest> = new Map();
  private readonly sealed: Batch<SealAnswer> = new Map();
  private readonly renewals = new Map<string, Renewals<RenewRequest>>();
  private readonly granted = new Map<string, Renewals<RenewAnswer>[]>();

  constructor(private readonly self: string) {}

  private get isEmpty(): boolean {
    return this.seals.size + this.sealed.size + this.renewals.size + this.granted.size === 0;
  }

  seal(to: string, record: SealRequest): void {
    put(this.seals, to, record);
  }

  answerSeal(to: string, record: SealAnswer): void {
    put(this.sealed, to, record);
  }

  renew(to: string, round: number, record: RenewRequest): void {
    let batch = this.renewals.get(to);
    if (batch === undefined || batch.round !== round) this.renewals.set(to, (batch = { round, records: new Map() }));
    batch.records.set(record.partition, record);
  }

  answerRenewals(to: string, round: number, records: readonly RenewAnswer[]): void {
    if (records.length === 0) return;
    const batch = { round, records: new Map(records.map((record) => [record.partition, record])) };
    const waiting = this.granted.get(to);
    if (waiting === undefined) this.granted.set(to, [batch]);
    else waiting.push(batch);
  }

  /** Everything gathered, as frames. */
  take(): readonly OutgoingFrame[] {
    if (this.isEmpty) return NOTHING;
    const { self: from } = this;
    const out: OutgoingFrame[] = [];
    const send = (to: string, frame: Uint8Array): void => void out.push({ to, frame });
    for (const [to, records] of this.seals) {
      for (const part of parts(records)) send(to, encodeOwnership({ type: 'seal', from, records: part }));
    }
    for (const [to, records] of this.sealed) {
      for (const part of parts(records)) send(to, encodeOwnership({ type: 'sealed', from, records: part }));
    }
    for (const [to, { round, records }] of this.renewals) {
      for (const part of parts(records)) send(to, encodeOwnership({ type: 'renew', from, round, records: part }));
    }
    for (const [to, batches] of this.granted) {
      for (const { round, records } of batches) {
        for (const part of parts(records)) send(to, encodeOwnership({ type: 'granted', from, round, records: part }));
      }
    }
    for (const map of [this.seals, this.sealed, this.renewals, this.granted]) map.clear();
    return out;
  }
}

function put<T extends { readonly partition: number }>(batch: Batch<T>, to: string, record: T): void {
  const records = batch.get(to);
  if (records === undefined) batch.set(to, new Map([[record.partition, record]]));
  else records.set(record.partition, record);
}

function* parts<T>(records: ReadonlyMap<number, T>): Generator<T[]> {
  const all = [...records.values()];
  for (let at = 0; at < all.length; at += OWNERSHIP_BOUNDS.maxFrameRecords) {
    yield all.slice(at, at + OWNERSHIP_BOUNDS.maxFrameRecords);
  }
}
