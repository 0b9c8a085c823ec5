// What collections promise beyond being right: bounded steps, forms at their bounds, cursors that survive, units.
import { DecodeError, latin1Bytes } from '#libs/kernel';
import fc from 'fast-check';
import { VALUE_TYPE } from '../record.js';
import { CHANGE } from './collection-slot.js';
import type { UnitPosition } from './collection-units.js';
import { TestStore, elementOf, keyText, valueText } from './collections.support.spec.js';
import { ElementView } from './element-view.js';

function fillSet(store: TestStore, from: number, to: number): void {
  for (let i = from; i < to; i++) store.collections.sets.put(store.slot, elementOf(`member${i}`));
}

function removeFromSet(store: TestStore, from: number, to: number): void {
  for (let i = from; i < to; i++) {
    const member = latin1Bytes(`member${i}`);
    store.collections.sets.remove(store.slot, member, 0, member.length);
  }
}

/** All elements, as text, in the cursor's order. */
function contents(store: TestStore): string[] {
  const cursor = store.collections.cursor();
  const elements: string[] = [];
  for (let on = cursor.open(store.slot); on; on = cursor.forward()) {
    elements.push(JSON.stringify([keyText(cursor.element), valueText(cursor.element), cursor.element.score]));
  }
  return elements;
}

function unitsOf(store: TestStore, type: number): Uint8Array[] {
  const position: UnitPosition = { index: 0, offset: 0 };
  const units: Uint8Array[] = [];
  for (;;) {
    const unit = store.collections.nextUnit(store.slot, type, position);
    if (unit === undefined) return units;
    units.push(unit.slice());
  }
}

function put(store: TestStore, type: number, key: string, value: string, score: number): void {
  const { hashes, sets, sortedSets, lists } = store.collections;
  const element = elementOf(key, value, score);
  if (type === VALUE_TYPE.LIST) lists.insert(store.slot, lists.count(store.slot), element);
  else if (type === VALUE_TYPE.HASH) hashes.put(store.slot, element);
  else (type === VALUE_TYPE.SET ? sets : sortedSets).put(store.slot, element);
}

describe('the forms of a collection', () => {
  it('change at 128 elements and come back at 64', () => {
    const store = new TestStore();
    fillSet(store, 0, 128);
    expect(store.slot.isLarge).toBe(false);
    fillSet(store, 128, 129);
    expect(store.slot.isLarge).toBe(true);
    removeFromSet(store, 65, 129);
    expect(store.slot.isLarge).toBe(true);
    removeFromSet(store, 64, 65);
    expect(store.slot.isLarge).toBe(false);
    store.reclaimAll();
    expect(store.collections.usedBytes).toBe(0);
    expect(contents(store)).toHaveLength(64);
  });

  it('change at 4 KiB, and stay while an element is long', () => {
    const store = new TestStore();
    const { hashes } = store.collections;
    hashes.put(store.slot, elementOf('long', 'v'.repeat(4085)));
    expect(store.slot.isLarge).toBe(false);
    hashes.put(store.slot, elementOf('short', 'value'));
    expect(store.slot.isLarge).toBe(true);
    const short = latin1Bytes('short');
    hashes.remove(store.slot, short, 0, short.length);
    expect(store.slot.isLarge).toBe(true);
    hashes.put(store.slot, elementOf('long', 'brief'));
    hashes.put(store.slot, elementOf('other'));
    hashes.remove(store.slot, latin1Bytes('other'), 0, 5);
    expect(store.slot.isLarge).toBe(false);
  });

  it('stay as they are where the new one is refused', () => {
    const store = new TestStore();
    fillSet(store, 0, 128);
    store.slot.refuses = true;
    const before = store.slot.buffer;
    expect(store.collections.sets.put(store.slot, elementOf('one more'))).toBe(CHANGE.REFUSED);
    expect(store.slot.buffer).toBe(before);
    expect(store.collections.usedBytes).toBe(0);
    expect(store.collections.hasReleased).toBe(false);
  });
});

