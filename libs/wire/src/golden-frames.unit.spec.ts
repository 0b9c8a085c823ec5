import { ByteWriter, latin1Bytes } from '#libs/kernel';
import { FRAME_TYPES, FRAME_VERSION, readFrameType, writeFrameHeader } from './frame.js';
import {
  beginMoveFrame,
  decodeMoveAck,
  encodeMoveAck,
  finishMoveFrame,
  MOVE_KINDS,
  readMoveEnd,
  readMoveHeader,
} from './move-frames.js';
import {
  appendOperation,
  beginOperationsFrame,
  finishOperationsFrame,
  OPERATION_FLAGS,
  type OperationFields,
  OperationsReader,
} from './operations-frame.js';
import { decodePartAck, encodePartAck, PartSender } from './parts.js';
import {
  beginRepliesFrame,
  beginReply,
  endReply,
  finishRepliesFrame,
  RepliesReader,
  REPLY_STATUS,
} from './replies-frame.js';

/**
 * One frame of every type as bytes. Nodes of different releases read each other's frames: where one of these has to
 * change, the format version has to change too.
 */
const GET = latin1Bytes('*2\r\n$3\r\nGET\r\n$1\r\nk\r\n');

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** Removes the spaces that group the fields. */
function golden(text: string): string {
  return text.replace(/\s+/g, '');
}

function fields(over: Partial<OperationFields> = {}): OperationFields {
  return {
    commandId: 0x0102,
    flags: 0,
    database: 3,
    storeId: 0x0405,
    trace: undefined,
    buffer: GET,
    offset: 0,
    length: GET.length,
    ...over,
  };
}

function operationsFrame(append: (writer: ByteWriter) => void): Uint8Array {
  const writer = new ByteWriter();
  beginOperationsFrame(writer);
  append(writer);
  finishOperationsFrame(writer, 0xa1a2a3a4, 7, 9, 1);
  return writer.toBytes();
}

const GET_HEX = '2a320d0a24330d0a4745540d0a24310d0a6b0d0a';
const TRACE = new Uint8Array(24).map((_, i) => i + 1);

describe('golden OPERATIONS frames', () => {
  const rows: [string, Uint8Array, string][] = [
    [
      'one partition, RESP2',
      operationsFrame((writer) => appendOperation(writer, fields(), 0x11223344, 0x0607, 8, 5, 2000)),
      `48595043 01 10 40000000  a4a3a2a1 07000000 09000000 01000000
       30000000 44332211 0201 00 03 0504 0706 08000000 05000000 d0070000 ${GET_HEX}`,
    ],
    [
      'RESP3, traced',
      operationsFrame((writer) =>
        appendOperation(writer, fields({ flags: OPERATION_FLAGS.resp3, trace: TRACE }), 1, 2, 3, 4, 5),
      ),
      `48595043 01 10 58000000  a4a3a2a1 07000000 09000000 01000000
       48000000 01000000 0201 03 03 0504 0200 03000000 04000000 05000000
       0102030405060708090a0b0c0d0e0f10 1112131415161718 ${GET_HEX}`,
    ],
    [
      'three partitions',
      operationsFrame((writer) =>
        appendOperation(writer, fields(), 1, 2, 3, 4, 5, [
          { partition: 0x10, epoch: 0x11, generation: 0x12 },
          { partition: 0x20, epoch: 0x21, generation: 0x22 },
        ]),
      ),
      `48595043 01 10 56000000  a4a3a2a1 07000000 09000000 01000000
       46000000 01000000 0201 04 03 0504 0200 03000000 04000000 05000000
       0200 1000 11000000 12000000 2000 21000000 22000000 ${GET_HEX}`,
    ],
    [
      'every flag',
      operationsFrame((writer) =>
        appendOperation(writer, fields({ flags: OPERATION_FLAGS.resp3, trace: TRACE }), 1, 2, 3, 4, 5, [
          { partition: 0x10, epoch: 0x11, generation: 0x12 },
        ]),
      ),
      `48595043 01 10 64000000  a4a3a2a1 07000000 09000000 01000000
       54000000 01000000 0201 07 03 0504 0200 03000000 04000000 05000000
       0102030405060708090a0b0c0d0e0f10 1112131415161718 0100 1000 11000000 12000000 ${GET_HEX}`,
    ],
  ];

  it.each(rows)('%s', (_name, frame, expected) => {
    expect(hex(frame)).toBe(golden(expected));
    expect(readFrameType(frame)).toBe(FRAME_TYPES.OPERATIONS);
  });

  it('are read back with every field', () => {
    const reader = new OperationsReader();
    reader.open(rows[3][1]);
    expect(reader).toMatchObject({ incarnation: 0xa1a2a3a4, sequence: 7, tableVersion: 9, remaining: 1 });
    expect(reader.advance()).toBe(true);
    expect(reader).toMatchObject({
      operationId: 1,
      commandId: 0x0102,
      flags: 7,
      database: 3,
      storeId: 0x0405,
      partition: 2,
      epoch: 3,
      generation: 4,
      deadlineMs: 5,
      routeCount: 1,
    });
    expect(reader.buffer.slice(reader.traceOffset, reader.traceOffset + 24)).toEqual(TRACE);
    expect([reader.routePartition(0), reader.routeEpoch(0), reader.routeGeneration(0)]).toEqual([0x10, 0x11, 0x12]);
    expect(reader.buffer.slice(reader.commandOffset, reader.commandOffset + reader.commandLength)).toEqual(GET);
    expect(reader.advance()).toBe(false);
  });
});

