import fc from 'fast-check';
import { ByteWriter } from '#libs/kernel';
import {
  appendOperation,
  appendRerouted,
  beginOperationsFrame,
  finishOperationsFrame,
  OPERATION_FLAGS,
  OperationsReader,
  type PartitionRoute,
} from './operations-frame.js';
import { beginRepliesFrame, beginReply, endReply, finishRepliesFrame, RepliesReader } from './replies-frame.js';
import { readFrameType } from './frame.js';

const U8 = fc.integer({ min: 0, max: 0xff });
const U16 = fc.integer({ min: 0, max: 0xffff });
const U32 = fc.integer({ min: 0, max: 0xffffffff });

const ROUTE: fc.Arbitrary<PartitionRoute> = fc.record({ partition: U16, epoch: U32, generation: U32 });

const OPERATION = fc.record({
  id: U32,
  commandId: U16,
  isResp3: fc.boolean(),
  database: U8,
  storeId: U16,
  route: ROUTE,
  deadlineMs: U32,
  trace: fc.option(fc.uint8Array({ minLength: 24, maxLength: 24 }), { nil: undefined }),
  routes: fc.array(ROUTE, { maxLength: 5 }),
  command: fc.uint8Array({ maxLength: 80 }),
});

type Operation = typeof OPERATION extends fc.Arbitrary<infer T> ? T : never;

function append(writer: ByteWriter, operation: Operation): number {
  const { id, commandId, isResp3, database, storeId, route, deadlineMs, trace, routes, command } = operation;
  const flags = isResp3 ? OPERATION_FLAGS.resp3 : 0;
  const fields = { commandId, flags, database, storeId, trace, buffer: command, offset: 0, length: command.length };
  return appendOperation(writer, fields, id, route.partition, route.epoch, route.generation, deadlineMs, routes);
}

/** The reader's current record in the form it was made from. */
function readBack(reader: OperationsReader): Operation {
  const { traceOffset: trace, buffer } = reader;
  return {
    id: reader.operationId,
    commandId: reader.commandId,
    isResp3: (reader.flags & OPERATION_FLAGS.resp3) !== 0,
    database: reader.database,
    storeId: reader.storeId,
    route: { partition: reader.partition, epoch: reader.epoch, generation: reader.generation },
    deadlineMs: reader.deadlineMs,
    trace: trace < 0 ? undefined : buffer.slice(trace, trace + 24),
    routes: Array.from({ length: reader.routeCount }, (_, i) => ({
      partition: reader.routePartition(i),
      epoch: reader.routeEpoch(i),
      generation: reader.routeGeneration(i),
    })),
    command: buffer.slice(reader.commandOffset, reader.commandOffset + reader.commandLength),
  };
}

describe('OPERATIONS', () => {
  it('come out as they went in', () => {
    const writer = new ByteWriter();
    const reader = new OperationsReader();
    fc.assert(
      fc.property(
        fc.array(OPERATION, { maxLength: 12 }),
        U32,
        U32,
        U32,
        (operations, incarnation, sequence, version) => {
          beginOperationsFrame(writer);
          for (const operation of operations) append(writer, operation);
          finishOperationsFrame(writer, incarnation, sequence, version, operations.length);
          const frame = writer.toBytes();
          readFrameType(frame);
          reader.open(frame);
          expect([reader.incarnation, reader.sequence, reader.tableVersion]).toEqual([incarnation, sequence, version]);
          const read: Operation[] = [];
          while (reader.advance()) read.push(readBack(reader));
          expect(read).toEqual(operations);
        },
      ),
    );
  });

  it('can be read alone, and sent again under another id and route', () => {
    const reader = new OperationsReader();
    fc.assert(
      fc.property(OPERATION, U32, U32, U32, U32, (operation, id, epoch, generation, deadlineMs) => {
        const writer = new ByteWriter();
        writer.u32(0xdeadbeef);
        const at = append(writer, operation);
        reader.openRecord(writer.toBytes(), at);
        const record = reader.buffer.slice(reader.recordOffset, reader.recordOffset + reader.recordLength);
        expect(at + reader.recordLength).toBe(writer.length);
        const again = new ByteWriter();
        reader.openRecord(again.buffer, appendRerouted(again, record, id, epoch, generation, deadlineMs));
        expect(readBack(reader)).toEqual({
          ...operation,
          id,
          deadlineMs,
          route: { partition: operation.route.partition, epoch, generation },
        });
      }),
    );
  });
});

describe('REPLIES', () => {
  it('come out as they went in', () => {
    const reply = fc.record({ id: U32, status: U8, bytes: fc.uint8Array({ maxLength: 60 }) });
    const reader = new RepliesReader();
    const writer = new ByteWriter();
    fc.assert(
      fc.property(fc.array(reply, { maxLength: 20 }), U32, U32, (replies, incarnation, tableVersion) => {
        beginRepliesFrame(writer);
        for (const { id, status, bytes } of replies) {
          const at = beginReply(writer);
          writer.bytes(bytes);
          endReply(writer, at, id, status);
        }
        finishRepliesFrame(writer, incarnation, tableVersion, replies.length);
        const frame = writer.toBytes();
        reader.open(frame);
        expect([reader.incarnation, reader.tableVersion]).toEqual([incarnation, tableVersion]);
        const read: typeof replies = [];
        while (reader.advance()) {
          const bytes = frame.slice(reader.replyOffset, reader.replyOffset + reader.replyLength);
          read.push({ id: reader.operationId, status: reader.status, bytes });
        }
        expect(read).toEqual(replies);
      }),
    );
  });
});
