/** The engine against a plain Map: any sequence of operations, and the accounts must be right after each. */
import fc from 'fast-check';
import { ByteWriter, latin1Bytes, latin1Text } from '#libs/kernel';
import { EntryView } from './entry-view.js';
import { encodeEntryBody } from './record.js';
import { ABSENT, ALL_DATABASES, SCAN_END, StoreEngine } from './store-engine.js';

const PARTITIONS = 4;

interface ModelEntry {
  readonly partition: number;
  readonly database: number;
  readonly key: string;
  value: string;
  expiresAtMs: number;
  version: number;
}

/** The engine and the model side by side; every operation goes to both. */
class Pair {
  readonly model = new Map<string, ModelEntry>();
  private readonly engine: StoreEngine;
  private readonly writer = new ByteWriter();
  private readonly view = new EntryView();
  private version = 0xfff0;
  private latestMs = 0;

  constructor(private readonly limitBytes: number) {
    this.engine = new StoreEngine({ partitionCount: PARTITIONS, hashSeed: 0xdeadbeef, limitBytes, segmentBytes: 4096 });
  }

  set(partition: number, database: number, key: string, value: string, expiresAtMs: number): void {
    const version = ++this.version & 0xffff;
    const keyBytes = latin1Bytes(key);
    const valueBytes = latin1Bytes(value);
    this.writer.reset();
    const length = encodeEntryBody(
      this.writer,
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
    const before = this.engine.usedBytes;
    const stored = this.engine.applySet(partition, version, this.writer.buffer, 0, length);
    if (stored) {
      const entry = { partition, database, key, value, expiresAtMs, version };
      this.model.set(nameOf(partition, database, key), entry);
    } else expect(before + length + 2048).toBeGreaterThan(this.limitBytes);
  }

  remove(partition: number, database: number, key: string): void {
    const ref = this.find(partition, database, key);
    if (ref === ABSENT) return;
    this.engine.applyRemove(partition, ref);
    this.model.delete(nameOf(partition, database, key));
  }

  expire(partition: number, database: number, key: string, expiresAtMs: number): void {
    const ref = this.find(partition, database, key);
    if (ref === ABSENT) return;
    const version = ++this.version & 0xffff;
    if (!this.engine.applyExpiry(partition, ref, version, expiresAtMs)) return;
    Object.assign(this.model.get(nameOf(partition, database, key))!, { expiresAtMs, version });
  }

  clear(partition: number, database: number): void {
    this.engine.applyClear(partition, database);
    for (const [name, entry] of this.model) {
      if (entry.partition === partition && (database === ALL_DATABASES || entry.database === database)) {
        this.model.delete(name);
      }
    }
  }

  /** Hands out only what is due; with `keepEvery` 0 all of it, sooner or later, and removes that. */
  collect(nowMs: number, maxEntries: number, keepEvery: number): void {
    this.latestMs = Math.max(this.latestMs, nowMs);
    let visits = 0;
    const visited = this.engine.collectExpired(nowMs, maxEntries, (partition, ref) => {
      visits++;
      const name = this.nameAt(partition, ref);
      expect(this.model.get(name)!.expiresAtMs).toBeLessThanOrEqual(nowMs);
      expect(this.model.get(name)!.expiresAtMs).toBeGreaterThan(0);
      if (keepEvery > 0 && visits % keepEvery === 0) return;
      this.engine.applyRemove(partition, ref);
      this.model.delete(name);
    });
    expect(visited).toBe(visits);
    expect(visited).toBeLessThanOrEqual(maxEntries);
  }

  /** What has been kept is handed out again once the clock is past that time. */
  drain(atMs: number): void {
    const nowMs = Math.max(atMs, this.latestMs + 1);
    for (let calls = 0; this.due(nowMs) > 0 && calls < 100; calls++) this.collect(nowMs, 16, 0);
    expect(this.due(nowMs)).toBe(0);
  }

  /** One step of a scan: answers the next prefix and adds the names that it visited. */
  scan(partition: number, database: number, from: number, wanted: number, names: Set<string>): number {
    let visited = 0;
    const next = this.engine.scan(partition, database, from, wanted, (ref) => {
      visited++;
      names.add(this.nameAt(partition, ref));
    });
    if (next !== SCAN_END) {
      expect(next).toBeGreaterThan(from);
      expect(visited).toBeGreaterThanOrEqual(wanted);
    }
    return next;
  }

  check(): void {
    const stats = this.engine.stats();
    const entries = [...this.model.values()];
    const payloadBytes = entries.reduce((sum, entry) => sum + entry.key.length + entry.value.length, 0);
    expect(stats.entries).toBe(entries.length);
    expect(stats.expiring).toBe(entries.filter((entry) => entry.expiresAtMs !== 0).length);
    expect(stats.payloadBytes).toBe(payloadBytes);
    expect(stats.entryBytes + stats.indexBytes).toBe(stats.usedBytes);
    expect(stats.usedBytes + stats.freeBytes).toBe(stats.segmentBytes);
    expect(stats.usedBytes).toBeLessThanOrEqual(stats.limitBytes);
    expect(stats.entryBytes).toBeGreaterThanOrEqual(payloadBytes + entries.length * 5);
  }

  checkContents(): void {
    for (const entry of this.model.values()) {
      this.engine.read(this.find(entry.partition, entry.database, entry.key), this.view);
      const { valueOffset, valueLength, expiresAtMs, version } = this.view;
      expect(latin1Text(this.view.buffer, valueOffset, valueLength)).toBe(entry.value);
      expect({ expiresAtMs, version }).toEqual({ expiresAtMs: entry.expiresAtMs, version: entry.version });
    }
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const expected = [...this.model].filter(([, entry]) => entry.partition === partition);
      const walked: string[] = [];
      this.engine.forEach(partition, (ref) => walked.push(this.nameAt(partition, ref)));
      expect(walked.sort()).toEqual(expected.map(([name]) => name).sort());
      expect(this.engine.count(partition)).toBe(expected.length);
      expect(this.engine.expiringCount(partition)).toBe(expected.filter(([, entry]) => entry.expiresAtMs !== 0).length);
      const random = this.engine.randomEntry(partition, Math.imul(this.version, 0x9e3779b1) >>> 0);
      if (expected.length === 0) expect(random).toBe(ABSENT);
      else expect(this.model.has(this.nameAt(partition, random))).toBe(true);
      for (let database = 0; database < 16; database++) {
        const inDatabase = expected.filter(([, entry]) => entry.database === database).map(([name]) => name);
        expect(this.engine.count(partition, database)).toBe(inDatabase.length);
        const scanned = new Set<string>();
        for (let from = 0; from !== SCAN_END;) from = this.scan(partition, database, from, 3, scanned);
        expect([...scanned].sort()).toEqual(inDatabase.sort());
      }
    }
  }

