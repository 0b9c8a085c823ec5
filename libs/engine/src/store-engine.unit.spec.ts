import { BOUNDS, ByteWriter, DecodeError, utf8Bytes, utf8Text } from '#libs/kernel';
import { EntryView } from './entry-view.js';
import { KeyHasher } from './key-hash.js';
import { encodeEntryBody } from './record.js';
import { ABSENT, ALL_DATABASES, SCAN_END, StoreEngine } from './store-engine.js';

const MIB = 1024 * 1024;

function engineOf(limitBytes = 64 * MIB, partitionCount = 4): StoreEngine {
  return new StoreEngine({ partitionCount, hashSeed: 42, limitBytes });
}

const writer = new ByteWriter();
let nextVersion = 1;

interface Place {
  readonly partition?: number;
  readonly database?: number;
  readonly expiresAtMs?: number;
}

function set(engine: StoreEngine, key: string | Uint8Array, value: string | Uint8Array, place: Place = {}): boolean {
  const keyBytes = typeof key === 'string' ? utf8Bytes(key) : key;
  const valueBytes = typeof value === 'string' ? utf8Bytes(value) : value;
  const { partition = 0, database = 0, expiresAtMs = 0 } = place;
  writer.reset();
  writer.u32(0);
  const length = encodeEntryBody(
    writer,
    database,
    0,
    expiresAtMs,
    keyBytes,
    0,
    keyBytes.length,
    valueBytes,
    0,
    valueBytes.length,
  );
  return engine.applySet(partition, nextVersion++ & 0xffff, writer.buffer, 4, length);
}

function find(engine: StoreEngine, key: string | Uint8Array, { partition = 0, database = 0 }: Place = {}): number {
  const bytes = typeof key === 'string' ? utf8Bytes(key) : key;
  return engine.find(partition, database, bytes, 0, bytes.length);
}

function get(engine: StoreEngine, key: string | Uint8Array, place: Place = {}): string | undefined {
  const ref = find(engine, key, place);
  if (ref === ABSENT) return undefined;
  const view = new EntryView();
  engine.read(ref, view);
  return utf8Text(view.buffer.subarray(view.valueOffset, view.valueOffset + view.valueLength));
}

function scanAll(
  engine: StoreEngine,
  partition: number,
  database: number,
  perCall: number,
  between = () => {},
): string[] {
  const keys: string[] = [];
  const view = new EntryView();
  for (let prefix = 0; prefix !== SCAN_END; between()) {
    prefix = engine.scan(partition, database, prefix, perCall, (ref) => {
      engine.read(ref, view);
      keys.push(utf8Text(view.buffer.subarray(view.keyOffset, view.keyOffset + view.keyLength)));
    });
  }
  return keys;
}

