import fc from 'fast-check';
import { ByteWriter, DecodeError, hexText, latin1Bytes } from '#libs/kernel';
import { FRAME_HEADER_BYTES, FRAME_TYPES, readFrameType, writeFrameHeader } from '#libs/wire';
import {
  type Acknowledgement,
  decodeAcknowledgement,
  encodeAcknowledgement,
  REFUSAL_REASONS,
} from './acknowledgement.js';
import { REPLICATION_BOUNDS } from './bounds.js';
import { FrameWriter } from './frame-writer.js';
import { groupOf } from './group.js';
import { RecordRanges } from './record-ranges.js';
import { REPLICATE_KINDS } from './replicate-format.js';
import { ReplicateReader, UnknownFormatError } from './replicate-reader.js';

const PARTITIONS = 256;
const LIFE = { incarnation: 0xa1a2a3a4, generation: 5, session: 0xb1b2b3b4 };
const GROUP = groupOf(0x0c, 3);
const RECORDS = latin1Bytes('abcdefgh');
const WALL_MS = 0x0102_0304_0506;
const HEAD = 'a4a3a2a1 05000000 b4b3b2b1';

const writer = new FrameWriter();

function records(): Uint8Array {
  const ranges = new RecordRanges();
  ranges.add(1, 2);
  ranges.add(2, 3);
  ranges.add(5, 8);
  return writer.recordsFrame(RECORDS, ranges, WALL_MS, 0x0708, LIFE, 9, 7);
}

function frame(kind: number, fill: () => void): Uint8Array {
  writer.begin();
  fill();
  return writer.finish(kind, LIFE, 0x1f_0000_0009, 7);
}

const twoBatches = (): void => {
  writer.batch(RECORDS, 0, 2, WALL_MS, 1);
  writer.batch(RECORDS, 2, 3, WALL_MS, 2);
};

const ACKNOWLEDGEMENT: Acknowledgement = {
  ...LIFE,
  durable: 9,
  received: 11,
  isResendWanted: true,
  isPressed: false,
  refusals: [
    { frame: 8, group: GROUP, reason: REFUSAL_REASONS.gap, sealedEpoch: 0, last: { epoch: 4, sequence: 258 } },
    { frame: 9, group: 1, reason: REFUSAL_REASONS.sealed, sealedEpoch: 6, last: { epoch: 0, sequence: 0 } },
  ],
};

/** One of each kind as bytes: nodes of different releases read each other's. Spaces group the fields. */
const GOLDEN: readonly (readonly [string, Uint8Array, string])[] = [
  [
    'RECORDS',
    records(),
    `48595043 01 04 2f000000 01 01 ${HEAD} 0900000000000000 0700000000000000
     0807060504030201 05000000 6263666768`,
  ],
  [
    'RESUME',
    frame(REPLICATE_KINDS.resume, () => {
      writer.groupCount(2);
      writer.groupAt(GROUP, 6, 4, 258);
      writer.groupAt(0, 1, 0, 0);
    }),
    `48595043 01 04 46000000 01 02 ${HEAD} 090000001f000000 0700000000000000
     0200 0c00 03 06000000 04000000 0201000000000000 0000 01 01000000 00000000 0000000000000000`,
  ],
  [
    'COPY_BEGIN',
    frame(REPLICATE_KINDS.copyBegin, () => writer.groupAt(GROUP, 6, 6, 2)),
    `48595043 01 04 31000000 01 03 ${HEAD} 090000001f000000 0700000000000000
     0c00 03 06000000 06000000 0200000000000000`,
  ],
  [
    'COPY_RECORDS',
    frame(REPLICATE_KINDS.copyRecords, () => {
      writer.group(GROUP);
      twoBatches();
    }),
    `48595043 01 04 3e000000 01 04 ${HEAD} 090000001f000000 0700000000000000 0c00 03
     0100060504030201 02000000 6162 0200060504030201 03000000 636465`,
  ],
  [
    'COPY_END',
    frame(REPLICATE_KINDS.copyEnd, () => writer.groupAt(GROUP, 6, 6, 4)),
    `48595043 01 04 31000000 01 05 ${HEAD} 090000001f000000 0700000000000000
     0c00 03 06000000 06000000 0400000000000000`,
  ],
  [
    'POKE',
    frame(REPLICATE_KINDS.poke, () => undefined),
    `48595043 01 04 1e000000 01 06 ${HEAD} 090000001f000000 0700000000000000`,
  ],
  [
    'ACKNOWLEDGED',
    encodeAcknowledgement(new ByteWriter(), ACKNOWLEDGEMENT),
    `48595043 01 04 59000000 01 07 ${HEAD} 0900000000000000 0b00000000000000 01 0200
     0800000000000000 0c00 03 02 00000000 04000000 0201000000000000
     0900000000000000 0000 02 01 06000000 00000000 0000000000000000`,
  ],
];

