import fc from 'fast-check';
import { ByteWriter, DecodeError, latin1Bytes } from '#libs/kernel';
import { FRAME_HEADER_BYTES, FRAME_TYPES, readFrameType, writeFrameHeader } from './frame.js';
import {
  beginMoveFrame,
  decodeMoveAck,
  encodeMoveAck,
  finishMoveFrame,
  MOVE_KINDS,
  readMoveEnd,
  readMoveHeader,
} from './move-frames.js';
import { appendOperation, beginOperationsFrame, finishOperationsFrame, OperationsReader } from './operations-frame.js';
import { PartAssembler } from './part-assembler.js';
import { decodePartAck, encodePartAck, PartSender } from './parts.js';
import { beginRepliesFrame, beginReply, endReply, finishRepliesFrame, RepliesReader } from './replies-frame.js';

/** Reads a message as hosts do; everything that it points at must lie inside the message. */
function readAny(message: Uint8Array): void {
  switch (readFrameType(message)) {
    case FRAME_TYPES.OPERATIONS:
      return readOperations(message);
    case FRAME_TYPES.REPLIES:
      return readReplies(message);
    case FRAME_TYPES.PART: {
      const assembler = new PartAssembler(1024 * 1024);
      assembler.accept(message);
      expect(assembler.heldBytes).toBeLessThan(message.length);
      encodePartAck(message);
      return;
    }
    case FRAME_TYPES.PART_ACK:
      return void decodePartAck(message);
    case FRAME_TYPES.MOVE:
      if (readMoveHeader(message).kind === MOVE_KINDS.end) readMoveEnd(message);
      return;
    case FRAME_TYPES.MOVE_ACK:
      return void decodeMoveAck(message);
    default:
  }
}

function readOperations(message: Uint8Array): void {
  const reader = new OperationsReader();
  reader.open(message);
  let records = 0;
  while (reader.advance()) {
    records++;
    expect(reader.commandLength).toBeGreaterThanOrEqual(0);
    expect(reader.commandOffset + reader.commandLength).toBeLessThanOrEqual(message.length);
    if (reader.traceOffset >= 0) expect(reader.traceOffset + 24).toBeLessThanOrEqual(message.length);
    for (let i = 0; i < reader.routeCount; i++) {
      reader.routePartition(i);
      reader.routeEpoch(i);
      reader.routeGeneration(i);
    }
  }
  expect(records).toBeLessThan(message.length);
}

function readReplies(message: Uint8Array): void {
  const reader = new RepliesReader();
  reader.open(message);
  while (reader.advance()) expect(reader.replyOffset + reader.replyLength).toBeLessThanOrEqual(message.length);
}

function decodesOrRefuses(message: Uint8Array): void {
  try {
    readAny(message);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
  }
}

function samples(): Uint8Array[] {
  const command = latin1Bytes('*2\r\n$3\r\nGET\r\n$1\r\nk\r\n');
  const fields = {
    commandId: 1,
    flags: 1,
    database: 0,
    storeId: 0,
    buffer: command,
    offset: 0,
    length: command.length,
  };
  const routes = [1, 2, 3].map((partition) => ({ partition, epoch: 1, generation: 1 }));
  const writer = new ByteWriter();
  beginOperationsFrame(writer);
  appendOperation(writer, { ...fields, trace: undefined }, 1, 0, 1, 1, 100);
  appendOperation(writer, { ...fields, trace: new Uint8Array(24) }, 2, 0, 1, 1, 100, routes);
  finishOperationsFrame(writer, 1, 1, 1, 2);
  const operations = writer.toBytes();
  beginRepliesFrame(writer);
  for (let id = 0; id < 3; id++) endReply(writer, beginReply(writer), id, 0);
  finishRepliesFrame(writer, 1, 1, 3);
  const replies = writer.toBytes();
  beginMoveFrame(writer, { kind: MOVE_KINDS.end, partition: 1, epoch: 1, token: 1, index: 1 });
  writer.u16(2);
  for (let store = 0; store < 2; store++) {
    writer.u16(store);
    writer.u53(5);
  }
  const move = finishMoveFrame(writer);
  const moveAck = encodeMoveAck(writer, { partition: 1, epoch: 1, token: 1, index: 1, accepted: true, incarnation: 1 });
  const parts: Uint8Array[] = [];
  new PartSender(1, 100, (message) => parts.push(message) > 0).send(new Uint8Array(300));
  return [operations, replies, move, moveAck, parts[0], parts[1], encodePartAck(parts[0])];
}

/** A frame with the length that its envelope should say, so that what is inside gets read. */
function reframed(bytes: Uint8Array): Uint8Array {
  if (bytes.length >= FRAME_HEADER_BYTES) writeFrameHeader(bytes, bytes[5], bytes.length);
  return bytes;
}

const FRAMES = samples();
const SAMPLE = fc.integer({ min: 0, max: FRAMES.length - 1 });

describe('hostile frames', () => {
  it('decode or are refused when bytes are changed', () => {
    const change = fc.tuple(fc.nat(500), fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff)));
    fc.assert(
      fc.property(SAMPLE, fc.array(change, { minLength: 1, maxLength: 6 }), (sample, changes) => {
        const bytes = FRAMES[sample].slice();
        for (const [at, value] of changes)
          bytes[FRAME_HEADER_BYTES + (at % (bytes.length - FRAME_HEADER_BYTES))] = value;
        decodesOrRefuses(bytes);
      }),
      { numRuns: 3000 },
    );
  });

  it('decode or are refused at every length', () => {
    for (const frame of FRAMES) {
      for (let length = 0; length <= frame.length; length++) {
        decodesOrRefuses(frame.slice(0, length));
        decodesOrRefuses(reframed(frame.slice(0, length)));
      }
    }
  });

  it('decode or are refused with huge counts and lengths in any place', () => {
    for (const frame of FRAMES) {
      for (let at = FRAME_HEADER_BYTES; at + 4 <= frame.length; at++) {
        for (const value of [0xffffffff, 0x7fffffff, 0x80000000, 0x00ffffff]) {
          const bytes = frame.slice();
          new DataView(bytes.buffer).setUint32(at, value, true);
          decodesOrRefuses(bytes);
        }
      }
    }
  });

  it('decode or are refused as any bytes of any type', () => {
    const type = fc.constantFrom(...Object.values(FRAME_TYPES));
    fc.assert(
      fc.property(type, fc.uint8Array({ maxLength: 120 }), (frameType, payload) => {
        const bytes = new Uint8Array(FRAME_HEADER_BYTES + payload.length);
        bytes.set(payload, FRAME_HEADER_BYTES);
        bytes[5] = frameType;
        decodesOrRefuses(reframed(bytes));
        decodesOrRefuses(payload);
      }),
      { numRuns: 3000 },
    );
  });

  it('are refused with bytes behind the last record', () => {
    for (const frame of FRAMES.slice(0, 2)) {
      const longer = reframed(Uint8Array.of(...frame, 0));
      expect(() => readAny(longer)).toThrow(/bytes after the last/);
    }
  });

  it('are refused as moves of an unknown kind', () => {
    const bytes = FRAMES[2].slice();
    bytes[FRAME_HEADER_BYTES] = 4;
    expect(() => readMoveHeader(bytes)).toThrow('unknown kind');
    bytes[FRAME_HEADER_BYTES] = 0;
    expect(() => readMoveHeader(bytes)).toThrow('unknown kind');
  });
});
