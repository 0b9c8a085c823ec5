/**
 * Reads REPLICATE frames that anybody may have sent. One instance serves all frames; every length is checked against what is
 * there. What a batch's records say is not looked at here, see record-runs.ts.
 */
import { ByteReader, DecodeError } from '#libs/kernel';
import { FRAME_HEADER_BYTES, FRAME_TYPES, readFrameType } from '#libs/wire';
import { REPLICATION_BOUNDS } from './bounds.js';
import { groupOf } from './group.js';
import { REPLICATE_KINDS, REPLICATION_VERSION } from './replicate-format.js';

/** Well-formed as far as this release can tell, and of a format that it does not know. */
export class UnknownFormatError extends DecodeError {}

/** The kind of a REPLICATE frame, and a reader behind it. */
export function openReplicate(message: Uint8Array): { readonly kind: number; readonly fields: ByteReader } {
  const type = readFrameType(message);
  if (type !== FRAME_TYPES.REPLICATE) throw new DecodeError(`frame of type ${type} is not about replication`);
  const fields = new ByteReader(message, FRAME_HEADER_BYTES);
  const version = fields.u8();
  if (version !== REPLICATION_VERSION) throw new UnknownFormatError(`replication format ${version}`);
  return { kind: fields.u8(), fields };
}

export class ReplicateReader {
  kind = 0;
  incarnation = 0;
  generation = 0;
  session = 0;
  sequence = 0;
  heard = 0;
  /** Of RESUME, COPY_BEGIN and COPY_END, the group that {@link nextGroup} has read; of COPY_RECORDS, its group. */
  group = 0;
  /** Of the primary. */
  epoch = 0;
  afterEpoch = 0;
  afterSequence = 0;
  /** Of the batch that {@link nextBatch} has read. */
  wallMs = 0;
  logical = 0;
  recordsOffset = 0;
  recordsLength = 0;
  private fields = new ByteReader(new Uint8Array(0));
  private groupsLeft = 0;

  constructor(private readonly partitionCount: number) {}

  /** Reads the header; groups or batches follow. */
  open(message: Uint8Array): void {
    const { kind, fields } = openReplicate(message);
    if (kind < REPLICATE_KINDS.records || kind > REPLICATE_KINDS.poke) {
      throw new DecodeError(`REPLICATE of kind ${kind} from a primary`);
    }
    this.kind = kind;
    this.fields = fields;
    this.incarnation = fields.u32();
    this.generation = fields.u32();
    this.session = fields.u32();
    this.sequence = fields.u53();
    this.heard = fields.u53();
    if (this.generation === 0) throw new DecodeError('link of generation 0');
    if (this.sequence === 0 && kind !== REPLICATE_KINDS.poke) throw new DecodeError('frame without a sequence');
    this.groupsLeft = this.readGroupCount(kind);
    if (kind === REPLICATE_KINDS.copyRecords) this.readGroup();
    if (kind === REPLICATE_KINDS.poke) this.expectEnd();
  }

  /** Moves to the next group and its position; false at the end. */
  nextGroup(): boolean {
    if (this.groupsLeft === 0) {
      this.expectEnd();
      return false;
    }
    this.groupsLeft--;
    this.readGroup();
    this.epoch = this.fields.u32();
    if (this.epoch === 0) throw new DecodeError('epoch 0');
    this.afterEpoch = this.fields.u32();
    this.afterSequence = this.fields.u53();
    if ((this.afterEpoch === 0) !== (this.afterSequence === 0)) throw new DecodeError('half a position');
    if (this.afterEpoch > this.epoch) throw new DecodeError(`record of epoch ${this.afterEpoch} above ${this.epoch}`);
    return true;
  }

  /** Moves to the next batch; false at the end. */
  nextBatch(): boolean {
    const { fields } = this;
    if (fields.remaining === 0) return false;
    this.logical = fields.u16();
    const lowMs = fields.u16();
    this.wallMs = fields.u32() * 0x1_0000 + lowMs;
    this.recordsLength = fields.u32();
    this.recordsOffset = fields.skip(this.recordsLength);
    return true;
  }

  private readGroupCount(kind: number): number {
    if (kind === REPLICATE_KINDS.copyBegin || kind === REPLICATE_KINDS.copyEnd) return 1;
    if (kind !== REPLICATE_KINDS.resume) return 0;
    const count = this.fields.u16();
    if (count === 0 || count > REPLICATION_BOUNDS.maxFrameGroups) throw new DecodeError(`${count} groups in a frame`);
    return count;
  }

  private readGroup(): void {
    this.group = readGroup(this.fields, this.partitionCount);
  }

  private expectEnd(): void {
    if (this.fields.remaining > 0) throw new DecodeError(`${this.fields.remaining} bytes after the last field`);
  }
}

/** A group by partition and factor. */
export function readGroup(fields: ByteReader, partitionCount: number): number {
  const partition = fields.u16();
  if (partition >= partitionCount) throw new DecodeError(`partition ${partition}, there are ${partitionCount}`);
  const factor = fields.u8();
  if (factor === 0 || factor > REPLICATION_BOUNDS.maxFactor) throw new DecodeError(`replication factor ${factor}`);
  return groupOf(partition, factor);
}