/** Reads a frame as hosts do; whatever it points at must lie inside. */
function readAny(message: Uint8Array): void {
  if (message[11] === REPLICATE_KINDS.acknowledged) return void decodeAcknowledgement(message, PARTITIONS);
  const reader = new ReplicateReader(PARTITIONS);
  reader.open(message);
  if (reader.kind === REPLICATE_KINDS.records || reader.kind === REPLICATE_KINDS.copyRecords) {
    while (reader.nextBatch()) {
      expect(reader.recordsOffset + reader.recordsLength).toBeLessThanOrEqual(message.length);
    }
  } else while (reader.nextGroup()) expect(reader.group).toBeLessThan(PARTITIONS * 8);
}

function readsOrRefuses(message: Uint8Array): void {
  try {
    readAny(message);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
  }
}

/** With the length that its envelope should say, so that what is inside gets read. */
function reframed(bytes: Uint8Array): Uint8Array {
  if (bytes.length >= FRAME_HEADER_BYTES) writeFrameHeader(bytes, FRAME_TYPES.REPLICATE, bytes.length);
  return bytes;
}

function spoiled(name: string, at: number, change: readonly number[]): Uint8Array {
  const [, golden] = GOLDEN.find(([other]) => other === name) as (typeof GOLDEN)[number];
  const bytes = golden.slice();
  bytes.set(change, at);
  return bytes;
}

describe('golden REPLICATE frames', () => {
  it.each(GOLDEN)('%s is these bytes', (_name, bytes, hex) => {
    expect(hexText(bytes)).toBe(hex.replaceAll(/\s/g, ''));
    expect(readFrameType(bytes)).toBe(FRAME_TYPES.REPLICATE);
    expect(() => readAny(bytes)).not.toThrow();
  });

  it('are read back with every field', () => {
    const reader = new ReplicateReader(PARTITIONS);
    reader.open(records());
    expect(reader).toMatchObject({ kind: 1, ...LIFE, sequence: 9, heard: 7 });
    expect(reader.nextBatch()).toBe(true);
    expect(reader).toMatchObject({ wallMs: WALL_MS, logical: 0x0708, recordsLength: 5 });
    expect(reader.nextBatch()).toBe(false);
    reader.open(GOLDEN[1][1]);
    expect(reader.nextGroup()).toBe(true);
    expect(reader).toMatchObject({ group: GROUP, epoch: 6, afterEpoch: 4, afterSequence: 258 });
    expect(reader.nextGroup()).toBe(true);
    expect(reader).toMatchObject({ group: 0, epoch: 1, afterEpoch: 0, afterSequence: 0 });
    expect(reader.nextGroup()).toBe(false);
    reader.open(GOLDEN[3][1]);
    expect(reader).toMatchObject({ kind: 4, group: GROUP, sequence: 0x1f_0000_0009 });
    expect(decodeAcknowledgement(GOLDEN[6][1], PARTITIONS)).toEqual(ACKNOWLEDGEMENT);
  });
});

