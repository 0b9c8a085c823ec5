import fc from 'fast-check';
import { DecodeError } from '#libs/kernel';
import {
  ALL_DATABASES,
  EVENT_HEADER_BYTES,
  EVENT_KINDS,
  EventBatch,
  EventReader,
  type KeyedBody,
  readEpochStarted,
  readKeyedBody,
  REMOVAL_CAUSES,
  type RemovalCauseName,
} from './event-record.js';

const PLACE = {
  storeId: fc.integer({ min: 0, max: 0xffff }),
  partition: fc.integer({ min: 0, max: 16383 }),
  sequence: fc.maxSafeNat(),
};
const KEY = fc.uint8Array({ maxLength: 40 });
const DATABASE = fc.integer({ min: 0, max: 15 });

const EVENT = fc.oneof(
  fc.record({
    ...PLACE,
    kind: fc.constantFrom('entrySet' as const, 'collectionUnit' as const),
    body: fc.uint8Array({ maxLength: 60 }),
  }),
  fc.record({
    ...PLACE,
    kind: fc.constant('entryRemoved' as const),
    cause: fc.constantFrom(...(Object.keys(REMOVAL_CAUSES) as RemovalCauseName[])),
    database: DATABASE,
    key: KEY,
  }),
  fc.record({
    ...PLACE,
    kind: fc.constantFrom('entryExpirySet' as const, 'entryCreated' as const, 'entryModified' as const),
    database: DATABASE,
    timeMs: fc.maxSafeNat(),
    key: KEY,
  }),
  fc.record({
    ...PLACE,
    storeId: fc.constant<number>(0),
    sequence: fc.constant<number>(0),
    kind: fc.constant('partitionDropped' as const),
  }),
  fc.record({
    ...PLACE,
    storeId: fc.constant<number>(0),
    kind: fc.constant('epochStarted' as const),
    previous: fc.record({ epoch: fc.nat(0xffff_ffff), sequence: fc.maxSafeNat() }),
  }),
  fc.record({
    ...PLACE,
    kind: fc.constant('shardCleared' as const),
    database: fc.oneof(DATABASE, fc.constant(ALL_DATABASES)),
  }),
);

type Event = typeof EVENT extends fc.Arbitrary<infer T> ? T : never;

function append(batch: EventBatch, event: Event): void {
  const { storeId, partition, sequence } = event;
  switch (event.kind) {
    case 'entrySet':
    case 'collectionUnit':
      batch.begin(EVENT_KINDS[event.kind], 0, storeId, partition, sequence);
      batch.writer.bytes(event.body);
      return batch.end();
    case 'entryRemoved': {
      const { cause, database, key } = event;
      return batch.entryRemoved(storeId, partition, sequence, cause, database, key, 0, key.length);
    }
    case 'entryExpirySet': {
      const { database, timeMs, key } = event;
      return batch.entryExpirySet(storeId, partition, sequence, database, timeMs, key, 0, key.length);
    }
    case 'entryCreated':
    case 'entryModified': {
      const { kind, database, timeMs, key } = event;
      return batch.entryTime(EVENT_KINDS[kind], storeId, partition, sequence, database, timeMs, key, 0, key.length);
    }
    case 'partitionDropped':
      return batch.partitionDropped(partition);
    case 'epochStarted':
      return batch.epochStarted(3, partition, sequence, event.previous.epoch, event.previous.sequence);
    default:
      return batch.shardCleared(storeId, partition, sequence, event.database);
  }
}

function nameOf<T extends Record<string, number>>(names: T, value: number): keyof T {
  return Object.keys(names).find((name) => names[name] === value) as keyof T;
}

function readBack(reader: EventReader): Event {
  const { storeId, partition, sequence, buffer, bodyOffset, bodyLength } = reader;
  const kind = nameOf(EVENT_KINDS, reader.kind);
  const place = { storeId, partition, sequence };
  if (kind === 'entrySet' || kind === 'collectionUnit')
    return { ...place, kind, body: buffer.slice(bodyOffset, bodyOffset + bodyLength) };
  if (kind === 'shardCleared') return { ...place, kind, database: reader.detail };
  if (kind === 'partitionDropped') return { ...place, kind };
  if (kind === 'epochStarted') return { ...place, kind, previous: readEpochStarted(reader) };
  const body: KeyedBody = { database: 0, timeMs: 0, keyOffset: 0, keyLength: 0 };
  readKeyedBody(reader, body);
  const { database, timeMs } = body;
  const key = buffer.slice(body.keyOffset, body.keyOffset + body.keyLength);
  if (kind !== 'entryRemoved') return { ...place, kind, database, timeMs, key };
  return { ...place, kind, cause: nameOf(REMOVAL_CAUSES, reader.detail), database, key };
}