describe('StoreEngine', () => {
  it('reads back what was set, with everything that belongs to it', () => {
    const engine = engineOf();
    nextVersion = 0xfffe;
    set(engine, 'key', 'value', { partition: 3, database: 7, expiresAtMs: 1_800_000_000_123 });
    const view = new EntryView();
    engine.read(find(engine, 'key', { partition: 3, database: 7 }), view);
    expect(view).toMatchObject({
      database: 7,
      type: 0,
      expiresAtMs: 1_800_000_000_123,
      version: 0xfffe,
      keyLength: 3,
      valueLength: 5,
    });
    expect(view.buffer.slice(view.bodyOffset, view.bodyOffset + view.bodyLength)).toEqual(
      writer.buffer.slice(4, writer.length),
    );
    expect(utf8Text(view.buffer.slice(view.keyOffset, view.valueOffset + view.valueLength))).toBe('keyvalue');
  });

  it.each([
    ['empty', new Uint8Array(0)],
    ['binary', Uint8Array.of(0, 255, 128, 13, 10, 0)],
    ['__proto__', utf8Bytes('__proto__')],
    ['constructor', utf8Bytes('constructor')],
    ['of 128 bytes', new Uint8Array(128).fill(7)],
    ['of 64 KiB', new Uint8Array(BOUNDS.maxKeyBytes).fill(9)],
  ])('takes a key that is %s', (_, key) => {
    const engine = engineOf();
    expect(find(engine, key)).toBe(ABSENT);
    expect(set(engine, key, 'one')).toBe(true);
    expect(set(engine, key, 'another value')).toBe(true);
    expect(set(engine, key, 'with expiry', { expiresAtMs: 5 })).toBe(true);
    expect(get(engine, key)).toBe('with expiry');
    expect(engine.stats().entries).toBe(1);
    engine.applyRemove(0, find(engine, key));
    expect(get(engine, key)).toBeUndefined();
    expect(engine.stats()).toMatchObject({ entries: 0, expiring: 0, payloadBytes: 0, entryBytes: 0 });
  });

  it('keeps partitions and databases apart', () => {
    const engine = engineOf();
    for (let partition = 0; partition < 4; partition++) {
      for (let database = 0; database < 16; database++) {
        set(engine, 'same', `${partition}/${database}`, { partition, database });
      }
    }
    for (let partition = 0; partition < 4; partition++) {
      for (let database = 0; database < 16; database++) {
        expect(get(engine, 'same', { partition, database })).toBe(`${partition}/${database}`);
        expect(engine.count(partition, database)).toBe(1);
      }
      expect(engine.count(partition)).toBe(16);
    }
  });

  it('stores large values outside the shared segments and gives their memory back', () => {
    const engine = engineOf();
    const value = new Uint8Array(10 * MIB).map((_, index) => index * 31);
    set(engine, 'large', value);
    const view = new EntryView();
    engine.read(find(engine, 'large'), view);
    expect(Buffer.compare(view.buffer.subarray(view.valueOffset, view.valueOffset + view.valueLength), value)).toBe(0);
    expect(engine.applyExpiry(0, find(engine, 'large'), 1, 1000)).toBe(true);
    engine.read(find(engine, 'large'), view);
    expect(Buffer.compare(view.buffer.subarray(view.valueOffset, view.valueOffset + view.valueLength), value)).toBe(0);
    expect(engine.stats().segmentBytes).toBeLessThan(15 * MIB);
    expect(engine.collectExpired(1000, 10, (partition, ref) => engine.applyRemove(partition, ref))).toBe(1);
    expect(engine.stats().segmentBytes).toBeLessThan(5 * MIB);
  });

  it('costs little while it is empty', () => {
    const before = process.memoryUsage();
    const engines = Array.from({ length: 20 }, () => engineOf(1024 * MIB, 256));
    const after = process.memoryUsage();
    const bytes = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
    expect(bytes / engines.length).toBeLessThan(128 * 1024);
    expect(engines[0].stats()).toMatchObject({ segmentBytes: 0, usedBytes: 0, freeBytes: 0, fragmentation: 0 });
  });

  it('refuses bodies that are not exactly one EntrySet', () => {
    const engine = engineOf();
    set(engine, 'k', 'v');
    const body = writer.buffer.slice(4, writer.length + 1);
    expect(() => engine.applySet(0, 1, body, 0, body.length)).toThrow(DecodeError);
    expect(() => engine.applySet(0, 1, body, 0, body.length - 2)).toThrow(DecodeError);
    expect(() => engine.applySet(0, 1, body, 0, body.length + 1)).toThrow('outside');
    expect(engine.stats().entries).toBe(1);
  });

  it('refuses what exceeds the limit, keeps the old value then, and works again after removals', () => {
    const engine = engineOf(256 * 1024);
    let stored = 0;
    while (set(engine, `key:${stored}`, 'x'.repeat(100))) stored++;
    expect(stored).toBeGreaterThan(1500);
    expect(engine.usedBytes).toBeLessThanOrEqual(engine.limitBytes);
    expect(engine.usedBytes).toBeGreaterThan(engine.limitBytes * 0.97);
    engine.setLimit(engine.usedBytes);
    const full = engine.stats();
    expect(set(engine, 'key:0', 'y'.repeat(8000))).toBe(false);
    expect(engine.applyExpiry(0, find(engine, 'key:1'), 9, 1000)).toBe(false);
    expect(get(engine, 'key:0')).toBe('x'.repeat(100));
    expect(engine.expiresAtMs(find(engine, 'key:1'))).toBe(0);
    expect(engine.stats()).toEqual(full);
    expect(set(engine, 'key:0', 'z'.repeat(100))).toBe(true);
    expect(set(engine, 'key:0', 'short')).toBe(true);
    for (let i = 0; i < 100; i++) engine.applyRemove(0, find(engine, `key:${i}`));
    expect(set(engine, 'key:0', 'y'.repeat(8000))).toBe(true);
    engine.setLimit(0);
    expect(engine.limitBytes).toBe(0);
    expect(set(engine, 'new', '')).toBe(false);
    expect(set(engine, 'key:0', 'smaller')).toBe(true);
    engine.applyClear(0, ALL_DATABASES);
    expect(engine.stats().entries).toBe(0);
  });

  it('leaves no trace of a refused entry in an empty store', () => {
    const engine = engineOf(1000);
    expect(set(engine, 'k', 'v'.repeat(2000))).toBe(false);
    expect(set(engine, 'k', 'v')).toBe(true);
    engine.applyRemove(0, find(engine, 'k'));
    engine.setLimit(10);
    expect(set(engine, 'k', 'v')).toBe(false);
    expect(engine.stats()).toMatchObject({ entries: 0, entryBytes: 0 });
  });

  it('takes an entry back for which the index has no room', () => {
    const engine = engineOf(64);
    expect(set(engine, 'k', 'v')).toBe(false);
    expect(find(engine, 'k')).toBe(ABSENT);
    expect(engine.stats()).toMatchObject({ entries: 0, entryBytes: 0, usedBytes: 0 });
    engine.setLimit(64 + 2 * 64 + 2 * 64 + 256);
    expect(set(engine, 'k', 'v')).toBe(true);
    expect(engine.usedBytes).toBe(engine.limitBytes);
  });

  it('clears one database of one shard, or all', () => {
    const engine = engineOf();
    for (let i = 0; i < 2000; i++) {
      const place = { partition: i % 2, database: i % 3 };
      set(engine, `k${i}`, 'v', i % 5 === 0 ? { ...place, expiresAtMs: 100 + i } : place);
    }
    engine.applyClear(0, 1);
    expect(engine.count(0, 1)).toBe(0);
    expect(engine.count(0)).toBe(667);
    expect(engine.count(1)).toBe(1000);
    expect(scanAll(engine, 0, 0, 10)).toHaveLength(engine.count(0, 0));
    engine.applyClear(0, 1);
    engine.applyClear(0, ALL_DATABASES);
    engine.applyClear(1, ALL_DATABASES);
    expect(engine.stats()).toMatchObject({ entries: 0, expiring: 0, payloadBytes: 0, entryBytes: 0 });
    expect(engine.collectExpired(1e6, 10, () => {})).toBe(0);
  });

  it('reclaims on request what removals have left behind', () => {
    const engine = engineOf();
    for (let i = 0; i < 5000; i++) set(engine, `key:${i}`, 'x'.repeat(90));
    for (let i = 0; i < 5000; i++) if (i % 3 !== 0) engine.applyRemove(0, find(engine, `key:${i}`));
    const before = engine.stats();
    let pages = 0;
    for (let cleaned = 1; cleaned > 0; pages += cleaned) cleaned = engine.reclaim(4);
    const after = engine.stats();
    expect(pages).toBeGreaterThan(50);
    expect(after.usedBytes).toBeLessThan(before.usedBytes * 0.5);
    expect(after.entries).toBe(before.entries);
    for (let i = 0; i < 5000; i += 3) expect(get(engine, `key:${i}`)).toBe('x'.repeat(90));
  });

  it('scans every key once while nothing changes, in small steps', () => {
    const engine = engineOf();
    const keys = Array.from({ length: 3000 }, (_, i) => `key:${i}`);
    for (const key of keys) set(engine, key, '');
    set(engine, 'elsewhere', '', { database: 1 });
    let calls = 0;
    const scanned = scanAll(engine, 0, 0, 10, () => calls++);
    expect(calls).toBe(300);
    expect(scanned.sort()).toEqual([...keys].sort());
    expect(scanAll(engine, 0, 0, 0).sort()).toEqual([...keys].sort());
    expect(scanAll(engine, 1, 0, 10)).toEqual([]);
  });

  it('scans what exists throughout although the table grows and shrinks meanwhile', () => {
    const engine = engineOf();
    const stable = Array.from({ length: 500 }, (_, i) => `stable:${i}`);
    for (const key of stable) set(engine, key, '');
    let round = 0;
    const scanned = scanAll(engine, 0, 0, 7, () => {
      if (round < 40) for (let i = 0; i < 200; i++) set(engine, `new:${round * 200 + i}`, '');
      else
        for (let i = 0; i < 200; i++) {
          const ref = find(engine, `new:${(round - 40) * 200 + i}`);
          if (ref !== ABSENT) engine.applyRemove(0, ref);
        }
      round++;
    });
    expect(round).toBeGreaterThan(60);
    const found = scanned.filter((key) => key.startsWith('stable'));
    expect(found.sort()).toEqual([...stable].sort());
  });

  it('continues a scan from any prefix, also one that another layout has answered', () => {
    const engine = engineOf();
    const other = engineOf();
    for (let i = 0; i < 300; i++) set(engine, `key:${i}`, '');
    for (let i = 299; i >= 0; i--) set(other, `key:${i}`, '', { expiresAtMs: 1 + i });
    const view = new EntryView();
    const keysOf = (source: StoreEngine) => (keys: string[]) => (ref: number) => {
      source.read(ref, view);
      keys.push(utf8Text(view.buffer.subarray(view.keyOffset, view.keyOffset + view.keyLength)));
    };
    const first: string[] = [];
    const middle = engine.scan(0, 0, 0, 100, keysOf(engine)(first));
    const second: string[] = [];
    expect(other.scan(0, 0, middle, 1000, keysOf(other)(second))).toBe(SCAN_END);
    expect([...first, ...second].sort()).toEqual(scanAll(engine, 0, 0, 1000).sort());
    const third: string[] = [];
    expect(other.scan(0, 0, middle + 128, 1000, keysOf(other)(third))).toBe(SCAN_END);
    expect(third).toEqual(second.slice(1));
    expect(other.scan(0, 0, 2 ** 39 - 1, 10, () => {})).toBe(SCAN_END);
  });

  it('begins a scan at the exact prefix of 39 bits', () => {
    const engine = engineOf();
    set(engine, 'key', '');
    const prefix = new KeyHasher(42).prefix(0, utf8Bytes('key'), 0, 3);
    const visits = [prefix - 1, prefix, prefix + 1].map((from) => {
      let visited = 0;
      expect(engine.scan(0, 0, from, 10, () => visited++)).toBe(SCAN_END);
      return visited;
    });
    expect(visits).toEqual([1, 1, 0]);
  });

  it('allows look-ups from within a scan and a walk', () => {
    const engine = engineOf();
    for (let i = 0; i < 1000; i++) set(engine, `key:${i}`, `${i}`);
    let visited = 0;
    const visit = () => {
      visited++;
      expect(get(engine, `key:${visited % 1000}`)).toBe(`${visited % 1000}`);
    };
    engine.scan(0, 0, 0, 5000, visit);
    engine.forEach(0, visit);
    engine.forEach(1, visit);
    expect(visited).toBe(2000);
  });

  it('chooses entries nearly uniformly', () => {
    const engine = engineOf();
    const count = 500;
    for (let i = 0; i < count; i++) set(engine, `key:${i}`, '');
    const hits = new Map<number, number>();
    for (let i = 0; i < 100_000; i++) {
      const ref = engine.randomEntry(0, Math.imul(i, 0x9e3779b1) >>> 0);
      hits.set(ref, (hits.get(ref) ?? 0) + 1);
    }
    expect(hits.size).toBe(count);
    expect(Math.max(...hits.values())).toBeLessThan(2.5 * 200);
    expect(engine.randomEntry(1, 5)).toBe(ABSENT);
    for (let i = 0; i < count - 1; i++) engine.applyRemove(0, find(engine, `key:${i}`));
    const last = find(engine, `key:${count - 1}`);
    for (const random of [0, 1, 0x7fffffff, 0x80000000, 0xffffffff]) expect(engine.randomEntry(0, random)).toBe(last);
  });

  it('refuses options out of range and removals of what is not there', () => {
    expect(() => engineOf(0, 0)).toThrow('partition count');
    expect(() => engineOf(-1)).toThrow('limit');
    const engine = engineOf();
    set(engine, 'k', 'v', { partition: 1 });
    const ref = find(engine, 'k', { partition: 1 });
    expect(() => engine.applyRemove(0, ref)).toThrow('not there');
    expect(() => engine.applyExpiry(0, ref, 1, 5)).toThrow('not there');
    expect(() => engine.applyExpiry(1, ref, 1, 2 ** 48)).toThrow('out of range');
    expect(() => engine.setLimit(-1)).toThrow('limit');
    expect(engine.usedBytes).toBe(engine.stats().usedBytes);
  });

  it('wastes less than 1 % after a churn of changing sizes', () => {
    const engine = engineOf(4 * MIB);
    let random = 12345;
    const next = (below: number) => {
      random ^= random << 13;
      random ^= random >>> 17;
      random ^= random << 5;
      return (random >>> 0) % below;
    };
    for (let i = 0; i < 200_000; i++) {
      const key = `key:${next(20_000)}`;
      const phase = Math.floor(i / 50_000);
      if (next(4) === 0) {
        const ref = find(engine, key);
        if (ref !== ABSENT) engine.applyRemove(0, ref);
      } else {
        set(engine, key, new Uint8Array(next(100 << phase)));
      }
    }
    const { fragmentation, usedBytes, limitBytes, segmentBytes } = engine.stats();
    expect(usedBytes).toBeGreaterThan(limitBytes * 0.95);
    expect(segmentBytes).toBeLessThan(limitBytes * 1.25);
    expect(fragmentation).toBeLessThan(0.01);
  });
});
