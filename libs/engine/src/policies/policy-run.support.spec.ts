/** An engine with some policy beside a plain Map: every operation goes to both, and the accounts must be right. */
import { ByteWriter, latin1Bytes, latin1Text } from '#libs/kernel';
import { EntryView } from '../entry-view.js';
import { encodeEntryBody } from '../record.js';
import { ABSENT, ALL_DATABASES, StoreEngine } from '../store-engine.js';
import type { PolicyOptions } from './registry.js';

export const START_MS = 1_700_000_000_000;
/** Of the smallest segment: one unit of 64 bytes in 4,096. */
const BYTES_PER_BITMAP_BYTE = 64;

export interface RunOptions {
  readonly partitions: number;
  readonly limitBytes: number;
  readonly policy: PolicyOptions;
  readonly segmentBytes?: number;
  readonly keepsTimes?: boolean;
}

interface ModelEntry {
  value: string;
  expiresAtMs: number;
  createdAtMs: number;
  modifiedAtMs: number;
  /** False from when times were not kept: it may have lost them, and have got others later. */
  isTimed: boolean;
}

export class PolicyRun {
  readonly engine: StoreEngine;
  readonly model = new Map<string, ModelEntry>();
  nowMs = START_MS;
  private readonly partitions: number;
  private readonly writer = new ByteWriter();
  private readonly view = new EntryView();
  private highestUsed = 0;
  private segmentBytes = 0;
  private keepsTimes: boolean;
  /** The latest time that the engine has heard of. */
  private heardMs = 0;

  constructor({ partitions, limitBytes, policy, segmentBytes = 4096, keepsTimes = false }: RunOptions) {
    this.partitions = partitions;
    this.keepsTimes = keepsTimes;
    this.engine = new StoreEngine({
      partitionCount: partitions,
      hashSeed: 7,
      limitBytes,
      policy,
      segmentBytes,
      keepsTimes,
    });
  }

  partitionOf(key: string): number {
    return Number(key.slice(1)) % this.partitions;
  }

  /** False where the engine refuses. */
  set(key: string, value: string, expiresAtMs = 0): boolean {
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
    this.highestUsed = this.engine.usedBytes;
    const stored = this.engine.applySet(this.partitionOf(key), 1, writer.buffer, 0, length, this.nowMs);
    this.hear();
    const old = this.model.get(key);
    const times = { createdAtMs: old?.createdAtMs ?? this.heardMs, modifiedAtMs: this.heardMs };
    const isTimed = old?.isTimed ?? this.keepsTimes;
    if (stored) this.model.set(key, { value, expiresAtMs, ...times, isTimed });
    return stored;
  }

  find(key: string): number {
    const bytes = latin1Bytes(key);
    return this.engine.find(this.partitionOf(key), 0, bytes, 0, bytes.length);
  }

  /** Reads a key as a client would: false where it is not there. */
  get(key: string): boolean {
    const ref = this.find(key);
    if (ref !== ABSENT) {
      this.engine.touch(this.partitionOf(key), ref, this.nowMs);
      this.hear();
    }
    return ref !== ABSENT;
  }

  idleSinceMs(key: string): number {
    return this.engine.times.idleSinceMs(this.partitionOf(key), this.find(key));
  }

  createdAtMs(key: string): number {
    return this.engine.times.createdAtMs(this.partitionOf(key), this.find(key));
  }

  remove(key: string): void {
    const ref = this.find(key);
    if (ref === ABSENT) return;
    this.engine.applyRemove(this.partitionOf(key), ref);
    this.model.delete(key);
  }

  expire(key: string, expiresAtMs: number): void {
    const ref = this.find(key);
    if (ref === ABSENT || !this.engine.applyExpiry(this.partitionOf(key), ref, 2, expiresAtMs)) return;
    Object.assign(this.model.get(key)!, { expiresAtMs, modifiedAtMs: this.heardMs });
  }

  changePolicy(policy: PolicyOptions, keepsTimes: boolean): void {
    this.engine.setPolicy(policy, keepsTimes);
    this.keepsTimes = keepsTimes;
    if (!keepsTimes) for (const entry of this.model.values()) entry.isTimed = false;
  }

  /** Takes a partition's entries out as a move does, and in again; what memory refuses then is gone. */
  moveOutAndIn(partition: number): void {
    const { engine, view } = this;
    const copies: { key: string; body: Uint8Array; version: number; createdAtMs: number; modifiedAtMs: number }[] = [];
    engine.forEach(partition, (ref) => {
      const key = this.keyAt(ref);
      const body = view.buffer.slice(view.bodyOffset, view.bodyOffset + view.bodyLength);
      const createdAtMs = engine.times.createdAtMs(partition, ref);
      const modifiedAtMs = engine.times.modifiedAtMs(partition, ref);
      copies.push({ key, body, version: view.version, createdAtMs, modifiedAtMs });
    });
    engine.applyClear(partition, ALL_DATABASES);
    this.hear();
    for (const { key, body, version, createdAtMs, modifiedAtMs } of copies) {
      this.highestUsed = engine.usedBytes;
      if (!engine.applySet(partition, version, body, 0, body.length, this.nowMs)) {
        this.model.delete(key);
        continue;
      }
      const ref = this.find(key);
      engine.times.setCreated(partition, ref, createdAtMs);
      engine.times.setModified(partition, ref, modifiedAtMs);
    }
  }

