/**
 * Builds a link's frames, one at a time. Frames leave as copies in slabs: a window keeps thousands of small ones, and a
 * buffer of its own for each would cost more than the frame.
 */
import { ByteWriter } from '#libs/kernel';
import { FrameSlab } from '#libs/wire';
import { factorOf, partitionOf } from './group.js';
import type { RecordRanges } from './record-ranges.js';
import {
  BATCH_HEADER_BYTES,
  type LinkLife,
  REPLICATE_HEADER_BYTES,
  REPLICATE_KINDS,
  writeBatchHeader,
  writeReplicateHeader,
} from './replicate-format.js';

export class FrameWriter {
  private readonly writer = new ByteWriter(64 * 1024);
  private readonly slab = new FrameSlab();

  /** Bytes so far. */
  get length(): number {
    return this.writer.length;
  }

  begin(): void {
    this.writer.reset();
    this.writer.reserve(REPLICATE_HEADER_BYTES);
    this.writer.length = REPLICATE_HEADER_BYTES;
  }

  groupCount(count: number): void {
    this.writer.u16(count);
  }

  group(group: number): void {
    this.writer.u16(partitionOf(group));
    this.writer.u8(factorOf(group));
  }

  /** The group, its primary's epoch, and the record after which others follow. */
  groupAt(group: number, epoch: number, afterEpoch: number, afterSequence: number): void {
    this.group(group);
    this.writer.u32(epoch);
    this.writer.u32(afterEpoch);
    this.writer.u53(afterSequence);
  }

  batch(records: Uint8Array, offset: number, length: number, wallMs: number, logical: number): void {
    const { writer } = this;
    writer.reserve(BATCH_HEADER_BYTES + length);
    writeBatchHeader(writer.view, writer.length, wallMs, logical, length);
    writer.length += BATCH_HEADER_BYTES;
    writer.bytes(records, offset, length);
  }

  /** Bytes that are encoded already: batches with their headers. */
  encoded(bytes: Uint8Array, offset: number, length: number): void {
    this.writer.bytes(bytes, offset, length);
  }

  /** What was written since {@link begin}, as a frame. */
  finish(kind: number, life: LinkLife, sequence: number, heard: number): Uint8Array {
    const { buffer, view, length } = this.writer;
    writeReplicateHeader(buffer, view, kind, life, sequence, heard, length);
    return this.slab.copy(buffer, length);
  }

  /** A frame of one batch, whose records are copied once, straight to where they stay. */
  recordsFrame(
    records: Uint8Array,
    ranges: RecordRanges,
    wallMs: number,
    logical: number,
    life: LinkLife,
    sequence: number,
    heard: number,
  ): Uint8Array {
    const recordsAt = REPLICATE_HEADER_BYTES + BATCH_HEADER_BYTES;
    const frame = this.slab.take(recordsAt + ranges.bytes);
    const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
    writeReplicateHeader(frame, view, REPLICATE_KINDS.records, life, sequence, heard, frame.length);
    writeBatchHeader(view, REPLICATE_HEADER_BYTES, wallMs, logical, ranges.bytes);
    ranges.copy(records, frame, view, recordsAt);
    return frame;
  }
}
