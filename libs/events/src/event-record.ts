import { ByteWriter, DecodeError, SLOT_COUNT } from '#libs/kernel';

/**
 * Events as records: what happened, in the past tense, with everything that is needed to apply it again. The same
 * bytes go to the engine, to the log, to replicas and into partition copies; only the primary makes them.
 *
 * | offset | field |
 * |---|---|
 * | 0 | record length u32, this header included |
 * | 4 | format version u8 |
 * | 5 | kind u8, see {@link EVENT_KINDS} |
 * | 6 | detail u8: the cause of a removal, what was cleared, or that a unit is its collection's first |
 * | 7 | group u8: the replication factor of the store when this happened; 0 in copies |
 * | 8 | store id u16 |
 * | 10 | partition u16 |
 * | 12 | sequence of the partition's group, 64 bits (below 2^53); in copies the entry's version |
 * | 20 | epoch of the partition u32; 0 in copies |
 * | 24 | body |
 *
 * Format 1, which is still read, has its body at 20 and neither group nor epoch.
 *
 * Bodies: EntrySet: the engine's EntrySet body. EntryRemoved: database u8, key. EntryExpirySet: database u8, expiry in ms
 * 64 bits (0 = none), key. ShardCleared: none. In copies only: EntryCreated and EntryModified: database u8, time in ms 64 bits, key:
 * behind the entry's EntrySet, since that says nothing of when the entry came into being and was changed. CollectionUnit: an EntrySet body with a
 * part of a large collection as its value, which adds to what earlier ones have brought; the first one replaces what the key had. EpochStarted, of a group and no store: the epoch
 * u32 and the sequence 64 bits of the record before it. PartitionDropped, in a node's own log alone: what it has of a partition, of all
 * stores, is no more.
 */
export const EVENT_KINDS = {
  entrySet: 1,
  entryRemoved: 2,
  entryExpirySet: 3,
  shardCleared: 4,
  entryCreated: 5,
  collectionUnit: 6,
  entryModified: 7,
  epochStarted: 8,
  partitionDropped: 9,
} as const;

export const REMOVAL_CAUSES = { deleted: 1, expired: 2, evicted: 3 } as const;
export type RemovalCauseName = keyof typeof REMOVAL_CAUSES;

/** Detail of a CollectionUnit with which its collection begins. */
export const FIRST_UNIT = 1;

/** Detail of ShardCleared: every database. Otherwise the detail is the database's number. */
export const ALL_DATABASES = 255;

export const EVENT_FORMAT_VERSION = 2;
export const EVENT_HEADER_BYTES = 24;
const PREVIOUS_FORMAT_VERSION = 1;
const PREVIOUS_HEADER_BYTES = 20;

/** What records say of where they come from, beside what each one is given. */
export interface EventOrigin {
  /** By partition. */
  readonly epochs: Uint32Array;
  /** By store id. */
  readonly groups: Uint8Array;
}

const NO_ORIGIN: EventOrigin = { epochs: new Uint32Array(SLOT_COUNT), groups: new Uint8Array(0x1_0000) };

/**
 * The events of one turn, in order. Reset and reused: after warm-up it allocates nothing.
 * `body…` fields tell where the last record's body lies, so that it can be applied without decoding it again.
 */
export class EventBatch {
  readonly writer = new ByteWriter(64 * 1024);
  origin: EventOrigin = NO_ORIGIN;
  /** Events that changed entries. */
  count = 0;
  private recordAt = 0;
  /** Where the last whole record ends: what a failed command left behind it is overwritten. */
  private wholeBytes = 0;

  /** Of all whole records, in bytes. */
  get length(): number {
    return this.wholeBytes;
  }

  reset(): void {
    this.writer.reset();
    this.count = 0;
    this.wholeBytes = 0;
  }

