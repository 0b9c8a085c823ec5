/** Shards of thousands of entries at a tight limit: pages split and merge, logs are cleaned, and nothing is lost. */
import fc from 'fast-check';
import { ByteWriter, latin1Bytes, latin1Text } from '#libs/kernel';
import { EntryView } from './entry-view.js';
import { encodeEntryBody } from './record.js';
import { ABSENT, ALL_DATABASES, SCAN_END, StoreEngine } from './store-engine.js';

const START_MS = 1_700_000_000_000;
/** Of the largest segments here. */
const BITMAP_BYTES = 2048;

interface Phase {
  readonly operations: number;
  readonly keys: number;
  readonly maxValueBytes: number;
  /** Of a hundred operations so many remove. */
  readonly removals: number;
  /** Of a hundred entries so many expire. */
  readonly expiring: number;
  readonly limitBytes: number;
}

/** The engine beside a Map, driven by a generator of its own so that a run of thousands of steps is one small value. */
class Run {
  readonly engine: StoreEngine;
  readonly model = new Map<string, { value: string; expiresAtMs: number }>();
  refusals = 0;
  private readonly writer = new ByteWriter();
  private readonly view = new EntryView();
  private state: number;

  constructor(
    seed: number,
    private readonly partitions: number,
    segmentBytes: number,
  ) {
    this.state = seed | 1;
    this.engine = new StoreEngine({ partitionCount: partitions, hashSeed: seed, limitBytes: 0, segmentBytes });
  }

  play(phase: Phase): void {
    this.engine.setLimit(phase.limitBytes);
    for (let i = 0; i < phase.operations; i++) {
      const number = this.next(phase.keys);
      if (this.next(100) < phase.removals) this.remove(`k${number}`, number % this.partitions);
      else this.set(`k${number}`, number % this.partitions, phase);
      // An expectation per step would take most of the time.
      const { usedBytes } = this.engine;
      // Above a limit that has been lowered, cleaning may take a segment, with its bitmap.
      const above = this.usedBefore > phase.limitBytes ? this.usedBefore + BITMAP_BYTES : 0;
      if (usedBytes > Math.max(phase.limitBytes, above)) throw new Error('exceeds the limit');
      this.usedBefore = usedBytes;
    }
  }

  expire(nowMs: number): void {
    const due = [...this.model].filter(([, entry]) => entry.expiresAtMs !== 0 && entry.expiresAtMs <= nowMs).length;
    let removed = 0;
    for (let calls = 0; removed < due && calls < 1000; calls++) {
      removed += this.engine.collectExpired(nowMs, 50, (partition, ref) => {
        this.engine.read(ref, this.view);
        const { buffer, keyOffset, keyLength, expiresAtMs } = this.view;
        expect(expiresAtMs).toBeLessThanOrEqual(nowMs);
        expect(this.model.delete(latin1Text(buffer, keyOffset, keyLength))).toBe(true);
        this.engine.applyRemove(partition, ref);
      });
    }
    expect(removed).toBe(due);
  }

  check(): void {
    const stats = this.engine.stats();
    expect(stats.entries).toBe(this.model.size);
    expect(stats.entryBytes + stats.indexBytes).toBe(stats.usedBytes);
    expect(stats.usedBytes + stats.freeBytes).toBe(stats.segmentBytes);
    expect(stats.reclaimableBytes).toBeGreaterThanOrEqual(0);
    let payloadBytes = 0;
    for (const [key, entry] of this.model) {
      const bytes = latin1Bytes(key);
      const ref = this.engine.find(Number(key.slice(1)) % this.partitions, 0, bytes, 0, bytes.length);
      expect(ref).not.toBe(ABSENT);
      this.engine.read(ref, this.view);
      const { buffer, valueOffset, valueLength, expiresAtMs } = this.view;
      expect(latin1Text(buffer, valueOffset, valueLength)).toBe(entry.value);
      expect(expiresAtMs).toBe(entry.expiresAtMs);
      payloadBytes += key.length + valueLength;
    }
    expect(stats.payloadBytes).toBe(payloadBytes);
    for (let partition = 0, total = 0; partition < this.partitions; partition++) {
      const seen = new Set<number>();
      for (let from = 0; from !== SCAN_END;) from = this.engine.scan(partition, 0, from, 100, (ref) => seen.add(ref));
      total += seen.size;
      expect(seen.size).toBe(this.engine.count(partition));
      if (partition === this.partitions - 1) expect(total).toBe(this.model.size);
    }
  }

