import { assert, errorText, latin1Text } from '#libs/kernel';
import type { ReplyWriter } from '#libs/resp';
import type { Request } from '../request.js';
import { ABSENT, KEEP_TTL, NO_EXPIRY, STRING_TYPE } from '../storage-context.js';
import type { EntryRef, EntryView, Keyspace, RemovalCause } from '../storage-context.js';

interface FakeEntry {
  readonly key: string;
  readonly database: number;
  value: Uint8Array;
  type: number;
  expiresAtMs: number;
  version: number;
  createdAtMs: number;
  modifiedAtMs: number;
}

/**
 * A keyspace over plain Maps with the semantics that commands rely on, and stricter than an engine: every handle dies
 * with the next change, and the bytes of views are overwritten then, so that a command that keeps one is found out.
 */
export class FakeKeyspace implements Keyspace {
  request!: Request;
  nowMs = 0;
  database = 0;
  /** Changes that need room fail while true. */
  full = false;
  /** Whether it tells when entries were created and changed. */
  keepsTimes = false;
  /** What {@link filterCopy} answers. */
  filterTable: Uint8Array | undefined;
  filterVersion = '1.1';
  hits = 0;
  misses = 0;
  readonly events: string[] = [];
  private sequence = 0;
  private readonly databases = new Map<number, Map<string, FakeEntry>>();
  private handles: FakeEntry[] = [];
  private lentBuffers: Uint8Array[] = [];

  constructor(private readonly reply: ReplyWriter) {}

  /** Puts an entry of any type, for tests. */
  put(key: string, value: Uint8Array, type: number, expiresAtMs = NO_EXPIRY): void {
    this.changed();
    this.entries(this.database).set(key, {
      key,
      database: this.database,
      value,
      type,
      expiresAtMs,
      version: this.nextVersion(),
      createdAtMs: this.nowMs,
      modifiedAtMs: this.nowMs,
    });
  }

  lookup(keyIndex: number): EntryRef {
    const ref = this.lookupForWrite(keyIndex);
    if (ref === ABSENT) this.misses++;
    else this.hits++;
    return ref;
  }

  peek(keyIndex: number): EntryRef {
    return this.lookup(keyIndex);
  }

  goesAtMs(_keyIndex: number, ref: EntryRef): number {
    return this.entryOf(ref).expiresAtMs;
  }

  createdAtMs(_keyIndex: number, ref: EntryRef): number {
    return this.keepsTimes ? this.entryOf(ref).createdAtMs : 0;
  }

  modifiedAtMs(_keyIndex: number, ref: EntryRef): number {
    return this.keepsTimes ? Math.floor(this.entryOf(ref).modifiedAtMs / 1000) * 1000 : 0;
  }

  lookupForWrite(keyIndex: number): EntryRef {
    return this.lookupInDatabase(keyIndex, this.database);
  }

  filterCopy(knownVersion: string): Uint8Array | 'same' | undefined {
    return knownVersion === this.filterVersion ? 'same' : this.filterTable;
  }

  lookupInDatabase(keyIndex: number, database: number): EntryRef {
    const key = this.keyAt(keyIndex);
    const entry = this.entries(database).get(key);
    if (entry === undefined) return ABSENT;
    if (!this.isExpired(entry)) return this.handle(entry);
    this.changed();
    this.entries(database).delete(key);
    this.events.push(`expired ${key}`);
    return ABSENT;
  }

  view(ref: EntryRef): EntryView {
    return this.viewOf(this.entryOf(ref));
  }

  setString(keyIndex: number, value: Uint8Array, offset: number, length: number, expiresAtMs: number): boolean {
    assert(expiresAtMs === KEEP_TTL || expiresAtMs >= 0, 'an expiry is a time, NO_EXPIRY or KEEP_TTL');
    const copy = value.slice(offset, offset + length);
    assert(copy.length === length, 'a value lies within its buffer');
    if (this.refuses()) return false;
    const key = this.keyAt(keyIndex);
    const old = this.entries(this.database).get(key);
    this.changed();
    this.entries(this.database).set(key, {
      key,
      database: this.database,
      value: copy,
      type: STRING_TYPE,
      expiresAtMs: expiresAtMs === KEEP_TTL ? (old?.expiresAtMs ?? NO_EXPIRY) : expiresAtMs,
      version: this.nextVersion(),
      createdAtMs: old?.createdAtMs ?? this.nowMs,
      modifiedAtMs: this.nowMs,
    });
    this.events.push(`set ${key}`);
    return true;
  }

