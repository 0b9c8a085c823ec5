import { OperationsReader } from '#libs/wire';
import type { InFlightOperations } from './in-flight-operations.js';
import type { InFlightFrame } from './node-link.js';

/** Reads the records of sent operations where they lie: in the frames that are kept until they have been answered. */
export class InFlightRecords {
  private readonly reader = new OperationsReader();

  constructor(private readonly operations: InFlightOperations) {}

  /** A copy of a sent operation's record. */
  copyOf(slot: number): Uint8Array {
    const bytes = this.operations.frames[slot]?.bytes as Uint8Array;
    this.reader.openRecord(bytes, this.operations.recordOffsets[slot]);
    const { recordOffset, recordLength } = this.reader;
    return bytes.slice(recordOffset, recordOffset + recordLength);
  }

  /** Visits every partition that a sent operation covers. */
  forEachPartition(slot: number, visit: (partition: number) => void): void {
    const { operations } = this;
    visit(operations.partitions[slot]);
    if (operations.multi[slot] === 0) return;
    const reader = new OperationsReader();
    reader.openRecord(operations.frames[slot]?.bytes as Uint8Array, operations.recordOffsets[slot]);
    for (let i = 0; i < reader.routeCount; i++) visit(reader.routePartition(i));
  }

  /** Visits the operations of a frame that have no answer yet. */
  forEachIn(frame: InFlightFrame, visit: (slot: number) => void): void {
    const reader = new OperationsReader();
    const slots: number[] = [];
    reader.open(frame.bytes as Uint8Array);
    while (reader.advance()) {
      const slot = this.operations.slotOf(reader.operationId);
      if (slot >= 0 && this.operations.frames[slot] === frame) slots.push(slot);
    }
    // Visiting may settle the frame, whose bytes then serve another one.
    for (const slot of slots) visit(slot);
  }
}
