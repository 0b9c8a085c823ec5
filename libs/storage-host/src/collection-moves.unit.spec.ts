// Partitions with hashes, lists, sets and sorted sets move: large ones in units, of which the target trusts none.
import { storeFromPreset } from '#libs/cluster';
import { encodeEntryBody, VALUE_TYPE, type ValueType } from '#libs/engine';
import { EVENT_KINDS, EventBatch } from '#libs/events';
import { ByteWriter, DecodeError, latin1Bytes } from '#libs/kernel';
import { beginMoveFrame, decodeMoveAck, finishMoveFrame, MOVE_KINDS } from '#libs/wire';
import { add, contents, PARTITION, storeOf } from './collections.support.spec.js';
import { MoveTarget } from './move-target.js';
import { StorageBench } from './storage-bench.support.spec.js';
import type { StoreShards } from './index.js';

/** Two nodes; the first has everything. */
function rig(moveChunkBytes = 4_096) {
  const bench = new StorageBench(4);
  const [source, target] = [bench.node('s1', { moveChunkBytes }), bench.node('s2', { moveChunkBytes })];
  bench.publishTable();
  const move = (): void => {
    bench.plan(PARTITION, { movingTo: 's2', moveId: 77 });
    bench.publishTable();
    bench.plan(PARTITION, { owner: 's2', epoch: 2, movingTo: undefined });
    bench.publishTable();
  };
  return { bench, source: storeOf(source), target: storeOf(target), move };
}

const { HASH, LIST, SET, ZSET } = VALUE_TYPE;

describe('collections of a partition that moves', () => {
  it.each([64, 4_096, 256 * 1024])('arrive as they were, in chunks of %d bytes', (chunkBytes) => {
    const { source, target, move } = rig(chunkBytes);
    const counts: [ValueType, number][] = [HASH, LIST, SET, ZSET].flatMap((type) =>
      [3, 2_000].map((count): [ValueType, number] => [type, count]),
    );
    for (const [type, count] of counts) add(source.engine, source, `${type}-${count}`, type, count);
    const before = counts.map(([type, count]) => contents(source, `${type}-${count}`));
    move();
    expect(counts.map(([type, count]) => contents(target, `${type}-${count}`))).toEqual(before);
    expect(target.engine.count(PARTITION)).toBe(8);
    expect(source.engine.count(PARTITION)).toBe(0);
    while (source.engine.hasReleased) source.engine.reclaim(8);
    expect(source.engine.collections.usedBytes).toBe(0);
  });
});

describe('collections of sessions', () => {
  it('become no younger by a move', () => {
    const { bench, move } = rig();
    bench.stores = [{ id: 0, ...storeFromPreset('session', { name: 'default' }) }];
    bench.publishTable();
    const [source, target] = ['s1', 's2'].map((node) => storeOf(bench.hosts.get(node)));
    const nowMs = bench.time.wallMs();
    add(source.engine, source, 'large', HASH, 400, nowMs);
    add(source.engine, source, 'small', HASH, 4, nowMs);
    const createdAtMs = ({ engine }: StoreShards, key: string): number => {
      const bytes = latin1Bytes(key);
      return engine.times.createdAtMs(PARTITION, engine.find(PARTITION, 0, bytes, 0, bytes.length));
    };
    const before = ['large', 'small'].map((key) => createdAtMs(source, key));
    expect(before[0]).toBeGreaterThan(0);
    bench.time.advance(5_000);
    move();
    expect(['large', 'small'].map((key) => createdAtMs(target, key))).toEqual(before);
  });
});

