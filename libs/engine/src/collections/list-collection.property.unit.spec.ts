// Lists do what an array does, packed or as a tree, with room and where memory is refused.
import fc from 'fast-check';
import { CHANGE } from './collection-slot.js';
import { TestStore, elementOf, valueText } from './collections.support.spec.js';
import { ElementView } from './element-view.js';

class Pair {
  readonly store: TestStore;
  model: string[] = [];

  constructor(limitBytes: number) {
    this.store = new TestStore(limitBytes);
  }

  insert(index: number, value: string): void {
    const { lists } = this.store.collections;
    const change = lists.insert(this.store.slot, index, elementOf('', value));
    if (change === CHANGE.REFUSED) return;
    expect(change).toBe(index <= this.model.length ? CHANGE.ADDED : CHANGE.NONE);
    if (change === CHANGE.ADDED) this.model.splice(index, 0, value);
  }

  set(index: number, value: string): void {
    const change = this.store.collections.lists.set(this.store.slot, index, elementOf('', value));
    if (change === CHANGE.REFUSED) return;
    expect(change).toBe(index < this.model.length ? CHANGE.REPLACED : CHANGE.NONE);
    if (change === CHANGE.REPLACED) this.model[index] = value;
  }

  remove(index: number): void {
    const change = this.store.collections.lists.remove(this.store.slot, index);
    if (change === CHANGE.REFUSED) return;
    expect(change).toBe(index < this.model.length ? CHANGE.REMOVED : CHANGE.NONE);
    this.model.splice(index, 1);
  }

  trim(start: number, length: number): void {
    const change = this.store.collections.lists.trim(this.store.slot, start, length);
    if (change === CHANGE.REFUSED) return;
    const kept = this.model.slice(start, start + length);
    expect(change).toBe(kept.length === this.model.length ? CHANGE.NONE : CHANGE.REMOVED);
    this.model = kept;
  }

  check(): void {
    const { store } = this;
    const { lists } = store.collections;
    store.checkAccounting();
    store.checkTrees();
    expect(lists.count(store.slot)).toBe(this.model.length);
    expect(store.slot.valueLength > 0).toBe(this.model.length > 0);
    const cursor = store.collections.cursor();
    const values: string[] = [];
    for (let on = cursor.open(store.slot); on; on = cursor.forward()) values.push(valueText(cursor.element));
    expect(values).toEqual(this.model);
    const backwards: string[] = [];
    for (let on = cursor.open(store.slot, this.model.length - 1); on; on = cursor.backward()) {
      backwards.push(valueText(cursor.element));
    }
    expect(backwards.reverse()).toEqual(this.model);
    const view = new ElementView();
    const got = this.model.map((_, index) => (lists.get(store.slot, index, view) ? valueText(view) : undefined));
    expect(got).toEqual(this.model);
    expect(lists.get(store.slot, this.model.length, view)).toBe(false);
    expect(lists.get(store.slot, -1, view)).toBe(false);
  }

  checkEnd(): void {
    this.store.slot.refuses = false;
    while (this.model.length > 0) this.remove(this.model.length >>> 1);
    this.store.reclaimAll();
    expect(this.store.slot.valueLength).toBe(0);
    expect(this.store.collections.usedBytes).toBe(0);
    this.store.checkAccounting();
  }
}

const index = fc.nat(600);
const value = fc.oneof(
  { weight: 10, arbitrary: fc.nat(40).map((length) => `${length}`.padEnd(length, 'v')) },
  { weight: 2, arbitrary: fc.nat(1500).map((length) => 'w'.repeat(length)) },
  { weight: 1, arbitrary: fc.constant('x'.repeat(20_000)) },
);
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('insert' as const), index, value }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('set' as const), index, value }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('remove' as const), index }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('trim' as const), start: fc.nat(300), length: fc.nat(900) }) },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('push' as const), left: fc.boolean(), count: fc.nat(700), value }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pop' as const), left: fc.boolean(), count: fc.nat(700) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('refuse' as const), refuses: fc.boolean() }) },
);

describe('a list against a model', () => {
  it.each([
    ['with room', 1 << 26, 12],
    ['at a tight limit', 50_000, 30],
    ['at a tiny limit', 18_000, 30],
  ])('does what an array does, %s', (_limit, limitBytes, numRuns) => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30, size: 'max' }), (steps) => {
        const pair = new Pair(limitBytes);
        steps.forEach((change, number) => {
          if (change.kind === 'insert') pair.insert(change.index, change.value);
          else if (change.kind === 'set') pair.set(change.index, change.value);
          else if (change.kind === 'remove') pair.remove(change.index);
          else if (change.kind === 'trim') pair.trim(change.start, change.length);
          else if (change.kind === 'refuse') pair.store.slot.refuses = change.refuses;
          else if (change.kind === 'push') {
            for (let i = 0; i < change.count; i++) {
              pair.insert(change.left ? 0 : pair.model.length, i % 9 === 0 ? change.value : `${i}`);
            }
          } else {
            for (let i = 0; i < change.count && pair.model.length > 0 && !pair.store.slot.refuses; i++) {
              pair.remove(change.left ? 0 : pair.model.length - 1);
            }
          }
          pair.store.checkAccounting();
          if (number % 4 === 3) pair.check();
        });
        pair.check();
        pair.checkEnd();
      }),
      { numRuns },
    );
  });
});