describe('golden REPLIES frame', () => {
  const writer = new ByteWriter();
  beginRepliesFrame(writer);
  const first = beginReply(writer);
  writer.bytes(latin1Bytes('+OK\r\n'));
  endReply(writer, first, 0x11223344, REPLY_STATUS.executed);
  const second = beginReply(writer);
  endReply(writer, second, 2, REPLY_STATUS.stale);
  finishRepliesFrame(writer, 0xa1a2a3a4, 9, 2);
  const frame = writer.toBytes();

  it('is these bytes', () => {
    expect(hex(frame)).toBe(
      golden(`48595043 01 11 23000000  a4a3a2a1 09000000 02000000
              0e000000 44332211 00 2b4f4b0d0a  09000000 02000000 01`),
    );
  });

  it('is read back', () => {
    const reader = new RepliesReader();
    reader.open(frame);
    expect(reader).toMatchObject({ incarnation: 0xa1a2a3a4, tableVersion: 9, remaining: 2 });
    expect(reader.advance()).toBe(true);
    expect(reader).toMatchObject({ operationId: 0x11223344, status: REPLY_STATUS.executed, replyLength: 5 });
    expect(frame.slice(reader.replyOffset, reader.replyOffset + 5)).toEqual(latin1Bytes('+OK\r\n'));
    expect(reader.advance()).toBe(true);
    expect(reader).toMatchObject({ operationId: 2, status: REPLY_STATUS.stale, replyLength: 0 });
    expect(reader.advance()).toBe(false);
  });
});

describe('golden PART and PART_ACK frames', () => {
  const sent: Uint8Array[] = [];
  const sender = new PartSender(0xa1a2a3a4, 37, (message) => sent.push(message) > 0);
  sender.send(latin1Bytes('0123456789'.repeat(4)));

  it('are these bytes', () => {
    expect(sent).toHaveLength(4);
    expect(hex(sent[1])).toBe(
      golden('48595043 01 12 1b000000  a4a3a2a1 01000000 01000000 0e000000 28000000 0fb5f534 333435'),
    );
    expect(hex(encodePartAck(sent[1]))).toBe(golden('48595043 01 13 0c000000  a4a3a2a1 01000000 01000000'));
  });

  it('are read back', () => {
    expect(readFrameType(sent[1])).toBe(FRAME_TYPES.PART);
    expect(decodePartAck(encodePartAck(sent[3]))).toEqual({ incarnation: 0xa1a2a3a4, messageId: 1, index: 3 });
  });
});

describe('golden MOVE and MOVE_ACK frames', () => {
  const writer = new ByteWriter();
  const header = { kind: MOVE_KINDS.end, partition: 0x0102, epoch: 3, token: 0xa1a2a3a4, index: 5 };
  beginMoveFrame(writer, header);
  writer.u16(1);
  writer.u16(0x0607);
  writer.u53(0x1f_0000_0008);
  const end = finishMoveFrame(writer);
  const answer = {
    partition: 0x0102,
    epoch: 3,
    token: 0xa1a2a3a4,
    index: 5,
    accepted: true,
    incarnation: 0x1f_0000_0009,
  };
  const ack = encodeMoveAck(writer, answer);

  it('are these bytes', () => {
    expect(hex(end)).toBe(
      golden('48595043 01 14 1b000000  03 0201 03000000 a4a3a2a1 05000000  0100 0706 080000001f000000'),
    );
    expect(hex(ack)).toBe(golden('48595043 01 15 17000000  0201 03000000 a4a3a2a1 05000000 01 090000001f000000'));
  });

  it('are read back', () => {
    expect(readFrameType(end)).toBe(FRAME_TYPES.MOVE);
    expect(readMoveHeader(end)).toEqual(header);
    expect(readMoveEnd(end)).toEqual(new Map([[0x0607, 0x1f_0000_0008]]));
    expect(decodeMoveAck(ack)).toEqual(answer);
  });
});

describe('the envelope', () => {
  it('has numbers that never change', () => {
    expect(FRAME_VERSION).toBe(1);
    expect(FRAME_TYPES).toEqual({
      REPLICATE: 4,
      HEARTBEAT: 5,
      ELECTION: 6,
      APPEND: 7,
      SNAPSHOT: 8,
      OPERATIONS: 16,
      REPLIES: 17,
      PART: 18,
      PART_ACK: 19,
      MOVE: 20,
      MOVE_ACK: 21,
      SEAL: 22,
      SEALED: 23,
      RENEW: 24,
      GRANTED: 25,
    });
  });

  it.each([
    ['shorter than its header', (frame: Uint8Array) => frame.slice(0, 9)],
    ['magic', (frame: Uint8Array) => frame.fill(0x20, 2, 3)],
    ['unknown version 2', (frame: Uint8Array) => frame.fill(2, 4, 5)],
    ['length does not match', (frame: Uint8Array) => frame.slice(0, 14)],
    ['length does not match', (frame: Uint8Array) => frame.fill(0xff, 6, 10)],
  ])('is refused: %s', (reason, spoil) => {
    const frame = new Uint8Array(15);
    writeFrameHeader(frame, FRAME_TYPES.MOVE, 15);
    expect(readFrameType(frame)).toBe(FRAME_TYPES.MOVE);
    expect(() => readFrameType(spoil(frame))).toThrow(reason);
  });
});
