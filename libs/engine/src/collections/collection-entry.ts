/** One key's entry of a store as collections work on it. */
import { ByteWriter } from '#libs/kernel';
import { EntryView } from '../entry-view.js';
import { encodeEntryBody, type ValueType } from '../record.js';
import type { CollectionSlot } from './collection-slot.js';

/** What it needs of the store. Neither `set` nor `remove` gives up the trees of the value that was there. */
export interface EntryKeeper {
  /** 0 where there is no such entry. */
  find(partition: number, database: number, key: Uint8Array, keyOffset: number, keyLength: number): number;
  read(ref: number, view: EntryView): void;
  set(partition: number, version: number, body: Uint8Array, bodyLength: number, nowMs: number): boolean;
  remove(partition: number, ref: number): void;
}

export type KeyListener = (
  partition: number,
  database: number,
  key: Uint8Array,
  keyOffset: number,
  keyLength: number,
) => void;

/** Aimed at one key after another. Its fields are the entry's as it is, where there is one. */
export class CollectionEntry extends EntryView implements CollectionSlot {
  /** Called after the entry has come to be, and after it has gone. */
  onCreated: KeyListener = () => undefined;
  onGone: KeyListener = () => undefined;
  /** Whether the key has an entry; it may be a string. */
  isPresent = false;
  private partition = 0;
  private keyDatabase = 0;
  private keyBuffer: Uint8Array = new Uint8Array(0);
  private keyStart = 0;
  private keyBytes = 0;
  private nextVersion = 0;
  private nowMs = 0;
  private newExpiresAtMs = 0;
  private readonly body = new ByteWriter();

  constructor(private readonly keeper: EntryKeeper) {
    super();
  }

  /** Points at a key, whose bytes lie outside the store and stay until the entry has been used. */
  aim(partition: number, database: number, key: Uint8Array, keyOffset: number, keyLength: number): void {
    this.partition = partition;
    this.keyDatabase = database;
    this.keyBuffer = key;
    this.keyStart = keyOffset;
    this.keyBytes = keyLength;
    this.load();
  }

  /**
   * To be said before a change: the version that the entry gets by it, and when it happens; an entry that it creates
   * expires at `newExpiresAtMs` (0 = never), one that is there keeps its expiry.
   */
  prepare(version: number, nowMs: number, newExpiresAtMs: number): void {
    this.nextVersion = version;
    this.nowMs = nowMs;
    this.newExpiresAtMs = newExpiresAtMs;
  }

  /** Appends the entry's body with another value in place of its own. */
  encodeWith(writer: ByteWriter, value: Uint8Array): void {
    const { database, expiresAtMs, buffer, keyOffset, keyLength } = this;
    const type = this.type as ValueType;
    encodeEntryBody(writer, database, type, expiresAtMs, buffer, keyOffset, keyLength, value, 0, value.length);
  }

  store(type: ValueType, value: Uint8Array, offset: number, length: number): boolean {
    const { body, keyDatabase, keyBuffer, keyStart, keyBytes } = this;
    const expiresAtMs = this.isPresent ? this.expiresAtMs : this.newExpiresAtMs;
    body.reset();
    encodeEntryBody(body, keyDatabase, type, expiresAtMs, keyBuffer, keyStart, keyBytes, value, offset, length);
    const isNew = !this.isPresent;
    const isStored = this.keeper.set(this.partition, this.nextVersion, body.buffer, body.length, this.nowMs);
    if (isNew && isStored) this.onCreated(this.partition, keyDatabase, keyBuffer, keyStart, keyBytes);
    this.load();
    return isStored;
  }

  remove(): void {
    this.keeper.remove(this.partition, this.find());
    this.onGone(this.partition, this.keyDatabase, this.keyBuffer, this.keyStart, this.keyBytes);
    this.load();
  }

  private find(): number {
    return this.keeper.find(this.partition, this.keyDatabase, this.keyBuffer, this.keyStart, this.keyBytes);
  }

  private load(): void {
    const ref = this.find();
    this.isPresent = ref !== 0;
    if (this.isPresent) this.keeper.read(ref, this);
    else this.valueLength = 0;
  }
}
