import fc from 'fast-check';
import { ByteWriter, utf8Bytes } from '#libs/kernel';
import { EntryView } from './entry-view.js';
import { PREFETCH_KEYS, PrefetchBatch } from './prefetch-batch.js';
import { encodeEntryBody } from './record.js';
import { ABSENT, StoreEngine } from './store-engine.js';

const PARTITIONS = 4;
const DATABASES = 2;
const MIB = 1024 * 1024;

interface Key {
  readonly partition: number;
  readonly database: number;
  readonly text: string;
}

const keys = fc.record({
  partition: fc.nat(PARTITIONS - 1),
  database: fc.nat(DATABASES - 1),
  text: fc.oneof(fc.string({ maxLength: 3 }), fc.string({ minLength: 130, maxLength: 140 })),
});

function store(engine: StoreEngine, { partition, database, text }: Key, valueBytes: number): void {
  const writer = new ByteWriter();
  const key = utf8Bytes(text);
  const value = new Uint8Array(valueBytes).fill(1);
  const length = encodeEntryBody(writer, database, 0, 0, key, 0, key.length, value, 0, value.length);
  engine.applySet(partition, 1, writer.buffer, 0, length);
}

/** What a look-up of the key finds: bytes of the value, or -1. */
function find(engine: StoreEngine, { partition, database, text }: Key): number {
  const key = utf8Bytes(text);
  const ref = engine.find(partition, database, key, 0, key.length);
  if (ref === ABSENT) return -1;
  const view = new EntryView();
  engine.read(ref, view);
  return view.valueLength;
}

function prefetch(engine: StoreEngine, wanted: readonly Key[]): void {
  const batch = new PrefetchBatch();
  const buffer = new ByteWriter();
  for (const { partition, database, text } of wanted) {
    const key = utf8Bytes(text);
    batch.add(partition, database, buffer.length, key.length);
    buffer.bytes(key);
  }
  engine.prefetch(batch, buffer.buffer);
}

describe('prefetching', () => {
  it('changes nothing, whether keys are there or not', () => {
    const entry = fc.record({ key: keys, valueBytes: fc.oneof(fc.nat(50), fc.integer({ min: 1_100, max: 3_000 })) });
    const segmentBytes = fc.constantFrom(4096, 65_536, MIB);
    fc.assert(
      fc.property(
        fc.array(entry, { maxLength: 60 }),
        fc.array(keys, { maxLength: PREFETCH_KEYS }),
        segmentBytes,
        (stored, wanted, size) => {
          const options = { partitionCount: PARTITIONS, hashSeed: 3, limitBytes: 64 * MIB, segmentBytes: size };
          const engine = new StoreEngine(options);
          for (const { key, valueBytes } of stored) store(engine, key, valueBytes);
          const asked = [...wanted, ...stored.map(({ key }) => key)].slice(0, PREFETCH_KEYS);
          const before = asked.map((key) => find(engine, key));
          const stats = engine.stats();
          prefetch(engine, asked);
          expect(engine.stats()).toEqual(stats);
          expect(asked.map((key) => find(engine, key))).toEqual(before);
        },
      ),
    );
  });

  it('follows the index and the log while they grow and shrink', () => {
    const engine = new StoreEngine({ partitionCount: PARTITIONS, hashSeed: 3, limitBytes: 64 * MIB });
    const all = Array.from({ length: 6_000 }, (_, i) => ({ partition: i % PARTITIONS, database: 0, text: `key${i}` }));
    for (let i = 0; i < all.length; i += PREFETCH_KEYS) {
      const next = all.slice(i, i + PREFETCH_KEYS);
      prefetch(engine, next);
      for (const key of next) store(engine, key, 20);
    }
    expect(all.every((key) => find(engine, key) === 20)).toBe(true);
    for (let partition = 0; partition < PARTITIONS; partition++) engine.applyClear(partition, -1);
    prefetch(engine, all.slice(0, PREFETCH_KEYS));
    expect(find(engine, all[0])).toBe(-1);
  });

  it('knows when a batch is full', () => {
    const batch = new PrefetchBatch();
    for (let i = 0; i < PREFETCH_KEYS; i++) {
      expect(batch.isFull).toBe(false);
      batch.add(0, 0, 0, 1);
    }
    expect(batch.isFull).toBe(true);
    batch.clear();
    expect(batch.isFull).toBe(false);
  });
});
