/**
 * Batches of event records as runs: neighbours of one group and epoch whose sequences follow each other. Links decide by run
 * what they send, replicas what they take, and neither looks at the records again. Struct of arrays, reset and reused.
 */
import { EVENT_KINDS, EventReader, readEpochStarted } from '#libs/events';
import { DecodeError } from '#libs/kernel';
import { REPLICATION_BOUNDS } from './bounds.js';
import { groupOf, NO_GROUP } from './group.js';

const { maxFactor } = REPLICATION_BOUNDS;
const FIRST_RUNS = 256;
const FIRST_BATCHES = 16;

export class RecordRuns {
  buffer: Uint8Array = new Uint8Array(0);
  count = 0;
  batchCount = 0;
  /** Per run; {@link NO_GROUP} for records that are not replicated. */
  groups = new Int32Array(FIRST_RUNS);
  epochs = new Uint32Array(FIRST_RUNS);
  firsts = new Float64Array(FIRST_RUNS);
  lasts = new Float64Array(FIRST_RUNS);
  offsets = new Uint32Array(FIRST_RUNS);
  ends = new Uint32Array(FIRST_RUNS);
  /** Where the run begins with an EpochStarted: the record before it. Its epoch is -1 elsewhere. */
  previousEpochs = new Float64Array(FIRST_RUNS);
  previousSequences = new Float64Array(FIRST_RUNS);
  /** Per batch. */
  firstRuns = new Uint32Array(FIRST_BATCHES);
  wallMs = new Float64Array(FIRST_BATCHES);
  logicals = new Uint16Array(FIRST_BATCHES);
  private readonly reader = new EventReader();

  /** A run is as long as a frame may be, unless it is one record. */
  constructor(
    private readonly partitionCount: number,
    private readonly maxRunBytes: number = REPLICATION_BOUNDS.frameRecordBytes,
  ) {}

  begin(buffer: Uint8Array): void {
    this.buffer = buffer;
    this.count = 0;
    this.batchCount = 0;
  }

  /** Adds what happened at one time. Throws DecodeError where it is not well-formed; what was added then means nothing. */
  addBatch(offset: number, length: number, wallMs: number, logical: number): void {
    if (this.batchCount === this.firstRuns.length) this.growBatches();
    const batch = this.batchCount++;
    this.firstRuns[batch] = this.count;
    this.wallMs[batch] = wallMs;
    this.logicals[batch] = logical;
    const { reader } = this;
    reader.open(this.buffer, offset, length);
    while (reader.advance()) if (this.count === this.firstRuns[batch] || !this.extend()) this.addRun();
  }

  /** Where the runs of a batch end. */
  endOf(batch: number): number {
    return batch + 1 < this.batchCount ? this.firstRuns[batch + 1] : this.count;
  }

  /** Where the record of this sequence begins, which lies in the run. */
  offsetOf(run: number, sequence: number): number {
    const { reader } = this;
    reader.open(this.buffer, this.offsets[run], this.ends[run] - this.offsets[run]);
    while (reader.advance() && reader.sequence < sequence);
    return reader.recordOffset;
  }

  private extend(): boolean {
    const { reader } = this;
    const run = this.count - 1;
    const end = reader.recordOffset + reader.recordLength;
    const group = reader.group === 0 ? NO_GROUP : groupOf(reader.partition, reader.group);
    if (group !== this.groups[run] || end - this.offsets[run] > this.maxRunBytes) return false;
    if (reader.kind === EVENT_KINDS.epochStarted || reader.epoch !== this.epochs[run]) return false;
    if (group !== NO_GROUP && reader.sequence !== this.lasts[run] + 1) return false;
    this.lasts[run] = reader.sequence;
    this.ends[run] = end;
    return true;
  }

  private addRun(): void {
    if (this.count === this.groups.length) this.growRuns();
    const { reader } = this;
    const run = this.count++;
    this.groups[run] = this.readGroup();
    this.epochs[run] = reader.epoch;
    this.firsts[run] = this.lasts[run] = reader.sequence;
    this.offsets[run] = reader.recordOffset;
    this.ends[run] = reader.recordOffset + reader.recordLength;
    this.previousEpochs[run] = -1;
    if (reader.kind === EVENT_KINDS.epochStarted) this.readStart(run);
  }

  private readGroup(): number {
    const { partition, group, epoch, sequence } = this.reader;
    if (partition >= this.partitionCount)
      throw new DecodeError(`partition ${partition}, there are ${this.partitionCount}`);
    if (group === 0) return NO_GROUP;
    if (group > maxFactor) throw new DecodeError(`replication factor ${group}`);
    if (epoch === 0 || sequence === 0) throw new DecodeError('record of a group without a position');
    return groupOf(partition, group);
  }

  private readStart(run: number): void {
    const { epoch, sequence } = readEpochStarted(this.reader);
    if (this.groups[run] === NO_GROUP) throw new DecodeError('epoch of no group');
    if (sequence + 1 !== this.reader.sequence || epoch >= this.reader.epoch) {
      throw new DecodeError('epoch that does not follow the record that it names');
    }
    this.previousEpochs[run] = epoch;
    this.previousSequences[run] = sequence;
  }

  private growRuns(): void {
    const length = this.groups.length * 2;
    this.groups = grown(this.groups, new Int32Array(length));
    this.epochs = grown(this.epochs, new Uint32Array(length));
    this.firsts = grown(this.firsts, new Float64Array(length));
    this.lasts = grown(this.lasts, new Float64Array(length));
    this.offsets = grown(this.offsets, new Uint32Array(length));
    this.ends = grown(this.ends, new Uint32Array(length));
    this.previousEpochs = grown(this.previousEpochs, new Float64Array(length));
    this.previousSequences = grown(this.previousSequences, new Float64Array(length));
  }

  private growBatches(): void {
    const length = this.firstRuns.length * 2;
    this.firstRuns = grown(this.firstRuns, new Uint32Array(length));
    this.wallMs = grown(this.wallMs, new Float64Array(length));
    this.logicals = grown(this.logicals, new Uint16Array(length));
  }
}

function grown<T extends { set(source: T): void }>(from: T, into: T): T {
  into.set(from);
  return into;
}
