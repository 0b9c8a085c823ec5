// Hashes, sets and sorted sets do what a Map does, packed or as trees, with room and where memory is refused.
import { latin1Bytes } from '#libs/kernel';
import fc from 'fast-check';
import { VALUE_TYPE } from '../record.js';
import { CHANGE } from './collection-slot.js';
import { TestStore, compareText, elementOf, keyText, valueText } from './collections.support.spec.js';
import { ElementView } from './element-view.js';
import type { KeyedCollection } from './keyed-collection.js';

interface Kept {
  readonly value: string;
  readonly score: number;
}

/** A collection and the Map that says what must be in it. */
class Pair {
  readonly store: TestStore;
  readonly model = new Map<string, Kept>();
  readonly collection: KeyedCollection;
  readonly view = new ElementView();

  constructor(
    readonly type: number,
    limitBytes: number,
  ) {
    this.store = new TestStore(limitBytes);
    const { hashes, sets, sortedSets } = this.store.collections;
    this.collection = type === VALUE_TYPE.HASH ? hashes : type === VALUE_TYPE.SET ? sets : sortedSets;
  }

  put(key: string, value: string, score: number): void {
    const { slot } = this.store;
    const old = this.model.get(key);
    const change = this.collection.put(slot, elementOf(key, value, score));
    if (change === CHANGE.REFUSED) return;
    const isSame =
      old !== undefined && (this.type === VALUE_TYPE.SET || (this.type === VALUE_TYPE.ZSET && old.score === score));
    expect(change).toBe(old === undefined ? CHANGE.ADDED : isSame ? CHANGE.NONE : CHANGE.REPLACED);
    this.model.set(key, { value, score: score + 0 });
  }

  remove(key: string): void {
    const bytes = latin1Bytes(`.${key}`);
    const change = this.collection.remove(this.store.slot, bytes, 1, key.length);
    if (change === CHANGE.REFUSED) return;
    expect(change).toBe(this.model.delete(key) ? CHANGE.REMOVED : CHANGE.NONE);
  }

  check(): void {
    const { slot } = this.store;
    this.store.checkAccounting();
    this.store.checkTrees();
    expect(this.collection.count(slot)).toBe(this.model.size);
    expect(slot.valueLength > 0).toBe(this.model.size > 0);
    const found = new Map([...this.model.keys()].map((key) => [key, this.find(key)]));
    expect(found).toEqual(new Map([...this.model].map(([key, kept]) => [key, this.shown(kept)])));
    const missing = latin1Bytes('missing');
    expect(this.collection.find(slot, missing, 0, missing.length, this.view)).toBe(false);
    this.checkCursor();
    const scanned = new Set<string>();
    let cursor = 0;
    do cursor = this.collection.scan(slot, cursor, 7, (view) => scanned.add(keyText(view)));
    while (cursor !== 0);
    expect([...scanned].sort()).toEqual([...this.model.keys()].sort());
  }

  checkEnd(): void {
    for (const key of this.model.keys()) this.remove(key);
    this.store.slot.refuses = false;
    for (const key of this.model.keys()) this.remove(key);
    expect(this.store.slot.valueLength).toBe(0);
    this.store.reclaimAll();
    expect(this.store.collections.usedBytes).toBe(0);
    this.store.checkAccounting();
  }

  /** What a look-up of the key shows. */
  private find(key: string): string | number | undefined {
    const bytes = latin1Bytes(`.${key}`);
    if (!this.collection.find(this.store.slot, bytes, 1, key.length, this.view)) return undefined;
    if (keyText(this.view) !== key) return undefined;
    return this.shown({ value: valueText(this.view), score: this.view.score });
  }

  private shown({ value, score }: Kept): string | number {
    return this.type === VALUE_TYPE.HASH ? value : this.type === VALUE_TYPE.ZSET ? score : 'there';
  }

