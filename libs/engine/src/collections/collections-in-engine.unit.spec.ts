// A store's entries keep what collections ask of a slot, at the store's limit too: a root takes the place of a root.
import { ByteWriter, latin1Bytes } from '#libs/kernel';
import { encodeEntryBody, VALUE_TYPE } from '../record.js';
import { EntryView } from '../entry-view.js';
import { ALL_DATABASES, StoreEngine } from '../store-engine.js';
import type { CollectionEntry } from './collection-entry.js';
import { checkPacked } from './packed-check.js';
import { CHANGE, type Change } from './collection-slot.js';
import { isLargeHead } from './collection-value.js';
import { elementOf } from './collections.support.spec.js';

const PARTITION = 1;
const EXPIRES_AT_MS = 1_700_000_000_000;
const MIB = 1024 * 1024;

/** An engine with a set of short members under each of some keys. */
class SetsInEngine {
  readonly engine: StoreEngine;
  private readonly entry: CollectionEntry;
  private version = 0;

  constructor(limitBytes: number) {
    this.engine = new StoreEngine({ partitionCount: 4, hashSeed: 5, limitBytes });
    this.entry = this.engine.collectionEntry();
  }

  slot(key: string): CollectionEntry {
    const bytes = latin1Bytes(key);
    this.entry.aim(PARTITION, 0, bytes, 0, bytes.length);
    this.entry.prepare(++this.version & 0xffff, 0, EXPIRES_AT_MS);
    return this.entry;
  }

  put(key: string, member: string): Change {
    return this.engine.collections.sets.put(this.slot(key), elementOf(member));
  }

  fill(key: string, members: number): void {
    for (let i = 0; i < members; i++) expect(this.put(key, `member ${i}`)).toBe(CHANGE.ADDED);
  }

  count(key: string): number {
    return this.engine.collections.sets.count(this.slot(key));
  }

  refOf(key: string): number {
    const bytes = latin1Bytes(key);
    return this.engine.find(PARTITION, 0, bytes, 0, bytes.length);
  }

  setString(key: string, value: string): void {
    const [keyBytes, valueBytes] = [latin1Bytes(key), latin1Bytes(value)];
    const writer = new ByteWriter();
    const { STRING } = VALUE_TYPE;
    encodeEntryBody(writer, 0, STRING, 0, keyBytes, 0, keyBytes.length, valueBytes, 0, valueBytes.length);
    expect(this.engine.applySet(PARTITION, 1, writer.buffer, 0, writer.length)).toBe(true);
  }

  /** Frees what was released; the bytes that are then used. */
  settle(): number {
    const { engine } = this;
    while (engine.hasReleased) expect(engine.reclaim(1)).toBe(1);
    this.checkAccount();
    return engine.usedBytes;
  }

  checkAccount(): void {
    const { entryBytes, indexBytes, usedBytes } = this.engine.stats();
    expect(entryBytes + indexBytes).toBe(usedBytes);
  }
}