describe('units that are not what they should be', () => {
  interface Item {
    readonly kind: number;
    readonly key: string;
    readonly type: ValueType;
    readonly value: Uint8Array;
  }

  /** Has the target node take the records of a frame. */
  function take(items: readonly Item[]): { accepted: boolean; store: StoreShards } {
    const { bench } = rig();
    const host = bench.hosts.get('s2');
    if (host === undefined) throw new Error('no target');
    const { ownership, stores, nodeStores } = host;
    const target = new MoveTarget(
      ownership,
      stores,
      () => true,
      nodeStores.pressured,
      () => 1,
      1,
      new EventBatch(),
    );
    const records = new EventBatch();
    for (const { kind, key, type, value } of items) {
      records.begin(kind, 0, 0, PARTITION, 5);
      const bytes = latin1Bytes(key);
      encodeEntryBody(records.writer, 0, type, 0, bytes, 0, bytes.length, value, 0, value.length);
      records.end();
    }
    const frame = (kind: number, index: number): Uint8Array => {
      const writer = new ByteWriter();
      beginMoveFrame(writer, { kind, partition: PARTITION, epoch: 2, token: 9, index });
      if (kind === MOVE_KINDS.records) writer.bytes(records.writer.buffer, 0, records.writer.length);
      return finishMoveFrame(writer);
    };
    target.onFrame(frame(MOVE_KINDS.begin, 0));
    const { accepted } = decodeMoveAck(target.onFrame(frame(MOVE_KINDS.records, 1)));
    return { accepted, store: storeOf(host) };
  }

  /** What a source would send of a hash. */
  function unitsOf(fields: number): Uint8Array[] {
    const { source } = rig();
    add(source.engine, source, 'h', HASH, fields);
    const slot = source.entries.collectionEntry();
    slot.aim(PARTITION, 0, latin1Bytes('h'), 0, 1);
    const position = { index: 0, offset: 0 };
    const units: Uint8Array[] = [];
    for (;;) {
      const unit = source.engine.collections.nextUnit(slot, HASH, position);
      if (unit === undefined) return units;
      units.push(unit.slice());
    }
  }

  const unit = (value: Uint8Array, key = 'h', type: ValueType = HASH): Item => {
    return { kind: EVENT_KINDS.collectionUnit, key, type, value };
  };
  const root = (type: ValueType): Item => {
    const value = Uint8Array.from([0x20 | 0x08 | type, 200, 0, 0, 0, 77, 0, 0, 0, 0, 0, 0, 0]);
    return { kind: EVENT_KINDS.entrySet, key: 'r', type, value };
  };

  it('are taken where they are right', () => {
    const { accepted, store } = take(unitsOf(600).map((value) => unit(value)));
    expect(accepted).toBe(true);
    expect(contents(store, 'h')).toMatchObject({ type: HASH, version: 5 });
  });

  it.each<[string, RegExp, () => Item[]]>([
    ['roots of another process', /head 41/, () => [root(HASH)]],
    ['roots as units', /head/, () => [{ ...root(SET), kind: EVENT_KINDS.collectionUnit }]],
    [
      'packed values that are not well-formed',
      /collection of no elements/,
      () => [{ ...unit(Uint8Array.from([0x21, 0])), kind: EVENT_KINDS.entrySet }],
    ],
    [
      'elements that do not come whole',
      /ends within an element/,
      () =>
        unitsOf(8)
          .slice(0, -2)
          .map((value) => unit(value)),
    ],
    [
      'elements that another key goes on with',
      /ends within an element/,
      () => unitsOf(200).map((value, i) => unit(value, i < 2 ? 'h' : 'i')),
    ],
    [
      'units of another type than what came before',
      /another type than its collection/,
      () => [unit(unitsOf(200)[0]), { ...unit(Uint8Array.from([0x23, 1, 1, 65])), type: SET }],
    ],
    [
      'units for a string',
      /another type than its collection/,
      () => [
        { kind: EVENT_KINDS.entrySet, key: 'h', type: VALUE_TYPE.STRING, value: latin1Bytes('') },
        unit(unitsOf(200)[0]),
      ],
    ],
    ['units of strings', /no collection has the type 0/, () => [unit(latin1Bytes('abc'), 'h', VALUE_TYPE.STRING)]],
  ])('are refused: %s', (_what, message, items) => {
    expect(() => take(items())).toThrow(DecodeError);
    expect(() => take(items())).toThrow(message);
  });
});