  clear(partition: number): void {
    this.engine.applyClear(partition, ALL_DATABASES);
    for (const key of this.model.keys()) if (this.partitionOf(key) === partition) this.model.delete(key);
  }

  /** Evicts and answers the victims' keys in their order; every `keepEvery`-th one is left where it is. */
  evict(maxEntries: number, keepEvery = 0): string[] {
    const victims: string[] = [];
    this.hear();
    const count = this.engine.evict(maxEntries, this.nowMs, (partition, ref) => {
      const key = this.keyAt(ref);
      expect(this.partitionOf(key)).toBe(partition);
      expect(this.model.has(key)).toBe(true);
      victims.push(key);
      if (keepEvery > 0 && victims.length % keepEvery === 0) return;
      this.engine.applyRemove(partition, ref);
      this.model.delete(key);
    });
    expect(count).toBe(victims.length);
    expect(count).toBeLessThanOrEqual(maxEntries);
    return victims;
  }

  /** Removes what is offered as expired and answers its keys. */
  collect(maxEntries: number): string[] {
    const keys: string[] = [];
    this.hear();
    this.engine.collectExpired(this.nowMs, maxEntries, (partition, ref) => {
      const key = this.keyAt(ref);
      keys.push(key);
      this.engine.applyRemove(partition, ref);
      expect(this.model.delete(key)).toBe(true);
    });
    return keys;
  }

  /** The accounts after any operation. */
  checkAccounts(): void {
    const stats = this.engine.stats();
    expect(stats.entries).toBe(this.model.size);
    expect(stats.entryBytes + stats.indexBytes).toBe(stats.usedBytes);
    expect(stats.usedBytes + stats.freeBytes).toBe(stats.segmentBytes);
    expect(stats.reclaimableBytes).toBeGreaterThanOrEqual(0);
    // A new segment's bitmap may come on top where more is used than the limit allows: cleaning must go on.
    const bitmapBytes = Math.max(0, stats.segmentBytes - this.segmentBytes) / BYTES_PER_BITMAP_BYTE;
    expect(stats.usedBytes).toBeLessThanOrEqual(Math.max(stats.limitBytes, this.highestUsed + bitmapBytes));
    this.highestUsed = stats.usedBytes;
    this.segmentBytes = stats.segmentBytes;
  }

  checkContents(): void {
    let payloadBytes = 0;
    for (const [key, entry] of this.model) {
      const { value, expiresAtMs } = entry;
      const ref = this.find(key);
      expect(ref).not.toBe(ABSENT);
      this.engine.read(ref, this.view);
      const { buffer, valueOffset, valueLength } = this.view;
      expect(latin1Text(buffer, valueOffset, valueLength)).toBe(value);
      expect(this.view.expiresAtMs).toBe(expiresAtMs);
      this.checkTimes(key, ref, entry);
      payloadBytes += key.length + value.length;
    }
    let walked = 0;
    for (let partition = 0; partition < this.partitions; partition++) {
      this.engine.forEach(partition, (ref) => {
        walked++;
        expect(this.model.has(this.keyAt(ref))).toBe(true);
      });
    }
    expect(walked).toBe(this.model.size);
    expect(this.engine.stats().payloadBytes).toBe(payloadBytes);
  }

  /** Exact where they were kept all the time; else not of a time that has not been. */
  private checkTimes(key: string, ref: number, { createdAtMs, modifiedAtMs, isTimed }: ModelEntry): void {
    const { times, policy } = this.engine;
    const partition = this.partitionOf(key);
    const found = { created: times.createdAtMs(partition, ref), modified: times.modifiedAtMs(partition, ref) };
    if (!this.keepsTimes) expect(found.modified).toBe(0);
    if (!this.keepsTimes && policy.name !== 'session') expect(found.created).toBe(0);
    if (this.keepsTimes && isTimed) {
      expect(found).toEqual({ created: createdAtMs, modified: Math.floor(modifiedAtMs / 1000) * 1000 });
    }
    expect(found.created).toBeLessThanOrEqual(this.heardMs);
    expect(found.modified).toBeLessThanOrEqual(this.heardMs);
  }

  private hear(): void {
    this.heardMs = Math.max(this.heardMs, this.nowMs);
  }

  /** Removes everything; nothing may be left in the accounts. */
  finish(): void {
    for (let partition = 0; partition < this.partitions; partition++) this.clear(partition);
    expect(this.engine.stats()).toMatchObject({ entries: 0, payloadBytes: 0, entryBytes: 0, reclaimableBytes: 0 });
    expect(this.engine.evict(10, this.nowMs, () => {})).toBe(0);
  }

  keyAt(ref: number): string {
    this.engine.read(ref, this.view);
    return latin1Text(this.view.buffer, this.view.keyOffset, this.view.keyLength);
  }
}
