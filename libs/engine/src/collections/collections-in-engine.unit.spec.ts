// A store's entries keep what collections ask of a slot, at the store's limit too: a root takes the place of a root.
import { ByteWriter, latin1Bytes } from '#libs/kernel';
import { encodeEntryBody, VALUE_TYPE, type ValueType } from '../record.js';
import { EntryView } from '../entry-view.js';
import { ABSENT, StoreEngine } from '../store-engine.js';
import { checkPacked } from './packed-check.js';
import { CHANGE, type CollectionSlot } from './collection-slot.js';
import { isLargeHead } from './collection-value.js';
import { TestStore, elementOf } from './collections.support.spec.js';

const PARTITION = 1;
const EXPIRES_AT_MS = 1_700_000_000_000;

/** One key's entry in an engine. */
class EngineSlot extends EntryView implements CollectionSlot {
  private readonly writer = new ByteWriter();
  private sequence = 0;
  private readonly keyBytes: Uint8Array;

  constructor(
    private readonly engine: StoreEngine,
    key: string,
  ) {
    super();
    this.keyBytes = latin1Bytes(key);
    this.load();
  }

  store(type: ValueType, value: Uint8Array, offset: number, length: number): boolean {
    const { engine, keyBytes: key, writer } = this;
    writer.reset();
    encodeEntryBody(writer, 0, type, EXPIRES_AT_MS, key, 0, key.length, value, offset, length);
    const isStored = engine.applySet(PARTITION, ++this.sequence, writer.buffer, 0, writer.length);
    this.load();
    return isStored;
  }

  remove(): void {
    this.engine.applyRemove(PARTITION, this.engine.find(PARTITION, 0, this.keyBytes, 0, this.keyBytes.length));
    this.load();
  }

  private load(): void {
    const ref = this.engine.find(PARTITION, 0, this.keyBytes, 0, this.keyBytes.length);
    if (ref === ABSENT) this.valueLength = 0;
    else this.engine.read(ref, this);
  }
}

describe('collections in the entries of an engine', () => {
  it('grow, are refused at the limit without harm, shrink and go', () => {
    const engine = new StoreEngine({ partitionCount: 4, hashSeed: 5, limitBytes: 16_000 });
    const { collections, ...trees } = new TestStore();
    const { sets } = collections;
    const counts = Array.from({ length: 12 }, () => 0);
    const slotOf = (index: number): EngineSlot => new EngineSlot(engine, `set${index}`);
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
    expect(trees.budget.usedBytes).toBe(trees.arena.bitmapBytes);
  });
});