  /** Begins a record and answers where its body starts; write the body, then {@link end}. */
  begin(kind: number, detail: number, storeId: number, partition: number, sequence: number): number {
    const { writer } = this;
    const at = this.wholeBytes;
    this.recordAt = at;
    writer.length = at;
    writer.reserve(EVENT_HEADER_BYTES);
    const { buffer, view } = writer;
    buffer[at + 4] = EVENT_FORMAT_VERSION;
    buffer[at + 5] = kind;
    buffer[at + 6] = detail;
    buffer[at + 7] = this.origin.groups[storeId];
    view.setUint16(at + 8, storeId, true);
    view.setUint16(at + 10, partition, true);
    view.setUint32(at + 12, sequence >>> 0, true);
    view.setUint32(at + 16, Math.floor(sequence / 0x100000000), true);
    view.setUint32(at + 20, this.origin.epochs[partition], true);
    writer.length = at + EVENT_HEADER_BYTES;
    return writer.length;
  }

  end(): void {
    this.close();
    this.count++;
  }

  /** Takes the record begun last back, when the engine refused it. */
  cancel(): void {
    this.writer.length = this.wholeBytes;
  }

  entryRemoved(
    storeId: number,
    partition: number,
    sequence: number,
    cause: RemovalCauseName,
    database: number,
    key: Uint8Array,
    keyOffset: number,
    keyLength: number,
  ): void {
    this.begin(EVENT_KINDS.entryRemoved, REMOVAL_CAUSES[cause], storeId, partition, sequence);
    this.writer.u8(database);
    this.writer.bytes(key, keyOffset, keyLength);
    this.end();
  }

  entryExpirySet(
    storeId: number,
    partition: number,
    sequence: number,
    database: number,
    expiresAtMs: number,
    key: Uint8Array,
    keyOffset: number,
    keyLength: number,
  ): void {
    this.keyedTime(EVENT_KINDS.entryExpirySet, storeId, partition, sequence, database, expiresAtMs);
    this.writer.bytes(key, keyOffset, keyLength);
    this.end();
  }

  /** One time of an entry that is copied. */
  entryTime(
    kind: typeof EVENT_KINDS.entryCreated | typeof EVENT_KINDS.entryModified,
    storeId: number,
    partition: number,
    sequence: number,
    database: number,
    timeMs: number,
    key: Uint8Array,
    keyOffset: number,
    keyLength: number,
  ): void {
    this.keyedTime(kind, storeId, partition, sequence, database, timeMs);
    this.writer.bytes(key, keyOffset, keyLength);
    this.end();
  }

  shardCleared(storeId: number, partition: number, sequence: number, database: number): void {
    this.begin(EVENT_KINDS.shardCleared, database, storeId, partition, sequence);
    this.end();
  }

  /** The first record of an epoch; names the record before it, so that whoever has another one there notices. */
  epochStarted(
    group: number,
    partition: number,
    sequence: number,
    previousEpoch: number,
    previousSequence: number,
  ): void {
    this.begin(EVENT_KINDS.epochStarted, 0, 0, partition, sequence);
    this.writer.buffer[this.recordAt + 7] = group;
    this.writer.u32(previousEpoch);
    this.writer.u53(previousSequence);
    this.close();
  }

  partitionDropped(partition: number): void {
    this.begin(EVENT_KINDS.partitionDropped, 0, 0, partition, 0);
    this.writer.buffer[this.recordAt + 7] = 0;
    this.close();
  }

  /** Adds whole records that another has written; they are no events of this turn, so they do not count as such. */
  addRecords(records: Uint8Array, offset: number, length: number): void {
    this.writer.length = this.wholeBytes;
    this.writer.bytes(records, offset, length);
    this.wholeBytes = this.writer.length;
  }

  private close(): void {
    this.writer.view.setUint32(this.recordAt, this.writer.length - this.recordAt, true);
    this.wholeBytes = this.writer.length;
  }

  private keyedTime(
    kind: number,
    storeId: number,
    partition: number,
    sequence: number,
    database: number,
    timeMs: number,
  ): void {
    this.begin(kind, 0, storeId, partition, sequence);
    this.writer.u8(database);
    this.writer.u53(timeMs);
  }
}