describe('a large collection', () => {
  it('is freed in bounded steps, and counts as used until then', () => {
    const store = new TestStore();
    fillSet(store, 0, 20_000);
    const { usedBytes } = store.collections;
    store.collections.release(store.slot.buffer, store.slot.valueOffset);
    store.slot.remove();
    expect(store.collections.usedBytes).toBe(usedBytes);
    expect(store.collections.reclaim(10)).toBe(10);
    expect(usedBytes - store.collections.usedBytes).toBeLessThanOrEqual(10 * 4096);
    store.reclaimAll();
    expect(store.collections.usedBytes).toBe(0);
  });

  it('makes room by itself for a change that memory would not allow', () => {
    const store = new TestStore(400_000);
    fillSet(store, 0, 15_000);
    store.collections.release(store.slot.buffer, store.slot.valueOffset);
    store.slot.remove();
    fillSet(store, 0, 10_000);
    expect(store.collections.sets.count(store.slot)).toBe(10_000);
    store.checkTrees();
  });

  it('fills its leaves when elements come in order', () => {
    const store = new TestStore();
    const { lists } = store.collections;
    for (let i = 0; i < 20_000; i++) lists.insert(store.slot, i, elementOf('', `value${10_000 + i}`));
    expect(store.collections.usedBytes / 20_000).toBeLessThan(14);
    for (let i = 0; i < 20_000; i++) lists.insert(store.slot, 0, elementOf('', `value${10_000 + i}`));
    expect(store.collections.usedBytes / 40_000).toBeLessThan(14);
  });

  it('loses most of a list in the steps of a walk', () => {
    const store = new TestStore();
    const { lists } = store.collections;
    for (let i = 0; i < 30_000; i++) lists.insert(store.slot, i, elementOf('', `value${i}`));
    expect(lists.trim(store.slot, 12_345, 1_000)).toBe(CHANGE.REMOVED);
    store.checkTrees();
    expect(contents(store)).toEqual(
      Array.from({ length: 1_000 }, (_, index) => JSON.stringify(['', `value${12_345 + index}`, 0])),
    );
    store.reclaimAll();
    expect(store.collections.usedBytes).toBeLessThan(30_000);
  });

  it('gives random elements of all its parts', () => {
    const store = new TestStore();
    fillSet(store, 0, 1_000);
    const view = new ElementView();
    const seen = new Set<string>();
    for (let i = 0; i < 1_000; i++) {
      expect(store.collections.sets.random(store.slot, Math.ceil((i / 1_000) * 2 ** 32), view)).toBe(true);
      seen.add(keyText(view));
    }
    expect(seen.size).toBe(1_000);
    expect(store.collections.sets.random(new TestStore().slot, 5, view)).toBe(false);
  });
});

describe('a scan', () => {
  it('visits what is there throughout, whatever is added and removed between its calls', () => {
    const burst = fc.record({ add: fc.boolean(), from: fc.integer({ min: 300, max: 3_000 }), count: fc.nat(800) });
    fc.assert(
      fc.property(fc.array(burst, { maxLength: 12 }), fc.integer({ min: 1, max: 60 }), (bursts, wanted) => {
        const store = new TestStore();
        fillSet(store, 0, 300);
        const scanned = new Set<string>();
        let cursor = 0;
        let calls = 0;
        do {
          let visited = 0;
          cursor = store.collections.sets.scan(store.slot, cursor, wanted, (view) => {
            visited++;
            scanned.add(keyText(view));
          });
          if (cursor !== 0) expect(visited).toBeGreaterThanOrEqual(wanted);
          const change = bursts[calls++];
          if (change?.add === true) fillSet(store, change.from, change.from + change.count);
          else if (change !== undefined) removeFromSet(store, change.from, change.from + change.count);
        } while (cursor !== 0);
        for (let i = 0; i < 300; i++) expect(scanned.has(`member${i}`)).toBe(true);
      }),
      { numRuns: 10 },
    );
  });

  it('visits a collection whole that has become small in between', () => {
    const store = new TestStore();
    fillSet(store, 0, 500);
    const scanned = new Set<string>();
    const cursor = store.collections.sets.scan(store.slot, 0, 10, (view) => scanned.add(keyText(view)));
    removeFromSet(store, 60, 500);
    expect(store.slot.isLarge).toBe(false);
    expect(store.collections.sets.scan(store.slot, cursor, 10, (view) => scanned.add(keyText(view)))).toBe(0);
    for (let i = 0; i < 60; i++) expect(scanned.has(`member${i}`)).toBe(true);
  });
});

