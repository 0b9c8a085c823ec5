import { ByteWriter, DecodeError } from '#libs/kernel';
import { FRAME_HEADER_BYTES, FRAME_TYPES, writeFrameHeader } from './frame.js';

/**
 * OPERATIONS: what a gateway sends to a storage node, many operations per frame. An operation is the client's own
 * RESP bytes behind a small header; nothing is translated.
 *
 * Payload: link incarnation u32, link sequence u32, sender's table version u32, count u32, then `count` records:
 *
 * | offset | field |
 * |---|---|
 * | 0 | record length u32, this header included |
 * | 4 | operation id u32: unique among the gateway's operations in flight |
 * | 8 | command id u16 |
 * | 10 | flags u8, see {@link OPERATION_FLAGS} |
 * | 11 | database u8 |
 * | 12 | store id u16 |
 * | 14 | partition u16 (of the first key) |
 * | 16 | epoch u32 of that partition |
 * | 20 | route generation u32 of that partition: the fence that keeps pipelined order over retries |
 * | 24 | remaining deadline in ms u32 |
 * | 28 | if traced: trace id (16 bytes), parent span id (8 bytes) |
 * | | if multi: count u16, then per further partition: partition u16, epoch u32, generation u32 |
 * | | the command as a RESP multibulk, to the end of the record |
 */
export const OPERATION_FLAGS = { resp3: 1, traced: 2, multi: 4 } as const;

export const OPERATIONS_HEADER_BYTES = FRAME_HEADER_BYTES + 16;
export const OPERATION_HEADER_BYTES = 28;
export const TRACE_BYTES = 24;
export const PARTITION_ROUTE_BYTES = 10;

const INCARNATION_AT = FRAME_HEADER_BYTES;
const SEQUENCE_AT = FRAME_HEADER_BYTES + 4;
const TABLE_VERSION_AT = FRAME_HEADER_BYTES + 8;
const COUNT_AT = FRAME_HEADER_BYTES + 12;

/** Begins a frame in an empty writer; records follow, then {@link finishOperationsFrame}. */
export function beginOperationsFrame(writer: ByteWriter): void {
  writer.reset();
  writer.reserve(OPERATIONS_HEADER_BYTES);
  writer.length = OPERATIONS_HEADER_BYTES;
}

export function finishOperationsFrame(
  writer: ByteWriter,
  incarnation: number,
  sequence: number,
  tableVersion: number,
  count: number,
): void {
  writeFrameHeader(writer.buffer, FRAME_TYPES.OPERATIONS, writer.length);
  const { view } = writer;
  view.setUint32(INCARNATION_AT, incarnation, true);
  view.setUint32(SEQUENCE_AT, sequence, true);
  view.setUint32(TABLE_VERSION_AT, tableVersion, true);
  view.setUint32(COUNT_AT, count, true);
}

/** Walks the records of a received frame without allocating; every field is checked against the frame's end. */
export class OperationsReader {
  buffer: Uint8Array = EMPTY;
  incarnation = 0;
  sequence = 0;
  tableVersion = 0;
  /** Records not yet read. */
  remaining = 0;

  recordOffset = 0;
  recordLength = 0;
  operationId = 0;
  commandId = 0;
  flags = 0;
  database = 0;
  storeId = 0;
  partition = 0;
  epoch = 0;
  generation = 0;
  deadlineMs = 0;
  /** Where the trace ids begin, or -1. */
  traceOffset = -1;
  /** Where the further partitions begin, and how many they are. */
  routesOffset = 0;
  routeCount = 0;
  commandOffset = 0;
  commandLength = 0;

  private view: DataView = new DataView(EMPTY.buffer);
  private next = 0;

  /** Takes a frame whose envelope has been checked. */
  open(frame: Uint8Array): void {
    if (frame.length < OPERATIONS_HEADER_BYTES) throw new DecodeError('operations frame is truncated');
    this.buffer = frame;
    this.view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
    this.incarnation = this.view.getUint32(INCARNATION_AT, true);
    this.sequence = this.view.getUint32(SEQUENCE_AT, true);
    this.tableVersion = this.view.getUint32(TABLE_VERSION_AT, true);
    this.remaining = this.view.getUint32(COUNT_AT, true);
    this.next = OPERATIONS_HEADER_BYTES;
  }

  /** Reads the single record that begins at `offset`, of a frame or of bytes that were kept for a retry. */
  openRecord(buffer: Uint8Array, offset: number): void {
    this.buffer = buffer;
    this.view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
    this.remaining = 1;
    this.next = offset;
    this.advance();
  }

