/**
 * A segment of the log: a header of 16 bytes (magic u32, format version u32, sequence u32, CRC-32 u32 of these), then
 * batches. A batch holds the entries of one write: length u32 of its body, CRC-32 u32 of the body (begun with the segment's
 * sequence), body: first index u64, count u32, entries (term u64, type u8, version u8, length u32, data).
 *
 * Nothing is ever overwritten: a batch whose first index is in the log already replaces the entries from there on.
 */
import { ByteReader, ByteWriter, crc32, DecodeError } from '#libs/kernel';
import { ENTRY_TYPES, RAFT_BOUNDS, totalEntryBytes, type Entry, type EntryType } from '#libs/raft';
import { RAFT_LOG_BOUNDS } from './bounds.js';

const MAGIC = 0x4c524348; // HCRL
const FORMAT_VERSION = 1;
const BATCH_HEADER_BYTES = 8;
const MIN_BODY_BYTES = 26;
export const SEGMENT_HEADER_BYTES = 16;

/** What stops the reading of a segment before its end. */
export interface SegmentFault {
  readonly offset: number;
  readonly problem: string;
  /** A batch that was written later is whole: this one was durable, and is damaged. Otherwise it was being written. */
  readonly isFollowed: boolean;
}

export interface SegmentContent {
  readonly batches: readonly (readonly Entry[])[];
  readonly fault: SegmentFault | undefined;
}

export function encodeSegmentHeader(sequence: number): Uint8Array {
  const writer = new ByteWriter();
  writer.u32(MAGIC);
  writer.u32(FORMAT_VERSION);
  writer.u32(sequence);
  writer.u32(crc32(writer.buffer, 0, writer.length));
  return writer.toBytes();
}

export function encodeBatch(sequence: number, entries: readonly Entry[]): Uint8Array {
  const writer = new ByteWriter(BATCH_HEADER_BYTES + MIN_BODY_BYTES + totalEntryBytes(entries));
  writer.length = BATCH_HEADER_BYTES;
  writer.u53(entries[0].index);
  writer.u32(entries.length);
  for (const { term, type, version, data } of entries) {
    writer.u53(term);
    writer.u8(type);
    writer.u8(version);
    writer.u32(data.length);
    writer.bytes(data);
  }
  const length = writer.length - BATCH_HEADER_BYTES;
  writer.view.setUint32(0, length, true);
  writer.view.setUint32(4, crc32(writer.buffer, BATCH_HEADER_BYTES, length, sequence), true);
  return writer.written();
}

/** Reads as far as batches are whole. */
export function decodeSegment(bytes: Uint8Array, sequence: number): SegmentContent {
  const batches: (readonly Entry[])[] = [];
  let offset = 0;
  try {
    offset = readHeader(bytes, sequence);
    while (offset < bytes.length) {
      batches.push(readBatch(bytes, offset, sequence));
      offset += BATCH_HEADER_BYTES + new ByteReader(bytes, offset).u32();
    }
    return { batches, fault: undefined };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    const isFollowed = hasBatchAfter(bytes, offset, sequence);
    return { batches, fault: { offset, problem: error.message, isFollowed } };
  }
}

function readHeader(bytes: Uint8Array, sequence: number): number {
  const reader = new ByteReader(bytes);
  if (reader.u32() !== MAGIC) throw new DecodeError('it does not begin with its magic number');
  const version = reader.u32();
  if (version !== FORMAT_VERSION) throw new DecodeError(`format version ${version}, ${FORMAT_VERSION} is allowed`);
  if (reader.u32() !== sequence) throw new DecodeError('its number is not that of its name');
  if (reader.u32() !== crc32(bytes, 0, SEGMENT_HEADER_BYTES - 4)) throw new DecodeError('the checksum differs');
  return SEGMENT_HEADER_BYTES;
}

function readBatch(bytes: Uint8Array, offset: number, sequence: number): readonly Entry[] {
  const header = new ByteReader(bytes, offset);
  const length = header.u32();
  const checksum = header.u32();
  if (length < MIN_BODY_BYTES || length > RAFT_LOG_BOUNDS.maxBatchBytes || length > header.remaining) {
    throw new DecodeError(`a batch of ${length} bytes with ${header.remaining} left`);
  }
  const bodyAt = offset + BATCH_HEADER_BYTES;
  if (crc32(bytes, bodyAt, length, sequence) !== checksum) throw new DecodeError('the checksum of a batch differs');
  const body = new ByteReader(bytes, bodyAt, length);
  const first = body.u53();
  const count = body.u32();
  const entries: Entry[] = [];
  for (let i = 0; i < count; i++) entries.push(readEntry(body, first + i));
  if (entries.length === 0 || body.remaining > 0) throw new DecodeError('a batch does not end with its entries');
  return entries;
}

function readEntry(reader: ByteReader, index: number): Entry {
  const term = reader.u53();
  const type = reader.u8();
  const version = reader.u8();
  const length = reader.u32();
  if (type > ENTRY_TYPES.CONFIGURATION) throw new DecodeError(`unknown entry type ${type}`);
  if (length > RAFT_BOUNDS.maxEntryBytes) throw new DecodeError(`an entry of ${length} bytes`);
  const at = reader.skip(length);
  return { index, term, type: type as EntryType, version, data: reader.buffer.slice(at, at + length) };
}

/** Looks at every later place, since the length of what is damaged cannot be trusted. */
function hasBatchAfter(bytes: Uint8Array, offset: number, sequence: number): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = offset + 1; at + BATCH_HEADER_BYTES + MIN_BODY_BYTES <= bytes.length; at++) {
    if (looksLikeBatch(view, at) && isBatch(bytes, at, sequence)) return true;
  }
  return false;
}

/** Cheap, and false nearly everywhere: spares the checksum. */
function looksLikeBatch(view: DataView, at: number): boolean {
  const length = view.getUint32(at, true);
  if (length < MIN_BODY_BYTES || length > view.byteLength - at - BATCH_HEADER_BYTES) return false;
  const count = view.getUint32(at + BATCH_HEADER_BYTES + 8, true);
  return count >= 1 && count <= length;
}

function isBatch(bytes: Uint8Array, at: number, sequence: number): boolean {
  try {
    return readBatch(bytes, at, sequence).length > 0;
  } catch (error) {
    if (error instanceof DecodeError) return false;
    throw error;
  }
}
