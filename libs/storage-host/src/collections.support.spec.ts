/** Collections of a storage node's store, for specs: made and read back. */
import { ElementView, type StoreEngine, VALUE_TYPE, type ValueType } from '#libs/engine';
import { latin1Bytes, latin1Text } from '#libs/kernel';
import type { StorageHost, StoreShards } from './index.js';

export const PARTITION = 1;
export const EXPIRES_AT_MS = 4_000_000_000_000;
/** Longer than a unit. */
const LONG = 'long'.repeat(3_000);

export function storeOf(host: StorageHost | undefined): StoreShards {
  const store = host?.stores.get(0);
  if (store === undefined) throw new Error('no store');
  return store;
}

function elementOf(key: string, value: string, score: number): ElementView {
  const element = new ElementView();
  element.keyBuffer = latin1Bytes(key);
  element.keyLength = key.length;
  element.valueBuffer = latin1Bytes(value);
  element.valueLength = value.length;
  element.score = score;
  return element;
}

/** Adds elements to a collection of the partition, creating it. */
export function add(
  { collections }: StoreEngine,
  store: StoreShards,
  key: string,
  type: ValueType,
  count: number,
  nowMs = 0,
): void {
  const slot = store.entries.collectionEntry();
  const bytes = latin1Bytes(key);
  for (let i = 0; i < count; i++) {
    slot.aim(PARTITION, 0, bytes, 0, bytes.length);
    slot.prepare(i & 0xffff, nowMs, EXPIRES_AT_MS);
    const element = elementOf(
      `field ${i}${i % 500 === 7 ? LONG : ''}`,
      `value ${i}${i % 900 === 8 ? LONG : ''}`,
      i / 4,
    );
    if (type === VALUE_TYPE.LIST) collections.lists.insert(slot, i, element);
    else if (type === VALUE_TYPE.ZSET) collections.sortedSets.put(slot, element);
    else (type === VALUE_TYPE.SET ? collections.sets : collections.hashes).put(slot, element);
  }
}

/** The elements of a collection in its order, and the entry around them. */
export function contents(store: StoreShards, key: string): unknown {
  const slot = store.entries.collectionEntry();
  const bytes = latin1Bytes(key);
  slot.aim(PARTITION, 0, bytes, 0, bytes.length);
  const { type, expiresAtMs, version } = slot;
  const cursor = store.engine.collections.cursor();
  const elements: unknown[] = [];
  if (cursor.open(slot, 0)) {
    do {
      const { keyBuffer, keyOffset, keyLength, valueBuffer, valueOffset, valueLength, score } = cursor.element;
      elements.push([
        type === VALUE_TYPE.LIST ? '' : latin1Text(keyBuffer, keyOffset, keyLength),
        type === VALUE_TYPE.LIST || type === VALUE_TYPE.HASH ? latin1Text(valueBuffer, valueOffset, valueLength) : '',
        type === VALUE_TYPE.ZSET ? score : 0,
      ]);
    } while (cursor.forward());
  }
  return { type, expiresAtMs, version, elements };
}