  /** Moves to the next record; false after the last. */
  advance(): boolean {
    if (this.remaining === 0) {
      if (this.next !== this.buffer.length) throw new DecodeError('bytes after the last operation');
      return false;
    }
    this.remaining--;
    const at = this.next;
    const { view, buffer } = this;
    if (at + OPERATION_HEADER_BYTES > buffer.length) throw new DecodeError('operation is truncated');
    const length = view.getUint32(at, true);
    const end = at + length;
    if (length < OPERATION_HEADER_BYTES || end > buffer.length) throw new DecodeError('operation length is wrong');
    this.recordOffset = at;
    this.recordLength = length;
    this.operationId = view.getUint32(at + 4, true);
    this.commandId = view.getUint16(at + 8, true);
    this.flags = buffer[at + 10];
    this.database = buffer[at + 11];
    this.storeId = view.getUint16(at + 12, true);
    this.partition = view.getUint16(at + 14, true);
    this.epoch = view.getUint32(at + 16, true);
    this.generation = view.getUint32(at + 20, true);
    this.deadlineMs = view.getUint32(at + 24, true);
    const command = this.readExtensions(at + OPERATION_HEADER_BYTES, end);
    if (command > end) throw new DecodeError('operation header exceeds its record');
    this.commandOffset = command;
    this.commandLength = end - command;
    this.next = end;
    return true;
  }

  routePartition(index: number): number {
    return this.view.getUint16(this.routesOffset + index * PARTITION_ROUTE_BYTES, true);
  }

  routeEpoch(index: number): number {
    return this.view.getUint32(this.routesOffset + index * PARTITION_ROUTE_BYTES + 2, true);
  }

  routeGeneration(index: number): number {
    return this.view.getUint32(this.routesOffset + index * PARTITION_ROUTE_BYTES + 6, true);
  }

  private readExtensions(start: number, end: number): number {
    let at = start;
    this.traceOffset = -1;
    this.routeCount = 0;
    if (this.flags & OPERATION_FLAGS.traced) {
      this.traceOffset = at;
      at += TRACE_BYTES;
    }
    if (this.flags & OPERATION_FLAGS.multi) {
      if (at + 2 > end) throw new DecodeError('operation header exceeds its record');
      this.routeCount = this.view.getUint16(at, true);
      this.routesOffset = at + 2;
      at += 2 + this.routeCount * PARTITION_ROUTE_BYTES;
    }
    return at;
  }
}

const EMPTY = new Uint8Array(0);

/** One more partition that an operation covers. */
export interface PartitionRoute {
  readonly partition: number;
  readonly epoch: number;
  readonly generation: number;
}

/** What an operation record says besides its routing; one object is reused for many operations. */
export interface OperationFields {
  commandId: number;
  flags: number;
  database: number;
  storeId: number;
  /** Trace id and parent span id, where flags say `traced`. */
  trace: Uint8Array | undefined;
  /** The command as a RESP multibulk. */
  buffer: Uint8Array;
  offset: number;
  length: number;
}

const NO_ROUTES: readonly PartitionRoute[] = [];

/**
 * Appends one operation record; answers where it begins. `routes` beyond the first partition set the `multi` flag.
 */
export function appendOperation(
  writer: ByteWriter,
  fields: OperationFields,
  operationId: number,
  partition: number,
  epoch: number,
  generation: number,
  deadlineMs: number,
  routes: readonly PartitionRoute[] = NO_ROUTES,
): number {
  const at = writer.length;
  const traceBytes = fields.trace === undefined ? 0 : TRACE_BYTES;
  const routeBytes = routes.length === 0 ? 0 : 2 + routes.length * PARTITION_ROUTE_BYTES;
  const headerBytes = OPERATION_HEADER_BYTES + traceBytes + routeBytes;
  writer.reserve(headerBytes + fields.length);
  const { view, buffer } = writer;
  view.setUint32(at, headerBytes + fields.length, true);
  view.setUint32(at + 4, operationId, true);
  view.setUint16(at + 8, fields.commandId, true);
  buffer[at + 10] =
    fields.flags | (traceBytes === 0 ? 0 : OPERATION_FLAGS.traced) | (routeBytes === 0 ? 0 : OPERATION_FLAGS.multi);
  buffer[at + 11] = fields.database;
  view.setUint16(at + 12, fields.storeId, true);
  view.setUint16(at + 14, partition, true);
  view.setUint32(at + 16, epoch, true);
  view.setUint32(at + 20, generation, true);
  view.setUint32(at + 24, deadlineMs, true);
  writer.length = at + OPERATION_HEADER_BYTES;
  if (fields.trace !== undefined) writer.bytes(fields.trace, 0, TRACE_BYTES);
  if (routes.length > 0) appendRoutes(writer, routes);
  writer.bytes(fields.buffer, fields.offset, fields.length);
  return at;
}

function appendRoutes(writer: ByteWriter, routes: readonly PartitionRoute[]): void {
  writer.u16(routes.length);
  for (const { partition, epoch, generation } of routes) {
    writer.u16(partition);
    writer.u32(epoch);
    writer.u32(generation);
  }
}

/** Copies a record to the end of `writer` under a new id and route; answers where it begins. */
export function appendRerouted(
  writer: ByteWriter,
  record: Uint8Array,
  operationId: number,
  epoch: number,
  generation: number,
  deadlineMs: number,
): number {
  const at = writer.length;
  writer.bytes(record, 0, record.length);
  const { view } = writer;
  view.setUint32(at + 4, operationId, true);
  view.setUint32(at + 16, epoch, true);
  view.setUint32(at + 20, generation, true);
  view.setUint32(at + 24, deadlineMs, true);
  return at;
}
