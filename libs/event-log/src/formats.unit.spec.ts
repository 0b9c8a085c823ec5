import fc from 'fast-check';
import { ByteWriter, DecodeError } from '#libs/kernel';
import { BlockParser, type BlockFault } from './block-parser.js';
import { sealBlock } from './block.js';
import { checkpointSeed, openFooter, readCheckpointHead, readShardEnd, readShardStart } from './checkpoint-format.js';
import { EventLogError } from './event-log-error.js';
import { decodeManifest, encodeManifest } from './manifest-format.js';
import { BATCH_FORMAT } from './log-replay.js';
import {
  BATCH_HEADER_BYTES,
  readSegmentHead,
  segmentSeed,
  writeSegmentHead,
  type SegmentHead,
} from './segment-format.js';

const FORMAT = { headerBytes: BATCH_HEADER_BYTES, minBodyBytes: 4, maxBodyBytes: 1_000 };
const SEED = 99;
const FROM = 40;

/** Blocks with these bodies, behind 40 bytes of a header. */
function fileOf(bodies: readonly Uint8Array[]): Uint8Array {
  const writer = new ByteWriter();
  writer.bytes(new Uint8Array(FROM));
  for (const body of bodies) {
    const at = writer.length;
    writer.bytes(new Uint8Array(BATCH_HEADER_BYTES));
    writer.bytes(body);
    sealBlock(writer.buffer, writer.view, at, BATCH_HEADER_BYTES, body.length, SEED);
  }
  return writer.toBytes();
}

/** Reads a file in pieces of these lengths. */
function parse(file: Uint8Array, pieces: readonly number[]): { bodies: Uint8Array[]; fault: BlockFault | undefined } {
  const bodies: Uint8Array[] = [];
  const parser = new BlockParser(FORMAT, SEED, FROM, file.length, (buffer, _, at, length) => {
    bodies.push(buffer.slice(at + BATCH_HEADER_BYTES, at + BATCH_HEADER_BYTES + length));
  });
  let from = FROM;
  for (let i = 0; from < file.length && parser.fault === undefined; i++) {
    const length = pieces[i % pieces.length];
    parser.take(file.subarray(from, from + length));
    from += length;
  }
  parser.finishFile();
  return { bodies, fault: parser.fault };
}

const BODIES = fc.array(fc.uint8Array({ minLength: 4, maxLength: 200 }), { maxLength: 12 });
const PIECES = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 5 });

describe('blocks', () => {
  it('are found whatever pieces the file comes in', () => {
    fc.assert(
      fc.property(BODIES, PIECES, (bodies, pieces) => {
        expect(parse(fileOf(bodies), pieces)).toEqual({ bodies, fault: undefined });
      }),
    );
  });

  it('are found up to the one that is damaged, which is named by its place', () => {
    fc.assert(
      fc.property(BODIES, PIECES, fc.nat(), fc.nat(7), (bodies, pieces, place, bit) => {
        fc.pre(bodies.length > 0);
        const file = fileOf(bodies);
        const at = FROM + (place % (file.length - FROM));
        file[at] ^= 1 << bit;
        const found = parse(file, pieces);
        let offset = FROM;
        const whole = bodies.findIndex((body) => at < (offset += BATCH_HEADER_BYTES + body.length));
        expect(found.bodies).toEqual(bodies.slice(0, whole));
        expect(found.fault?.offset).toBe(offset - BATCH_HEADER_BYTES - bodies[whole].length);
      }),
    );
  });

  it('are found up to the end of a file that is torn', () => {
    fc.assert(
      fc.property(BODIES, PIECES, fc.nat(), (bodies, pieces, cut) => {
        const file = fileOf(bodies);
        const torn = file.subarray(0, FROM + (cut % (file.length - FROM + 1)));
        const { bodies: found, fault } = parse(torn, pieces);
        expect(bodies.slice(0, found.length)).toEqual(found);
        expect(fault === undefined).toBe(fileOf(found).length === torn.length);
      }),
    );
  });

  it('of lengths that their format does not have are none', () => {
    for (const length of [3, 1_001]) {
      const { fault } = parse(fileOf([new Uint8Array(length)]), [5_000]);
      expect(fault).toEqual({ offset: FROM, problem: `a block of ${length} bytes` });
    }
  });

  it('are not looked for in what is no file of ours, however long it says that they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 41, maxLength: 400 }), PIECES, (bytes, pieces) => {
        expect(parse(bytes, pieces)).toMatchObject({ bodies: [], fault: { offset: FROM } });
      }),
    );
    expect(BATCH_FORMAT.maxBodyBytes).toBeLessThan(2 ** 32);
  });
});

describe('heads of files', () => {
  const head: SegmentHead = {
    number: 2 ** 45,
    logId: 2 ** 53 - 1,
    previousBytes: 2 ** 32 - 1,
    neededCheckpoint: 2 ** 40,
  };

  it('come back as they were written', () => {
    const writer = new ByteWriter();
    writeSegmentHead(writer, head);
    expect(readSegmentHead(writer.toBytes())).toEqual(head);
    const manifest = { logId: 7, checkpoint: 3, firstSegment: 4, durable: { segment: 9, bytes: 5 }, isClosed: true };
    expect(decodeManifest(encodeManifest(manifest))).toEqual(manifest);
    const open = { ...manifest, isClosed: false };
    expect(decodeManifest(encodeManifest(open))).toEqual(open);
  });

  it('of other logs, other files and other places begin other checksums', () => {
    const seeds = [
      segmentSeed(head),
      segmentSeed({ ...head, number: 1 }),
      segmentSeed({ ...head, logId: 1 }),
      checkpointSeed(head),
    ];
    expect(new Set(seeds).size).toBe(seeds.length);
  });

  it('are never taken from other bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        for (const read of [readSegmentHead, readCheckpointHead, decodeManifest]) {
          expect(() => read(bytes)).toThrow(DecodeError);
        }
        expect(() => openFooter(bytes, SEED)).toThrow('does not end with its footer');
      }),
    );
  });

  it('and bodies of chunks have one length each', () => {
    expect(() => readShardStart(new Uint8Array(40), 0, 17)).toThrow(DecodeError);
    expect(() => readShardEnd(new Uint8Array(40), 0, 9)).toThrow(DecodeError);
  });
});

describe('EventLogError', () => {
  it('names the file, the place, what is wrong and what to do', () => {
    const error = new EventLogError('damaged', 'log/1.log', 77, 'the checksum of a block differs');
    expect(error.message).toMatch(/^log\/1\.log: the checksum of a block differs \(byte 77\)\. Bring the file back/);
  });
});