  find(partition: number, database: number, key: string): number {
    const bytes = latin1Bytes(`..${key}`);
    const ref = this.engine.find(partition, database, bytes, 2, key.length);
    const entry = this.model.get(nameOf(partition, database, key));
    expect(ref !== ABSENT).toBe(entry !== undefined);
    if (entry !== undefined) expect(this.engine.expiresAtMs(ref)).toBe(entry.expiresAtMs);
    return ref;
  }

  private due(nowMs: number): number {
    return [...this.model.values()].filter((entry) => entry.expiresAtMs !== 0 && entry.expiresAtMs <= nowMs).length;
  }

  private nameAt(partition: number, ref: number): string {
    this.engine.read(ref, this.view);
    const { buffer, database, keyOffset, keyLength } = this.view;
    return nameOf(partition, database, latin1Text(buffer, keyOffset, keyLength));
  }
}

function nameOf(partition: number, database: number, key: string): string {
  return `${partition}/${database}/${key}`;
}

const START_MS = 1_700_000_000_000;
const partition = fc.nat(PARTITIONS - 1);
const database = fc.constantFrom(0, 0, 0, 1, 15);
const key = fc.oneof(
  { weight: 20, arbitrary: fc.nat(60).map((number) => `k${number}`) },
  { weight: 1, arbitrary: fc.constantFrom('', '__proto__', '\0', '\xff\r\n', 'long'.repeat(100)) },
);
const value = fc.oneof(
  { weight: 10, arbitrary: fc.nat(60).map((length) => 'v'.repeat(length)) },
  { weight: 2, arbitrary: fc.nat(3000).map((length) => 'w'.repeat(length)) },
  { weight: 1, arbitrary: fc.nat(9000).map((length) => 'x'.repeat(length)) },
);
const delayMs = fc.oneof(fc.nat(100), fc.nat(100_000), fc.nat(2 ** 40));
const expiry = fc.oneof(fc.constant(-1), delayMs);
const jumpMs = fc.oneof(
  { weight: 8, arbitrary: fc.nat(200) },
  { weight: 2, arbitrary: fc.nat(1_000_000) },
  { weight: 1, arbitrary: fc.integer({ min: -10_000_000, max: 0 }) },
  { weight: 1, arbitrary: fc.nat(2 ** 38) },
);

