/**
 * What every file of the log begins with:
 *
 * | offset | field |
 * |---|---|
 * | 0 | magic u32: the kind of file |
 * | 4 | format version u32 |
 * | 8 | number u64: the segment's or checkpoint's own; of the manifest, the checkpoint that it names |
 * | 16 | id of the log u64, a random number: files of another log are told apart, and clients cannot know it |
 * | 24 | fields of its kind |
 * | end | CRC-32 u32 of all this |
 *
 * A later version keeps the first 24 bytes, the length and the checksum, so that this release can tell it from damage.
 */
import { ByteReader, ByteWriter, crc32, DecodeError } from '#libs/kernel';
import { UnsupportedFormatError } from './event-log-error.js';

export interface FileKind {
  readonly magic: number;
  readonly version: number;
  /** Still read. */
  readonly oldestVersion: number;
  readonly headBytes: number;
}

/** Where the fields of a kind begin. */
export const HEAD_FIELDS_AT = 24;
const CHECKSUM_BYTES = 4;

export interface FileHead {
  readonly number: number;
  readonly logId: number;
}

/** Writes magic to id at the writer's place; the caller adds its fields and then {@link endHead}. */
export function beginHead(writer: ByteWriter, { magic, version }: FileKind, { number, logId }: FileHead): void {
  writer.u32(magic);
  writer.u32(version);
  writer.u53(number);
  writer.u53(logId);
}

export function endHead(writer: ByteWriter, { headBytes }: FileKind): void {
  const from = writer.length + CHECKSUM_BYTES - headBytes;
  writer.u32(crc32(writer.buffer, from, headBytes - CHECKSUM_BYTES));
}

/** Checks the whole head and answers a reader that stands at its kind's fields. Throws DecodeError. */
export function openHead(bytes: Uint8Array, kind: FileKind): { readonly head: FileHead; readonly fields: ByteReader } {
  const { magic, version, oldestVersion, headBytes } = kind;
  if (bytes.length < headBytes) throw new DecodeError(`${bytes.length} bytes are no header`);
  const reader = new ByteReader(bytes, 0, headBytes);
  if (reader.u32() !== magic) throw new DecodeError('it does not begin with its magic number');
  const checksumAt = headBytes - CHECKSUM_BYTES;
  if (new ByteReader(bytes, checksumAt).u32() !== crc32(bytes, 0, checksumAt)) {
    throw new DecodeError('the checksum of its header differs');
  }
  const found = reader.u32();
  if (found < oldestVersion || found > version) throw new UnsupportedFormatError(found, oldestVersion, version);
  return { head: { number: reader.u53(), logId: reader.u53() }, fields: reader };
}

/**
 * What the checksums of a file's blocks begin with, so that neither bytes of an earlier file in the same place nor a client's
 * value that looks like a block are taken for one. It follows from the file's name and the log's id, so that blocks can be
 * told also where the header is damaged.
 */
export function seedOf({ magic }: FileKind, { number, logId }: FileHead): number {
  const writer = new ByteWriter();
  writer.u32(magic);
  writer.u53(number);
  writer.u53(logId);
  return crc32(writer.buffer, 0, writer.length);
}