function readAll(bytes: Uint8Array, offset = 0, length = bytes.length - offset): Event[] {
  const reader = new EventReader();
  reader.open(bytes, offset, length);
  const events: Event[] = [];
  while (reader.advance()) events.push(readBack(reader));
  return events;
}

describe('event records', () => {
  it('come out as they went in, whatever surrounds them', () => {
    const batch = new EventBatch();
    fc.assert(
      fc.property(fc.array(EVENT, { maxLength: 12 }), fc.nat(30), fc.nat(30), (events, before, behind) => {
        batch.reset();
        for (const event of events) append(batch, event);
        const changes = events.filter(({ kind }) => kind !== 'epochStarted' && kind !== 'partitionDropped');
        expect(batch.count).toBe(changes.length);
        const bytes = Uint8Array.of(
          ...new Uint8Array(before).fill(0xee),
          ...batch.writer.toBytes(),
          ...new Uint8Array(behind).fill(0xee),
        );
        expect(readAll(bytes, before, batch.writer.length)).toEqual(events);
      }),
    );
  });

  it('are these bytes', () => {
    const batch = new EventBatch();
    const origin = { epochs: new Uint32Array(0x400), groups: new Uint8Array(0x200) };
    origin.epochs[0x0304] = 9;
    origin.groups[0x0102] = 3;
    batch.origin = origin;
    batch.entryExpirySet(0x0102, 0x0304, 0x1f_0000_0005, 7, 0x0a0b, Uint8Array.of(0x6b), 0, 1);
    batch.entryRemoved(1, 2, 3, 'evicted', 7, Uint8Array.of(0, 0x6b, 0), 1, 1);
    batch.shardCleared(1, 2, 3, ALL_DATABASES);
    expect(Buffer.from(batch.writer.toBytes()).toString('hex')).toBe(
      [
        '22000000 02 03 00 03 0201 0403 050000001f000000 09000000 07 0b0a000000000000 6b',
        '1a000000 02 02 03 00 0100 0200 0300000000000000 00000000 07 6b',
        '18000000 02 04 ff 00 0100 0200 0300000000000000 00000000',
      ]
        .join('')
        .replace(/ /g, ''),
    );
  });

  it('are read as the version before wrote them', () => {
    const reader = new EventReader();
    reader.open(Buffer.from('160000000102030001000200030000000000000007 6b'.replace(' ', ''), 'hex'));
    expect(reader.advance()).toBe(true);
    const { kind, detail, group, storeId, partition, sequence, epoch, bodyOffset, bodyLength } = reader;
    expect({ kind, detail, group, storeId, partition, sequence, epoch, bodyOffset, bodyLength }).toEqual({
      kind: EVENT_KINDS.entryRemoved,
      detail: REMOVAL_CAUSES.evicted,
      group: 0,
      storeId: 1,
      partition: 2,
      sequence: 3,
      epoch: 0,
      bodyOffset: 20,
      bodyLength: 2,
    });
    expect(reader.advance()).toBe(false);
  });

  it('tell which group and epoch they belong to, and where they lie', () => {
    const batch = new EventBatch();
    batch.origin = { epochs: Uint32Array.of(0, 5), groups: Uint8Array.of(0, 0, 3) };
    batch.shardCleared(2, 1, 7, 0);
    batch.shardCleared(1, 0, 8, 0);
    const reader = new EventReader();
    reader.open(batch.writer.toBytes());
    const seen = [];
    while (reader.advance()) seen.push([reader.group, reader.epoch, reader.recordOffset, reader.recordLength]);
    expect(seen).toEqual([
      [3, 5, 0, EVENT_HEADER_BYTES],
      [0, 0, EVENT_HEADER_BYTES, EVENT_HEADER_BYTES],
    ]);
  });

  it('tells where a body begins, so that it can be applied from there', () => {
    const batch = new EventBatch();
    batch.shardCleared(0, 0, 1, 0);
    expect(batch.begin(EVENT_KINDS.entrySet, 0, 0, 0, 2)).toBe(2 * EVENT_HEADER_BYTES);
  });
});

