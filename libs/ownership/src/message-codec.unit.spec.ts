import * as fc from 'fast-check';
import { DecodeError, hexText } from '#libs/kernel';
import { FRAME_HEADER_BYTES, FRAME_TYPES, writeFrameHeader } from '#libs/wire';
import { decodeOwnership, encodeOwnership, NOWHERE, OWNERSHIP_BOUNDS, type OwnershipMessage } from './index.js';

const PARTITIONS = 256;
const FROM = 'n1';
const HEAD = '01 02 6e31';

/** One of each kind as bytes: nodes of different releases read each other's. Spaces group the fields. */
const GOLDEN: readonly (readonly [OwnershipMessage, string])[] = [
  [
    {
      type: 'seal',
      from: FROM,
      records: [
        { partition: 7, epoch: 3 },
        { partition: 1, epoch: 9 },
      ],
    },
    `48595043 01 16 12000000 ${HEAD} 0200 0700 03000000 0100 09000000`,
  ],
  [
    {
      type: 'sealed',
      from: FROM,
      records: [
        { partition: 7, epoch: 3, sealedEpoch: 3, last: { epoch: 2, sequence: 258 } },
        { partition: 1, epoch: 3, sealedEpoch: 4, last: NOWHERE },
      ],
    },
    `48595043 01 17 32000000 ${HEAD} 0200 0700 03000000 03000000 02000000 0201000000000000
     0100 03000000 04000000 00000000 0000000000000000`,
  ],
  [
    { type: 'renew', from: FROM, round: 5, records: [{ partition: 255, epoch: 1 }] },
    `48595043 01 18 10000000 ${HEAD} 05000000 0100 ff00 01000000`,
  ],
  [
    { type: 'granted', from: FROM, round: 5, records: [{ partition: 2, epoch: 1, sealedEpoch: 1 }] },
    `48595043 01 19 14000000 ${HEAD} 05000000 0100 0200 01000000 01000000`,
  ],
];

const bytesOf = (type: OwnershipMessage['type']): number[] => {
  const [message] = GOLDEN.find(([{ type: other }]) => other === type) as (typeof GOLDEN)[number];
  return [...encodeOwnership(message).subarray(FRAME_HEADER_BYTES)];
};

function framed(type: number, payload: readonly number[]): Uint8Array {
  const frame = new Uint8Array([...new Uint8Array(FRAME_HEADER_BYTES), ...payload]);
  writeFrameHeader(frame, type, frame.length);
  return frame;
}

describe('messages about ownership', () => {
  it.each(GOLDEN.map(([message, hex]) => [message.type, message, hex] as const))(
    '%s is these bytes',
    (_, message, hex) => {
      const frame = encodeOwnership(message);
      expect(hexText(frame)).toBe(hex.replaceAll(/\s/g, ''));
      expect(decodeOwnership(frame, PARTITIONS)).toEqual(message);
    },
  );

  it.each<readonly [string, OwnershipMessage['type'], number, readonly number[]]>([
    ['message version 2, 1 is allowed', 'seal', 0, [2]],
    ['sender is not a token', 'seal', 2, [0x20]],
    ['0 records', 'seal', 4, [0, 0]],
    ['4097 records', 'seal', 4, [1, 16]],
    ['partition 256, there are 256', 'seal', 6, [0, 1]],
    ['epoch 0', 'seal', 8, [0, 0, 0, 0]],
    ['partition 7 occurs twice', 'seal', 12, [7, 0]],
    ['truncated message', 'seal', 4, [3, 0]],
    ['bytes after a message', 'seal', 4, [1, 0]],
    ['sealed epoch 1 below 3', 'sealed', 12, [1, 0, 0, 0]],
    ['record of epoch 4 above epoch 3', 'sealed', 16, [4]],
    ['no position: epoch 0, sequence 258', 'sealed', 16, [0]],
    ['refusal with a position', 'sealed', 12, [9]],
    ['number exceeds 53 bits', 'sealed', 26, [0, 0xff]],
    ['sealed epoch 0 below 1', 'granted', 16, [0]],
  ])('that say "%s" are refused', (error, type, at, change) => {
    const payload = bytesOf(type);
    payload.splice(at, change.length, ...change);
    const frameType = FRAME_TYPES[type.toUpperCase() as 'SEAL'];
    expect(() => decodeOwnership(framed(frameType, payload), PARTITIONS)).toThrow(error);
    expect(() => decodeOwnership(framed(frameType, payload), PARTITIONS)).toThrow(DecodeError);
  });

  it('refuse other frames', () => {
    expect(() => decodeOwnership(framed(FRAME_TYPES.MOVE, bytesOf('seal')), PARTITIONS)).toThrow(
      'type 20 is no message',
    );
  });

  it('decode or give a DecodeError, whatever the bytes', () => {
    const type = fc.constantFrom(FRAME_TYPES.SEAL, FRAME_TYPES.SEALED, FRAME_TYPES.RENEW, FRAME_TYPES.GRANTED);
    const start = fc.constantFrom<readonly number[]>([], [1, 2, 0x6e, 0x31], [1, 2, 0x6e, 0x31, 1, 0]);
    fc.assert(
      fc.property(type, start, fc.uint8Array({ maxLength: 60 }), (frameType, head, rest) => {
        try {
          const message = decodeOwnership(framed(frameType, [...head, ...rest]), PARTITIONS);
          expect(encodeOwnership(message)).toEqual(framed(frameType, [...head, ...rest]));
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
      }),
    );
  });

  it('are not made of too many records, none, or by senders without a proper id', () => {
    const record = { partition: 0, epoch: 1 };
    const tooMany = Array.from({ length: OWNERSHIP_BOUNDS.maxFrameRecords + 1 }, () => record);
    expect(() => encodeOwnership({ type: 'seal', from: FROM, records: tooMany })).toThrow('4097 records');
    expect(() => encodeOwnership({ type: 'seal', from: FROM, records: [] })).toThrow('0 records');
    expect(() => encodeOwnership({ type: 'seal', from: 'a b', records: [record] })).toThrow('node id "a b"');
  });
});