  remove(keyIndex: number, ref: EntryRef, cause: RemovalCause): void {
    const entry = this.entryOf(ref);
    assert(entry.key === this.keyAt(keyIndex), 'a handle belongs to its key');
    this.changed();
    this.entries(entry.database).delete(entry.key);
    this.events.push(`${cause} ${entry.key}`);
  }

  setExpiry(keyIndex: number, ref: EntryRef, expiresAtMs: number): boolean {
    const entry = this.entryOf(ref);
    assert(entry.key === this.keyAt(keyIndex), 'a handle belongs to its key');
    if (this.refuses()) return false;
    this.changed();
    entry.expiresAtMs = expiresAtMs;
    entry.version = this.nextVersion();
    entry.modifiedAtMs = this.nowMs;
    this.events.push(`expiry ${entry.key}`);
    return true;
  }

  size(): number {
    return this.entries(this.database).size;
  }

  clear(scope: 'database' | 'store'): void {
    this.changed();
    if (scope === 'store') this.databases.clear();
    else this.databases.delete(this.database);
  }

  random(): EntryRef {
    for (const entry of this.entries(this.database).values()) if (!this.isExpired(entry)) return this.handle(entry);
    return ABSENT;
  }

  scan(cursor: number, count: number, visit: (view: EntryView) => void): number {
    const live = this.liveEntries();
    for (const entry of live.slice(cursor, cursor + count)) visit(this.viewOf(entry));
    return cursor + count < live.length ? cursor + count : 0;
  }

  forEach(visit: (view: EntryView) => void): void {
    for (const entry of this.liveEntries()) visit(this.viewOf(entry));
  }

  copy(sourceIndex: number, ref: EntryRef, targetIndex: number, targetDatabase: number): boolean {
    const source = this.entryOf(ref);
    assert(source.key === this.keyAt(sourceIndex), 'a handle belongs to its key');
    if (this.refuses()) return false;
    const key = this.keyAt(targetIndex);
    this.changed();
    const value = source.value.slice();
    const version = this.nextVersion();
    this.entries(targetDatabase).set(key, { ...source, key, database: targetDatabase, value, version });
    this.events.push(`set ${key}`);
    return true;
  }

  private refuses(): boolean {
    if (this.full) this.reply.error(errorText('OUT_OF_MEMORY'));
    return this.full;
  }

  private entries(database: number): Map<string, FakeEntry> {
    let entries = this.databases.get(database);
    if (entries === undefined) this.databases.set(database, (entries = new Map<string, FakeEntry>()));
    return entries;
  }

  private liveEntries(): FakeEntry[] {
    return [...this.entries(this.database).values()].filter((entry) => !this.isExpired(entry));
  }

  private isExpired(entry: FakeEntry): boolean {
    return entry.expiresAtMs !== NO_EXPIRY && entry.expiresAtMs <= this.nowMs;
  }

  private keyAt(index: number): string {
    const { buffer, offsets, lengths } = this.request;
    return latin1Text(buffer, offsets[index], lengths[index]);
  }

  private handle(entry: FakeEntry): EntryRef {
    this.handles.push(entry);
    return this.handles.length + this.sequence * 1000;
  }

  private entryOf(ref: EntryRef): FakeEntry {
    const entry = this.handles[ref - this.sequence * 1000 - 1];
    assert(entry !== undefined, 'a handle dies with the next change');
    return entry;
  }

  private viewOf(entry: FakeEntry): EntryView {
    const keyLength = entry.key.length;
    const buffer = new Uint8Array(keyLength + entry.value.length);
    for (let i = 0; i < keyLength; i++) buffer[i] = entry.key.charCodeAt(i);
    buffer.set(entry.value, keyLength);
    this.lentBuffers.push(buffer);
    return {
      buffer,
      keyOffset: 0,
      keyLength,
      valueOffset: keyLength,
      valueLength: entry.value.length,
      type: entry.type,
      expiresAtMs: entry.expiresAtMs,
      version: entry.version,
    };
  }

  private nextVersion(): number {
    return this.sequence & 0xffff;
  }

  /** Everything that was lent is void now. */
  private changed(): void {
    for (const buffer of this.lentBuffers) buffer.fill(0x21);
    this.lentBuffers = [];
    this.handles = [];
    this.sequence++;
  }
}