const step = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({ kind: fc.constant('set' as const), partition, database, key, value, expiry }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('remove' as const), partition, database, key }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('expire' as const), partition, database, key, expiry }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('collect' as const),
      jumpMs,
      maxEntries: fc.nat(20),
      keepEvery: fc.nat(3),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('drain' as const), jumpMs }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('clear' as const),
      partition,
      database: fc.constantFrom(0, 1, ALL_DATABASES),
    }),
  },
);

describe('StoreEngine against a model', () => {
  it.each([
    ['with room', 1 << 22, 40],
    ['at a tight limit', 20_000, 40],
    ['at a tiny limit', 3000, 20],
  ])('does what a Map does, %s', (_, limitBytes, numRuns) => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 250, size: 'max' }), (steps) => {
        const pair = new Pair(limitBytes);
        let nowMs = START_MS;
        const at = (delay: number) => (delay < 0 ? 0 : nowMs + delay);
        for (const change of steps) {
          if ('jumpMs' in change) nowMs = Math.max(0, nowMs + change.jumpMs);
          switch (change.kind) {
            case 'set':
              pair.set(change.partition, change.database, change.key, change.value, at(change.expiry));
              break;
            case 'remove':
              pair.remove(change.partition, change.database, change.key);
              break;
            case 'expire':
              pair.expire(change.partition, change.database, change.key, at(change.expiry));
              break;
            case 'collect':
              pair.collect(nowMs, change.maxEntries, change.keepEvery);
              break;
            case 'drain':
              pair.drain(nowMs);
              break;
            case 'clear':
              pair.clear(change.partition, change.database);
          }
          pair.check();
        }
        pair.checkContents();
        for (let shard = 0; shard < PARTITIONS; shard++) pair.clear(shard, ALL_DATABASES);
        pair.check();
      }),
      { numRuns },
    );
  });

  it('scans what exists throughout, whatever is added and removed between the calls', () => {
    const burst = fc.record({ add: fc.boolean(), from: fc.nat(3000), count: fc.nat(800) });
    fc.assert(
      fc.property(fc.array(burst, { maxLength: 30 }), fc.integer({ min: 1, max: 60 }), (bursts, wanted) => {
        const pair = new Pair(1 << 24);
        for (let i = 0; i < 300; i++) pair.set(0, 0, `stable${i}`, '', 0);
        const scanned = new Set<string>();
        let calls = 0;
        for (let from = 0; from !== SCAN_END; calls++) {
          from = pair.scan(0, 0, from, wanted, scanned);
          const change = bursts[calls];
          for (let i = 0; change !== undefined && i < change.count; i++) {
            if (change.add) pair.set(0, 0, `passing${change.from + i}`, 'p', 0);
            else pair.remove(0, 0, `passing${change.from + i}`);
          }
        }
        for (let i = 0; i < 300; i++) expect(scanned.has(nameOf(0, 0, `stable${i}`))).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('hands out all that is due, and nothing else, while the clock stands still after a jump', () => {
    const pair = new Pair(1 << 24);
    for (let i = 0; i < 8000; i++) pair.set(i % PARTITIONS, 0, `k${i}`, '', START_MS + i * 100);
    pair.collect(START_MS - 1, 10, 0);
    for (let calls = 0; calls < 300; calls++) {
      if (calls === 1) pair.set(0, 0, 'soon', '', START_MS + 400_001);
      pair.collect(START_MS + 400_000, 20, 0);
    }
    expect(pair.model.size).toBe(4000);
    pair.drain(START_MS + 400_001);
    expect(pair.model.size).toBe(3999);
  });

  it('expires thousands of entries in bounded steps, each exactly once', () => {
    const pair = new Pair(1 << 24);
    for (let i = 0; i < 8000; i++) pair.set(i % PARTITIONS, 0, `k${i}`, '', START_MS + ((i * 7919) % 100_000_000));
    let nowMs = START_MS;
    for (let calls = 0; pair.model.size > 0 && calls < 5000; calls++) {
      nowMs += 1_000_000;
      pair.collect(nowMs, 100, 0);
    }
    expect(pair.model.size).toBe(0);
    pair.check();
  });
});