describe('units', () => {
  const types = [VALUE_TYPE.HASH, VALUE_TYPE.LIST, VALUE_TYPE.SET, VALUE_TYPE.ZSET];
  const length = fc.oneof(
    { weight: 60, arbitrary: fc.nat(60) },
    { weight: 2, arbitrary: fc.nat(3_000) },
    { weight: 1, arbitrary: fc.nat(20_000) },
  );
  const element = fc.record({ key: length, value: length, score: fc.double({ noNaN: true }) });

  it('have at most 4 KiB and make the same collection again', () => {
    const elements = fc.array(element, { maxLength: 250, size: 'max' });
    fc.assert(
      fc.property(fc.constantFrom(...types), elements, (type, kept) => {
        const source = new TestStore();
        kept.forEach(({ key, value, score }, index) =>
          put(source, type, `${index}`.padEnd(key, 'k'), 'v'.repeat(value), score),
        );
        const units = unitsOf(source, type);
        const target = new TestStore();
        target.collections.beginRebuild();
        for (const unit of units) {
          expect(unit.length).toBeLessThanOrEqual(4096);
          expect(target.collections.rebuild(target.slot, type, unit)).toBe(true);
        }
        expect(target.collections.isRebuilt).toBe(true);
        target.checkTrees();
        expect(contents(target).sort()).toEqual(contents(source).sort());
        if (source.slot.isLarge && target.slot.isLarge) expect(unitsOf(target, type)).toEqual(units);
      }),
      { numRuns: 20 },
    );
  });

  it('refuse bytes that are none with DecodeError', () => {
    const source = new TestStore();
    put(source, VALUE_TYPE.HASH, 'key', 'v'.repeat(6_000), 0);
    for (let i = 0; i < 200; i++) put(source, VALUE_TYPE.HASH, `key${i}`, 'value', 0);
    const units = unitsOf(source, VALUE_TYPE.HASH);
    const spoil = fc.record({ unit: fc.nat(), at: fc.nat(), byte: fc.nat(255), cut: fc.nat(3) });
    fc.assert(
      fc.property(fc.array(spoil, { minLength: 1, maxLength: 4 }), (spoils) => {
        const spoilt = units.map((unit) => unit.slice());
        for (const { unit, at, byte, cut } of spoils) {
          const number = unit % spoilt.length;
          const bytes = spoilt[number];
          if (bytes.length === 0) continue;
          bytes[(at % bytes.length) % 64] = byte;
          spoilt[number] = bytes.subarray(0, Math.max(0, bytes.length - cut));
        }
        const target = new TestStore();
        target.collections.beginRebuild();
        try {
          for (const unit of spoilt) target.collections.rebuild(target.slot, VALUE_TYPE.HASH, unit);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
        target.releaseAll();
        expect(target.collections.usedBytes).toBe(0);
      }),
      { numRuns: 150 },
    );
  });

  it('refuse fragments out of place', () => {
    const source = new TestStore();
    put(source, VALUE_TYPE.LIST, '', 'v'.repeat(10_000), 0);
    const [first, second, third] = unitsOf(source, VALUE_TYPE.LIST);
    const target = new TestStore();
    const { collections, slot } = target;
    collections.beginRebuild();
    expect(collections.rebuild(slot, VALUE_TYPE.LIST, first)).toBe(true);
    expect(collections.isRebuilt).toBe(false);
    expect(() => collections.rebuild(slot, VALUE_TYPE.LIST, third)).toThrow('out of place');
    expect(() => collections.rebuild(slot, VALUE_TYPE.LIST, new Uint8Array([0x22, 1, 0, 1]))).toThrow('in place of');
    expect(collections.rebuild(slot, VALUE_TYPE.LIST, second)).toBe(true);
    expect(collections.rebuild(slot, VALUE_TYPE.LIST, third)).toBe(true);
    expect(contents(target)).toEqual(contents(source));
  });
});