describe('collections in the entries of an engine', () => {
  it('grow, are refused at the limit without harm, shrink and go', () => {
    const store = new SetsInEngine(48_000);
    const { engine } = store;
    const { sets } = engine.collections;
    const counts = Array.from({ length: 12 }, () => 0);
    const slotOf = (index: number): CollectionEntry => store.slot(`set${index}`);
    let refused = 0;
    const add = (index: number, i: number): void => {
      const change = sets.put(slotOf(index), elementOf(`a member of some length ${i}`));
      expect(change).not.toBe(CHANGE.NONE);
      if (change === CHANGE.ADDED) counts[index]++;
      else refused++;
    };
    for (let index = 0; index < 6; index++) for (let i = 0; i < 200; i++) add(index, i);
    for (let i = 0; i < 200; i++)
      for (let index = 0; index < 12; index++) if (index >= 6 || i < 20) add(index, 300 + i);
    expect(refused).toBeGreaterThan(0);
    const forms = counts.map((count, index) => {
      const slot = slotOf(index);
      expect(sets.count(slot)).toBe(count);
      expect({ type: slot.type, expiresAtMs: slot.expiresAtMs }).toEqual({
        type: VALUE_TYPE.SET,
        expiresAtMs: EXPIRES_AT_MS,
      });
      if (isLargeHead(slot.buffer[slot.valueOffset])) return 'large';
      checkPacked(VALUE_TYPE.SET, slot.buffer, slot.valueOffset, slot.valueLength);
      return 'packed';
    });
    expect(new Set(forms)).toEqual(new Set(['large', 'packed']));
    const removeAll = (): void => {
      for (let i = 0; i < 500; i++) {
        const member = latin1Bytes(`a member of some length ${i}`);
        for (let index = 0; index < 12; index++) {
          const change = sets.remove(slotOf(index), member, 0, member.length);
          if (change === CHANGE.REMOVED) counts[index]--;
          expect(sets.count(slotOf(index))).toBe(counts[index]);
        }
      }
    };
    removeAll();
    engine.setLimit(1 << 20);
    removeAll();
    expect(engine.count(PARTITION)).toBe(0);
    expect(engine.collections.usedBytes).toBe(0);
    store.checkAccount();
  });

  const ends: [string, (store: SetsInEngine) => void][] = [
    ['is removed', (store) => store.engine.applyRemove(PARTITION, store.refOf('large'))],
    ['is overwritten', (store) => store.setString('large', 'a string')],
    ['is overwritten by a string as long as its root', (store) => store.setString('large', '13 characters')],
    ['goes with its shard', ({ engine }) => engine.applyClear(PARTITION, ALL_DATABASES)],
    ['goes with its database', ({ engine }) => engine.applyClear(PARTITION, 0)],
    [
      'expires',
      ({ engine }) => {
        engine.collectExpired(EXPIRES_AT_MS, 10, (partition, ref) => engine.applyRemove(partition, ref));
      },
    ],
    [
      'is evicted',
      ({ engine }) => {
        engine.evict(10, 0, (partition, ref) => engine.applyRemove(partition, ref));
      },
    ],
  ];

  it.each(ends)('give their memory back in steps when the entry %s', (_how, end) => {
    const store = new SetsInEngine(MIB);
    const { engine } = store;
    store.fill('large', 5_000);
    const { usedBytes } = engine.collections;
    expect(usedBytes).toBeGreaterThan(50_000);
    store.checkAccount();
    end(store);
    expect(engine.collections.usedBytes).toBe(usedBytes);
    expect(engine.hasReleased).toBe(true);
    expect(engine.reclaim(1)).toBe(1);
    expect(engine.collections.usedBytes).toBeGreaterThan(0);
    store.settle();
    expect(engine.collections.usedBytes).toBe(0);
  });

  it('keep their trees when only the expiry changes', () => {
    const store = new SetsInEngine(MIB);
    store.fill('large', 1_000);
    for (const expiresAtMs of [EXPIRES_AT_MS + 1, 0, EXPIRES_AT_MS]) {
      expect(store.engine.applyExpiry(PARTITION, store.refOf('large'), 7, expiresAtMs)).toBe(true);
      expect(store.engine.hasReleased).toBe(false);
      expect(store.slot('large').expiresAtMs).toBe(expiresAtMs);
      expect(store.count('large')).toBe(1_000);
    }
  });

  it('make room, once released, for what comes next', () => {
    const store = new SetsInEngine(200_000);
    store.fill('large', 5_000);
    store.engine.applyRemove(PARTITION, store.refOf('large'));
    for (let i = 0; i < 30; i++) store.setString(`key${i}`, 'x'.repeat(4_000));
    expect(store.engine.count(PARTITION)).toBe(30);
    store.fill('other', 1_000);
  });

  it('never come as roots from outside', () => {
    const store = new SetsInEngine(MIB);
    store.fill('large', 1_000);
    const view = new EntryView();
    store.engine.read(store.refOf('large'), view);
    const body = view.buffer.slice(view.bodyOffset, view.bodyOffset + view.bodyLength);
    expect(() => store.engine.applySet(PARTITION, 1, body, 0, body.length)).toThrow(/root of a collection/);
    expect(store.count('large')).toBe(1_000);
  });
});
