import fc from 'fast-check';
import type { PrefetchBatch } from '#libs/engine';
import { ByteWriter, latin1Text, utf8Bytes } from '#libs/kernel';
import { encodeCommand } from '#libs/resp';
import { appendOperation, beginOperationsFrame, finishOperationsFrame, OperationsReader } from '#libs/wire';
import { LookAhead } from './look-ahead.js';
import { oneNode, type TestOperation } from './storage-bench.support.spec.js';

const MIN_STORE_BYTES = 1000;

/** Stands for a store's engine and writes down which keys it was told to load: `partition/database/key`. */
class RecordingEngine {
  readonly partitionCount = 4;
  usedBytes = MIN_STORE_BYTES;
  readonly batches: string[][] = [];

  prefetch({ count, partitions, databases, keyOffsets, keyLengths }: PrefetchBatch, buffer: Uint8Array): void {
    this.batches.push(
      Array.from(
        { length: count },
        (_, i) => `${partitions[i]}/${databases[i]}/${latin1Text(buffer, keyOffsets[i], keyLengths[i])}`,
      ),
    );
  }
}

interface Operation {
  readonly bytes: Uint8Array;
  readonly partition?: number;
  readonly storeId?: number;
  readonly multi?: boolean;
}

const command = (...words: string[]): Operation => ({ bytes: encodeCommand(words) });

function frameOf(operations: readonly Operation[]): Uint8Array {
  const writer = new ByteWriter();
  beginOperationsFrame(writer);
  operations.forEach(({ bytes, partition = 1, storeId = 0, multi = false }, i) => {
    const fields = { commandId: 1, flags: 0, database: 2, storeId, trace: undefined, buffer: bytes, offset: 0 };
    const routes = multi ? [{ partition: 2, epoch: 1, generation: 0 }] : [];
    appendOperation(writer, { ...fields, length: bytes.length }, i, partition, 1, 0, 100, routes);
  });
  finishOperationsFrame(writer, 1, 1, 1, operations.length);
  return writer.toBytes();
}

/** Which batches are loaded while a frame is gone through. */
function batchesOf(operations: readonly Operation[], window = 8, usedBytes = MIN_STORE_BYTES): string[][] {
  const engine = new RecordingEngine();
  engine.usedBytes = usedBytes;
  const lookAhead = new LookAhead(new Map([[0, { engine }]]), window, MIN_STORE_BYTES);
  const reader = new OperationsReader();
  reader.open(frameOf(operations));
  lookAhead.begin(reader);
  while (reader.advance()) lookAhead.step();
  return engine.batches;
}

describe('looking ahead', () => {
  it('has the keys of the next operations loaded, window by window', () => {
    const operations = ['a', 'bb', 'c', 'd', 'e', 'f', 'g', 'h'].map((key) => command('GET', key));
    expect(batchesOf(operations, 3)).toEqual([
      ['1/2/a', '1/2/bb', '1/2/c'],
      ['1/2/d', '1/2/e', '1/2/f'],
      ['1/2/g', '1/2/h'],
    ]);
  });

  it('leaves alone small frames, small stores, and everything where it is off', () => {
    const eight = Array<Operation>(8).fill(command('GET', 'a'));
    expect(batchesOf(eight)).toHaveLength(1);
    expect(batchesOf(eight.slice(1))).toEqual([]);
    expect(batchesOf(eight, 8, MIN_STORE_BYTES - 1)).toEqual([]);
    expect(batchesOf(eight, 0)).toEqual([]);
  });

  it('passes over what has no plain key of a served kind', () => {
    const odd: Operation[] = [
      command('PING'),
      { bytes: utf8Bytes('GET inline\r\n') },
      { bytes: utf8Bytes('*2\r\n$3\r\nGET\r\n$9\r\nshort\r\n') },
      { bytes: utf8Bytes('*2\r\n$3\r\nGET\r\n$-1\r\n') },
      { bytes: utf8Bytes('*2\r\n$99999999\r\nGET\r\n') },
      { bytes: utf8Bytes('*2\r\n$3\r\nGET\r\n') },
      { bytes: utf8Bytes('*') },
      command('GET', 'k'.repeat(129)),
      { ...command('GET', 'elsewhere'), partition: 4 },
      { ...command('MGET', 'several'), multi: true },
      command('SET', 'k', 'v'),
      { ...command('GET', 'other'), storeId: 1 },
    ];
    expect(batchesOf(odd, 16)).toEqual([['1/2/k']]);
  });

  it('stops where the frame is malformed, without an error of its own', () => {
    const frame = frameOf(Array<Operation>(8).fill(command('GET', 'a')));
    const cut = frame.slice(0, -5);
    const engine = new RecordingEngine();
    const lookAhead = new LookAhead(new Map([[0, { engine }]]), 8, MIN_STORE_BYTES);
    const reader = new OperationsReader();
    reader.open(cut);
    lookAhead.begin(reader);
    for (let i = 0; i < 7; i++) {
      reader.advance();
      lookAhead.step();
    }
    expect(engine.batches).toEqual([Array(7).fill('1/2/a')]);
  });

  it('changes no reply, whatever the bytes', () => {
    const [plain, ahead] = [0, 5].map((lookAheadOperations) =>
      oneNode({ lookAheadOperations, lookAheadStoreBytes: 0 }),
    );
    const key = fc.constantFrom('a', 'b', 'c', 'x'.repeat(200));
    const sane = fc.oneof(
      key.map((k): TestOperation => ({ command: ['get', k] })),
      fc.tuple(key, fc.string()).map(([k, value]): TestOperation => ({ command: ['set', k, value] })),
      key.map((k): TestOperation => ({ command: ['del', k] })),
    );
    fc.assert(
      fc.property(fc.array(sane, { maxLength: 30 }), (operations) => {
        expect(ahead.gateway.call(...operations)).toEqual(plain.gateway.call(...operations));
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (noise) => {
        for (const { gateway, network } of [plain, ahead]) {
          const frame = gateway.encode(Array<TestOperation>(9).fill({ command: ['get', 'a'] }));
          frame.set(noise, frame.length - noise.length);
          gateway.publish(frame);
          network.settle();
        }
        expect(ahead.gateway.replies).toEqual(plain.gateway.replies);
      }),
    );
  });
});
