/** What a filter in front of the engine needs of it: hashes, a scan of everything, and a share of the limit. */
import { ByteWriter, utf8Bytes } from '#libs/kernel';
import { EntryView } from './entry-view.js';
import { prefixOf } from './key-hash.js';
import { encodeEntryBody } from './record.js';
import { ABSENT, ALL_DATABASES, SCAN_END, StoreEngine } from './store-engine.js';

const MIB = 1024 * 1024;

function engineOf(keys: number, limitBytes = 64 * MIB): StoreEngine {
  const engine = new StoreEngine({ partitionCount: 4, hashSeed: 42, limitBytes });
  const writer = new ByteWriter();
  for (let i = 0; i < keys; i++) {
    const key = utf8Bytes(`k${i}`);
    writer.reset();
    const length = encodeEntryBody(writer, i % 3, 0, 0, key, 0, key.length, key, 0, key.length);
    engine.applySet(0, i, writer.buffer, 0, length);
  }
  return engine;
}

describe('StoreEngine for filters', () => {
  it('scans all databases in one order of prefixes', () => {
    const engine = engineOf(300);
    const view = new EntryView();
    const prefixes: number[] = [];
    const visit = (ref: number): void => {
      engine.read(ref, view);
      const high = engine.hashOf(view.database, view.buffer, view.keyOffset, view.keyLength);
      prefixes.push(prefixOf(high, engine.hashLow));
    };
    for (let next = 0; next !== SCAN_END;) {
      expect(prefixes.every((prefix) => prefix < next)).toBe(true);
      next = engine.scan(0, ALL_DATABASES, next, 7, visit);
    }
    expect(prefixes).toHaveLength(300);
    expect(prefixes).toEqual(prefixes.toSorted((a, b) => a - b));
  });

  it('finds a key by a hash that was computed beforehand', () => {
    const engine = engineOf(10);
    const key = utf8Bytes('k5');
    const hash = engine.hashOf(2, key, 0, 2);
    expect(engine.findHashed(0, hash, 2, key, 0, 2)).toBe(engine.find(0, 2, key, 0, 2));
    expect(engine.find(0, 2, key, 0, 2)).not.toBe(ABSENT);
    expect(engine.findHashed(1, hash, 2, key, 0, 2)).toBe(ABSENT);
  });

  it('counts memory outside the engine against the limit', () => {
    const engine = engineOf(10, MIB);
    const { usedBytes, indexBytes, segmentBytes } = engine.stats();
    expect(engine.charge(MIB / 2)).toBe(true);
    expect(engine.charge(MIB)).toBe(false);
    expect(engine.stats()).toMatchObject({
      usedBytes: usedBytes + MIB / 2,
      indexBytes: indexBytes + MIB / 2,
      segmentBytes: segmentBytes + MIB / 2,
    });
    expect(engine.charge(-MIB / 2)).toBe(true);
    expect(engine.stats()).toMatchObject({ usedBytes, indexBytes, segmentBytes });
  });
});