/** Walks records in a buffer without allocating, with every length checked. */
export class EventReader {
  buffer: Uint8Array = EMPTY;
  kind = 0;
  detail = 0;
  group = 0;
  storeId = 0;
  partition = 0;
  sequence = 0;
  epoch = 0;
  /** Where the whole record lies, header included. */
  recordOffset = 0;
  recordLength = 0;
  bodyOffset = 0;
  bodyLength = 0;

  private view: DataView = new DataView(EMPTY.buffer);
  private next = 0;
  private end = 0;

  open(buffer: Uint8Array, offset = 0, length = buffer.length - offset): void {
    this.buffer = buffer;
    this.view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
    this.next = offset;
    this.end = offset + length;
  }

  /** Moves to the next record; false at the end. */
  advance(): boolean {
    const at = this.next;
    if (at === this.end) return false;
    if (at + PREVIOUS_HEADER_BYTES > this.end) throw new DecodeError('event is truncated');
    const length = this.view.getUint32(at, true);
    const headerBytes = headerBytesOf(this.buffer[at + 4]);
    if (length < headerBytes || at + length > this.end) throw new DecodeError('event length is wrong');
    this.kind = this.buffer[at + 5];
    this.detail = this.buffer[at + 6];
    this.group = this.buffer[at + 7];
    this.storeId = this.view.getUint16(at + 8, true);
    this.partition = this.view.getUint16(at + 10, true);
    const high = this.view.getUint32(at + 16, true);
    if (high > 0x1fffff) throw new DecodeError('event sequence exceeds 53 bits');
    this.sequence = high * 0x100000000 + this.view.getUint32(at + 12, true);
    this.epoch = headerBytes === EVENT_HEADER_BYTES ? this.view.getUint32(at + 20, true) : 0;
    this.recordOffset = at;
    this.recordLength = length;
    this.bodyOffset = at + headerBytes;
    this.bodyLength = length - headerBytes;
    this.next = at + length;
    return true;
  }
}

function headerBytesOf(format: number): number {
  if (format === EVENT_FORMAT_VERSION) return EVENT_HEADER_BYTES;
  if (format === PREVIOUS_FORMAT_VERSION) return PREVIOUS_HEADER_BYTES;
  throw new DecodeError(`event of unknown format ${format}`);
}

/** Key and fields of a removal, an expiry change or a time, read from an {@link EventReader}'s body. */
export interface KeyedBody {
  database: number;
  /** The entry's expiry, or when it was created or changed; 0 for a removal. */
  timeMs: number;
  keyOffset: number;
  keyLength: number;
}

export function readKeyedBody(reader: EventReader, into: KeyedBody): void {
  const hasTime = reader.kind !== EVENT_KINDS.entryRemoved;
  const headBytes = hasTime ? 9 : 1;
  if (reader.bodyLength < headBytes) throw new DecodeError('event body is truncated');
  const { buffer, bodyOffset } = reader;
  into.database = buffer[bodyOffset];
  if (into.database > 15) throw new DecodeError('event names a database above 15');
  into.timeMs = hasTime ? readU53(buffer, bodyOffset + 1) : 0;
  into.keyOffset = bodyOffset + headBytes;
  into.keyLength = reader.bodyLength - headBytes;
}

/** The record that an EpochStarted names as the one before it. */
export function readEpochStarted(reader: EventReader): { readonly epoch: number; readonly sequence: number } {
  if (reader.bodyLength !== 12) throw new DecodeError('event body is of the wrong length');
  const { buffer, bodyOffset } = reader;
  const epoch = new DataView(buffer.buffer, buffer.byteOffset + bodyOffset, 4).getUint32(0, true);
  return { epoch, sequence: readU53(buffer, bodyOffset + 4) };
}

function readU53(buffer: Uint8Array, at: number): number {
  let value = 0;
  for (let i = 7; i >= 0; i--) value = value * 256 + buffer[at + i];
  if (value > Number.MAX_SAFE_INTEGER) throw new DecodeError('time exceeds 53 bits');
  return value;
}

const EMPTY = new Uint8Array(0);