  private checkCursor(): void {
    const { store } = this;
    const cursor = store.collections.cursor();
    const keys: string[] = [];
    for (let on = cursor.open(store.slot); on; on = cursor.forward()) keys.push(keyText(cursor.element));
    const backwards: string[] = [];
    for (let on = cursor.open(store.slot, this.model.size - 1); on; on = cursor.backward()) {
      backwards.push(keyText(cursor.element));
    }
    expect(backwards.reverse()).toEqual(keys);
    if (this.type === VALUE_TYPE.ZSET) this.checkRanks(keys);
    else expect([...keys].sort()).toEqual([...this.model.keys()].sort());
  }

  private checkRanks(keys: string[]): void {
    const { sortedSets } = this.store.collections;
    const { slot } = this.store;
    const sorted = [...this.model].sort((a, b) => a[1].score - b[1].score || compareText(a[0], b[0]));
    expect(keys).toEqual(sorted.map(([key]) => key));
    const ranks = sorted.map(([key]) => sortedSets.rank(slot, latin1Bytes(key), 0, key.length));
    expect(ranks).toEqual(sorted.map((_, rank) => rank));
    const scores = sorted.map((_, rank) => sortedSets.elementAt(slot, rank, this.view) && this.view.score);
    expect(scores).toEqual(sorted.map(([, { score }]) => score));
    for (const bound of [-Infinity, -1, 0, 1, 2.5, 40, Infinity]) {
      expect(sortedSets.countBelow(slot, bound, false)).toBe(sorted.filter(([, { score }]) => score < bound).length);
      expect(sortedSets.countBelow(slot, bound, true)).toBe(sorted.filter(([, { score }]) => score <= bound).length);
    }
  }
}

const key = fc.oneof(
  { weight: 20, arbitrary: fc.nat(300).map((number) => `key${number}`) },
  { weight: 2, arbitrary: fc.nat(30).map((number) => `${'common'.repeat(60)}${number}`) },
  { weight: 1, arbitrary: fc.constantFrom('', '\0', '\0\0', '\xff', '__proto__', 'l'.repeat(5000), 'm'.repeat(250)) },
);
const value = fc.oneof(
  { weight: 10, arbitrary: fc.nat(40).map((length) => 'v'.repeat(length)) },
  { weight: 2, arbitrary: fc.nat(1500).map((length) => 'w'.repeat(length)) },
  { weight: 1, arbitrary: fc.constant('x'.repeat(20_000)) },
);
const score = fc.oneof(
  fc.integer({ min: -50, max: 50 }),
  fc.double({ noNaN: true }),
  fc.constantFrom(0, -0, Infinity, -Infinity, 2 ** 31, -(2 ** 31), 5e-324),
);
const step = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('put' as const), key, value, score }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('remove' as const), key }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('fill' as const), count: fc.nat(400), value, score }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('empty' as const), keepEvery: fc.integer({ min: 2, max: 40 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('refuse' as const), refuses: fc.boolean() }) },
);

describe.each([
  ['hash', VALUE_TYPE.HASH],
  ['set', VALUE_TYPE.SET],
  ['sorted set', VALUE_TYPE.ZSET],
])('a %s against a model', (_name, type) => {
  it.each([
    ['with room', 1 << 26, 20],
    ['at a tight limit', 50_000, 20],
    ['at a tiny limit', 18_000, 20],
  ])('does what a Map does, %s', (_limit, limitBytes, numRuns) => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 24, size: 'max' }), (steps) => {
        const pair = new Pair(type, limitBytes);
        steps.forEach((change, index) => {
          if (change.kind === 'put') pair.put(change.key, change.value, change.score);
          else if (change.kind === 'remove') pair.remove(change.key);
          else if (change.kind === 'refuse') pair.store.slot.refuses = change.refuses;
          else if (change.kind === 'fill') {
            const { value: filler } = change;
            for (let i = 0; i < change.count; i++)
              pair.put(`key${i}`, i % 9 === 0 ? filler : 'v', change.score + (i % 17));
          } else {
            const keys = [...pair.model.keys()];
            keys.forEach((each, place) => place % change.keepEvery !== 0 && pair.remove(each));
          }
          pair.store.checkAccounting();
          if (index % 4 === 3) pair.check();
        });
        pair.check();
        pair.checkEnd();
      }),
      { numRuns },
    );
  });
});