describe('hostile REPLICATE frames', () => {
  it.each<readonly [string, string, number, readonly number[]]>([
    ['frame of type 5', 'POKE', 5, [5]],
    ['replication format 2', 'POKE', 10, [2]],
    ['kind 0 from a primary', 'POKE', 11, [0]],
    ['kind 8 from a primary', 'POKE', 11, [8]],
    ['generation 0', 'POKE', 16, [0]],
    ['number exceeds 53 bits', 'POKE', 30, [0xff]],
    ['frame without a sequence', 'RECORDS', 24, [0]],
    ['bytes after the last field', 'RESUME', 40, [1]],
    ['truncated message', 'RESUME', 40, [3]],
    ['0 groups', 'RESUME', 40, [0]],
    ['4097 groups', 'RESUME', 40, [1, 16]],
    ['partition 268, there are 256', 'RESUME', 43, [1]],
    ['replication factor 0', 'RESUME', 44, [0]],
    ['replication factor 9', 'RESUME', 44, [9]],
    ['epoch 0', 'RESUME', 45, [0]],
    ['record of epoch 7 above 6', 'RESUME', 49, [7]],
    ['half a position', 'RESUME', 49, [0]],
    ['truncated message', 'RECORDS', 48, [6]],
    ['truncated message', 'RECORDS', 48, [0xff, 0xff, 0xff, 0xff]],
    ['kind 6 from a replica', 'ACKNOWLEDGED', 11, [6]],
    ['session 0', 'ACKNOWLEDGED', 20, [0, 0, 0, 0]],
    ['frame 12 is durable', 'ACKNOWLEDGED', 24, [12]],
    ['4097 refusals', 'ACKNOWLEDGED', 41, [1, 16]],
    ['refusal of frame 10', 'ACKNOWLEDGED', 43, [10]],
    ['refusal of frame 0', 'ACKNOWLEDGED', 43, [0]],
    ['refusal of frame 7', 'ACKNOWLEDGED', 71, [7]],
    ['refusal for reason 6', 'ACKNOWLEDGED', 54, [6]],
    ['bytes after the last refusal', 'ACKNOWLEDGED', 41, [1]],
  ])('that say "%s" are refused: %s', (error, name, at, change) => {
    const bytes = spoiled(name, at, change);
    const read = (): void => readAs(name, bytes);
    expect(read).toThrow(error);
    expect(read).toThrow(DecodeError);
  });

  it('of a later format are told from malformed ones', () => {
    expect(() => readAny(spoiled('RECORDS', 10, [2]))).toThrow(UnknownFormatError);
    expect(() => readAny(spoiled('ACKNOWLEDGED', 10, [2]))).toThrow(UnknownFormatError);
  });

  it('are read or refused when bytes are changed', () => {
    const change = fc.tuple(fc.nat(200), fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff)));
    fc.assert(
      fc.property(fc.nat(GOLDEN.length - 1), fc.array(change, { minLength: 1, maxLength: 6 }), (index, changes) => {
        const bytes = GOLDEN[index][1].slice();
        for (const [at, value] of changes) bytes[10 + (at % (bytes.length - 10))] = value;
        readsOrRefuses(bytes);
      }),
      { numRuns: 2000 },
    );
  });

  it('are read or refused at every length', () => {
    for (const [, bytes] of GOLDEN) {
      for (let length = 0; length <= bytes.length; length++) {
        readsOrRefuses(bytes.slice(0, length));
        readsOrRefuses(reframed(bytes.slice(0, length)));
      }
    }
  });

  it('are read or refused whatever their payload', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9 }), fc.uint8Array({ maxLength: 120 }), (kind, rest) => {
        readsOrRefuses(reframed(new Uint8Array([...new Uint8Array(10), 1, kind, ...rest])));
      }),
      { numRuns: 1000 },
    );
  });
});

function readAs(name: string, bytes: Uint8Array): void {
  if (name === 'ACKNOWLEDGED') decodeAcknowledgement(bytes, PARTITIONS);
  else readAny(bytes);
}

describe('an acknowledgement', () => {
  it('may refuse every group of a frame', () => {
    const refusals = Array.from({ length: REPLICATION_BOUNDS.maxRefusals }, (_, i) => ({
      ...ACKNOWLEDGEMENT.refusals[0],
      group: i % (PARTITIONS * 8),
    }));
    const bytes = encodeAcknowledgement(new ByteWriter(), { ...ACKNOWLEDGEMENT, refusals });
    expect(decodeAcknowledgement(bytes, PARTITIONS).refusals).toEqual(refusals);
  });
});