  clear(): void {
    for (let partition = 0; partition < this.partitions; partition++) this.engine.applyClear(partition, ALL_DATABASES);
    this.model.clear();
  }

  private usedBefore = 0;

  private set(key: string, partition: number, phase: Phase): void {
    const value = String.fromCharCode(97 + this.next(26)).repeat(this.next(phase.maxValueBytes + 1));
    const expiresAtMs = this.next(100) < phase.expiring ? START_MS + this.next(100_000) : 0;
    const keyBytes = latin1Bytes(key);
    const valueBytes = latin1Bytes(value);
    const { writer } = this;
    writer.reset();
    const length = encodeEntryBody(
      writer,
      0,
      0,
      expiresAtMs,
      keyBytes,
      0,
      keyBytes.length,
      valueBytes,
      0,
      valueBytes.length,
    );
    if (this.engine.applySet(partition, 1, writer.buffer, 0, length)) this.model.set(key, { value, expiresAtMs });
    else this.refusals++;
  }

  private remove(key: string, partition: number): void {
    const bytes = latin1Bytes(key);
    const ref = this.engine.find(partition, 0, bytes, 0, bytes.length);
    expect(ref !== ABSENT).toBe(this.model.delete(key));
    if (ref !== ABSENT) this.engine.applyRemove(partition, ref);
  }

  private next(below: number): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    return (this.state >>> 0) % below;
  }
}

const phase = fc.record({
  operations: fc.integer({ min: 500, max: 6000 }),
  keys: fc.constantFrom(100, 2000, 8000),
  maxValueBytes: fc.constantFrom(0, 40, 300, 1200, 5000),
  removals: fc.constantFrom(0, 10, 50, 90),
  expiring: fc.constantFrom(0, 0, 30, 100),
  limitBytes: fc.constantFrom(20_000, 300_000, 1_000_000, 50_000_000),
});

describe('StoreEngine under pressure', () => {
  it('loses nothing through growth, shrinking, cleaning and refusals', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1 }),
        fc.constantFrom(1, 4),
        fc.constantFrom(4096, 65_536, 1_048_576),
        fc.array(phase, { minLength: 1, maxLength: 5 }),
        (seed, partitions, segmentBytes, phases) => {
          const run = new Run(seed, partitions, segmentBytes);
          for (const [index, each] of phases.entries()) {
            run.play(each);
            run.check();
            if (index % 2 === 1) run.expire(START_MS + 50_000);
          }
          run.expire(START_MS + 100_000);
          run.check();
          run.clear();
          expect(run.engine.stats()).toMatchObject({ entries: 0, payloadBytes: 0, entryBytes: 0, reclaimableBytes: 0 });
        },
      ),
      { numRuns: 20 },
    );
  });

  it('reclaims what removals leave behind, page by page, before it refuses', () => {
    const run = new Run(7, 4, 65_536);
    const phaseOf = (removals: number, maxValueBytes: number) => ({
      operations: 30_000,
      keys: 4000,
      maxValueBytes,
      removals,
      expiring: 0,
      limitBytes: 700_000,
    });
    run.play(phaseOf(30, 200));
    const { movedBytes } = run.engine.stats();
    expect(movedBytes).toBeGreaterThan(0);
    expect(run.refusals).toBe(0);
    run.check();
  });
});
