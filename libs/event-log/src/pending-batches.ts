/**
 * What waits for the disk: one buffer is being filled while another one is being written. Batches lie in it as they will lie in
 * the segment, but which one that is, and with it their checksums, is only known when they leave; where the write fails they
 * leave again for another segment. After warm-up nothing is allocated.
 */
import { assert, ByteWriter } from '#libs/kernel';
import { sealBlock } from './block.js';
import type { OpenSegment } from './open-segment.js';
import {
  BATCH_HEADER_BYTES,
  SEGMENT_HEADER_BYTES,
  writeBatchTime,
  writeDurable,
  writeSegmentHead,
} from './segment-format.js';

export class PendingBatches {
  private filling = emptyBuffer();
  private flight = emptyBuffer();
  private filledBatches = 0;
  /** Batches that have left and have not arrived. */
  flightBatches = 0;

  /** Of batches, headers included. */
  get bytes(): number {
    return this.filling.length + this.flight.length - 2 * SEGMENT_HEADER_BYTES;
  }

  get isEmpty(): boolean {
    return this.filledBatches === 0 && this.flightBatches === 0;
  }

  add(records: Uint8Array, offset: number, length: number, wallMs: number, logical: number): void {
    const { filling } = this;
    filling.reserve(BATCH_HEADER_BYTES + length);
    const at = filling.length;
    filling.view.setUint32(at, length, true);
    writeBatchTime(filling.view, at, wallMs, logical);
    filling.length += BATCH_HEADER_BYTES;
    filling.bytes(records, offset, length);
    this.filledBatches++;
  }

  /** What was filled is to leave; what has left before must have arrived. */
  takeOff(): void {
    assert(this.flightBatches === 0, 'batches are under way already');
    const { filling } = this;
    this.filling = this.flight;
    this.flight = filling;
    this.flightBatches = this.filledBatches;
    this.filledBatches = 0;
  }

  /** The bytes to append to a segment, its header included where it has none yet. */
  sealFor(segment: OpenSegment, durableSegment: number, durableBytes: number): Uint8Array {
    const { flight } = this;
    const { buffer, view } = flight;
    for (let at = SEGMENT_HEADER_BYTES; at < flight.length;) {
      const length = view.getUint32(at, true);
      writeDurable(view, at, durableSegment, durableBytes);
      sealBlock(buffer, view, at, BATCH_HEADER_BYTES, length, segment.seed);
      at += BATCH_HEADER_BYTES + length;
    }
    if (segment.bytes > 0) return buffer.subarray(SEGMENT_HEADER_BYTES, flight.length);
    const end = flight.length;
    flight.length = 0;
    writeSegmentHead(flight, segment.head);
    flight.length = end;
    return buffer.subarray(0, end);
  }

  /** What has left has arrived. */
  land(): void {
    this.flight.reset();
    makeRoom(this.flight);
    this.flightBatches = 0;
  }
}

function emptyBuffer(): ByteWriter {
  const writer = new ByteWriter(64 * 1024);
  makeRoom(writer);
  return writer;
}

/** For the header of a segment. */
function makeRoom(writer: ByteWriter): void {
  writer.reserve(SEGMENT_HEADER_BYTES);
  writer.length = SEGMENT_HEADER_BYTES;
}