describe('EventBatch', () => {
  const kept: Event = { kind: 'shardCleared', storeId: 1, partition: 2, sequence: 3, database: 4 };

  it('takes a cancelled record back', () => {
    const batch = new EventBatch();
    append(batch, kept);
    batch.begin(EVENT_KINDS.entrySet, 0, 9, 9, 9);
    batch.writer.bytes(new Uint8Array(5000));
    batch.cancel();
    append(batch, kept);
    expect(batch.count).toBe(2);
    expect(readAll(batch.writer.toBytes())).toEqual([kept, kept]);
  });

  it('takes whole records of another over', () => {
    const batch = new EventBatch();
    const other = new EventBatch();
    append(other, kept);
    append(batch, kept);
    batch.begin(EVENT_KINDS.entrySet, 0, 9, 9, 9);
    batch.cancel();
    batch.addRecords(Uint8Array.of(0xee, ...other.writer.toBytes(), 0xee), 1, other.writer.length);
    append(batch, kept);
    expect(batch.count).toBe(2);
    expect(readAll(batch.writer.toBytes())).toEqual([kept, kept, kept]);
  });

  it('overwrites a record that was begun and never ended', () => {
    const batch = new EventBatch();
    append(batch, kept);
    batch.begin(EVENT_KINDS.entrySet, 0, 9, 9, 9);
    batch.writer.bytes(new Uint8Array(100));
    append(batch, kept);
    expect(readAll(batch.writer.toBytes())).toEqual([kept, kept]);
    batch.begin(EVENT_KINDS.entrySet, 0, 9, 9, 9);
    batch.reset();
    append(batch, kept);
    expect(readAll(batch.writer.toBytes())).toEqual([kept]);
  });
});

describe('hostile event records', () => {
  function sample(): Uint8Array {
    const batch = new EventBatch();
    batch.entryExpirySet(1, 2, 3, 4, 5, new Uint8Array(8), 0, 8);
    batch.entryTime(EVENT_KINDS.entryCreated, 1, 2, 3, 4, 5, new Uint8Array(8), 0, 8);
    batch.entryRemoved(1, 2, 4, 'deleted', 4, new Uint8Array(8), 0, 8);
    batch.shardCleared(1, 2, 5, 0);
    batch.epochStarted(3, 2, 6, 7, 8);
    return batch.writer.toBytes();
  }

  function readsOrRefuses(bytes: Uint8Array): void {
    const reader = new EventReader();
    const body: KeyedBody = { database: 0, timeMs: 0, keyOffset: 0, keyLength: 0 };
    try {
      reader.open(bytes);
      while (reader.advance()) {
        expect(reader.bodyOffset + reader.bodyLength).toBeLessThanOrEqual(bytes.length);
        readKeyedBody(reader, body);
        expect(body.keyOffset + body.keyLength).toBe(reader.bodyOffset + reader.bodyLength);
        expect(body.keyLength).toBeGreaterThanOrEqual(0);
        readEpochStarted(reader);
      }
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
    }
  }

  it('read or are refused when bytes change, and at every length', () => {
    const bytes = sample();
    for (let length = 0; length <= bytes.length; length++) readsOrRefuses(bytes.slice(0, length));
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 6 }), (changes) => {
        const changed = bytes.slice();
        for (const [at, value] of changed.length > 0 ? changes : []) changed[at % changed.length] = value;
        readsOrRefuses(changed);
      }),
      { numRuns: 2000 },
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), readsOrRefuses), { numRuns: 1000 });
  });

  it.each([
    ['event is truncated', (bytes: Uint8Array) => bytes.slice(0, 19)],
    ['event length is wrong', (bytes: Uint8Array) => bytes.fill(0xff, 0, 4)],
    ['event length is wrong', (bytes: Uint8Array) => bytes.fill(0, 0, 4)],
    ['event of unknown format 3', (bytes: Uint8Array) => bytes.fill(3, 4, 5)],
    ['sequence exceeds 53 bits', (bytes: Uint8Array) => bytes.fill(0xff, 12, 20)],
    ['names a database above 15', (bytes: Uint8Array) => bytes.fill(16, 24, 25)],
    ['time exceeds 53 bits', (bytes: Uint8Array) => bytes.fill(0xff, 25, 33)],
  ])('are refused: %s', (reason, spoil) => {
    expect(() => readAll(spoil(sample()))).toThrow(reason);
  });

  it('are refused where a body is too short for its kind', () => {
    const batch = new EventBatch();
    batch.begin(EVENT_KINDS.entryExpirySet, 0, 0, 0, 0);
    batch.writer.bytes(new Uint8Array(8));
    batch.end();
    expect(() => readAll(batch.writer.toBytes())).toThrow('event body is truncated');
  });
});
