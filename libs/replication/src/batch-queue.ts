/** Batches of one group's records that wait to be sent, encoded as frames carry them. */
import { ByteWriter } from '#libs/kernel';
import { BATCH_HEADER_BYTES, writeBatchHeader } from './replicate-format.js';

export type BatchVisitor = (bytes: Uint8Array, offset: number, length: number, last: number) => void;

export class BatchQueue {
  private readonly writer = new ByteWriter();
  /** Per batch, where it ends and its last sequence. */
  private ends: number[] = [];
  private lasts: number[] = [];

  get bytes(): number {
    return this.writer.length;
  }

  /** The last sequence of all, 0 where there is none. */
  get last(): number {
    return this.lasts.at(-1) ?? 0;
  }

  add(records: Uint8Array, offset: number, length: number, wallMs: number, logical: number, last: number): void {
    const { writer } = this;
    writer.reserve(BATCH_HEADER_BYTES + length);
    writeBatchHeader(writer.view, writer.length, wallMs, logical, length);
    writer.length += BATCH_HEADER_BYTES;
    writer.bytes(records, offset, length);
    this.ends.push(writer.length);
    this.lasts.push(last);
  }

  /** Hands everything out in pieces of up to `maxBytes`, or of one batch, with the last sequence of each. */
  drain(maxBytes: number, visit: BatchVisitor): void {
    const { writer, ends, lasts } = this;
    let from = 0;
    for (let batch = 0; batch < ends.length; batch++) {
      const isLast = batch + 1 === ends.length;
      if (!isLast && ends[batch + 1] - from <= maxBytes) continue;
      visit(writer.buffer, from, ends[batch] - from, lasts[batch]);
      from = ends[batch];
    }
    this.reset();
  }

  reset(): void {
    this.writer.reset();
    this.ends = [];
    this.lasts = [];
  }
}
