import fc from 'fast-check';
import { ByteWriter } from '#libs/kernel';
import { sealBlock } from './block.js';
import { CheckpointLoader } from './checkpoint-loader.js';
import {
  checkpointSeed,
  CHUNK_HEADER_BYTES,
  CHUNK_KINDS,
  writeCheckpointHead,
  writeChunkFields,
  writeFooter,
  writeShardStart,
} from './checkpoint-format.js';
import { LogRig, records, Visited } from './log-rig.support.spec.js';

/** Beside the kinds that there are: an end that counts other bytes than came, and a kind that there is not. */
type ChunkName = keyof typeof CHUNK_KINDS | 'otherEnd' | 'unknown';

const LETTERS = { shard: 's', records: 'r', shardEnd: 'e', footer: 'f', otherEnd: 'o', unknown: 'u' };

const HEAD = { number: 1, logId: 4711, firstSegment: 1 };
const START = { storeId: 1, partition: 2, group: 1, epoch: 3, sequence: 4 };
const PATH = 'events/checkpoint/0000000000000001.ckp';
const RECORDS = records([7]);
const NOTHING = { replayTo: { segment: 0, bytes: 0 }, latest: { wallMs: 0, logical: 0 } };

function kindOf(name: ChunkName): number {
  if (name === 'unknown') return 9;
  return name === 'otherEnd' ? CHUNK_KINDS.shardEnd : CHUNK_KINDS[name];
}

/** A file of these chunks, whose checksums are all right, with a footer that counts so many shards and bytes. */
function fileOf(
  chunks: readonly ChunkName[],
  shards: number,
  recordBytes: number,
  indexes?: readonly number[],
): Uint8Array {
  const writer = new ByteWriter();
  writeCheckpointHead(writer, HEAD);
  let shardBytes = 0;
  for (const [at, name] of chunks.entries()) {
    const from = writer.length;
    writer.bytes(new Uint8Array(CHUNK_HEADER_BYTES));
    writeChunkFields(writer.view, from, indexes?.[at] ?? at, kindOf(name));
    if (name === 'shard') {
      shardBytes = 0;
      writeShardStart(writer, START);
    } else if (name === 'shardEnd') writer.u53(shardBytes);
    else if (name === 'otherEnd') writer.u53(shardBytes + 1);
    else if (name === 'footer') writeFooter(writer, { shards, recordBytes, ...NOTHING });
    else {
      shardBytes += RECORDS.length;
      writer.bytes(RECORDS);
    }
    const length = writer.length - from - CHUNK_HEADER_BYTES;
    sealBlock(writer.buffer, writer.view, from, CHUNK_HEADER_BYTES, length, checkpointSeed(HEAD));
  }
  return writer.toBytes();
}

function problemOf(file: Uint8Array): string | undefined {
  const rig = new LogRig();
  rig.put(PATH, file);
  const answers: (string | undefined)[] = [];
  const footer = { shards: 0, recordBytes: 0, ...NOTHING };
  const found = { number: 1, fileBytes: file.length, head: HEAD, footer };
  new CheckpointLoader(rig.disk, PATH, found, new Visited(), () => undefined).load((error) => {
    answers.push(error?.problem);
  });
  rig.settle();
  expect(answers).toHaveLength(1);
  return answers[0];
}

describe('loading a checkpoint', () => {
  it('takes shards with their records, and the footer that counts them', () => {
    expect(problemOf(fileOf(['footer'], 0, 0))).toBeUndefined();
    const chunks: ChunkName[] = ['shard', 'records', 'records', 'shardEnd', 'shard', 'shardEnd', 'footer'];
    expect(problemOf(fileOf(chunks, 2, 2 * RECORDS.length))).toBeUndefined();
  });

  it.each<[ChunkName[], string]>([
    [['records', 'footer'], 'out of its place'],
    [['shardEnd', 'footer'], 'out of its place'],
    [['shard', 'shard'], 'out of its place'],
    [['shard', 'footer'], 'out of its place'],
    [['footer', 'footer'], 'out of its place'],
    [['unknown', 'footer'], 'unknown kind 9'],
    [['shard', 'shardEnd'], 'it ends too early'],
    [['shard', 'shardEnd', 'footer'], 'its counts differ'],
  ])('refuses %j: %s', (chunks, problem) => {
    expect(problemOf(fileOf(chunks, 0, 0))).toContain(problem);
  });

  it('refuses chunks that are missing, doubled or out of order', () => {
    const chunks: ChunkName[] = ['shard', 'records', 'records', 'shardEnd', 'footer'];
    for (const indexes of [
      [0, 1, 1, 2, 3],
      [0, 2, 1, 3, 4],
      [1, 2, 3, 4, 5],
      [0, 1, 2, 3, 5],
    ]) {
      expect(problemOf(fileOf(chunks, 1, 2 * RECORDS.length, indexes))).toContain('out of its place');
    }
  });

  it('refuses a shard that has not all of its records', () => {
    expect(problemOf(fileOf(['shard', 'otherEnd', 'footer'], 1, 0))).toBe('a shard is not whole');
  });

  it('takes of all sequences of chunks those that are whole', () => {
    const names: ChunkName[] = ['shard', 'records', 'shardEnd', 'footer', 'unknown'];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...names), { maxLength: 8 }), (chunks) => {
        const shards = chunks.filter((name) => name === 'shard').length;
        const recordBytes = chunks.filter((name) => name === 'records').length * RECORDS.length;
        const isWhole = /^(s( r)* e )*f$/.test(chunks.map((name) => LETTERS[name]).join(' '));
        expect(problemOf(fileOf(chunks, shards, recordBytes)) === undefined).toBe(isWhole);
      }),
    );
  });
});
