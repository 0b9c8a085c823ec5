/**
 * A node's sealed epochs as a file: magic u32, format version u32, CRC-32 u32 of all that follows, partitions u32, then the
 * epoch of each partition u32.
 */
import { ByteReader, ByteWriter, crc32, DecodeError } from '#libs/kernel';

const MAGIC = 0x45534348; // HCSE
const FORMAT_VERSION = 1;
const HEADER_BYTES = 12;

export function encodeSeals(epochs: Uint32Array): Uint8Array {
  const writer = new ByteWriter(HEADER_BYTES + 4 + epochs.length * 4);
  writer.length = HEADER_BYTES;
  writer.u32(epochs.length);
  for (const epoch of epochs) writer.u32(epoch);
  const bytes = writer.toBytes();
  writer.reset();
  writer.u32(MAGIC);
  writer.u32(FORMAT_VERSION);
  writer.u32(crc32(bytes.subarray(HEADER_BYTES)));
  bytes.set(writer.written());
  return bytes;
}

/** DecodeError where the bytes are no such file, or hold another number of partitions. */
export function decodeSeals(bytes: Uint8Array, partitionCount: number): Uint32Array {
  const reader = new ByteReader(bytes);
  if (reader.u32() !== MAGIC) throw new DecodeError('it does not begin as such a file does');
  const version = reader.u32();
  if (version !== FORMAT_VERSION) throw new DecodeError(`format version ${version}, ${FORMAT_VERSION} is allowed`);
  if (reader.u32() !== crc32(bytes.subarray(HEADER_BYTES))) throw new DecodeError('the checksum does not match');
  const count = reader.u32();
  if (count !== partitionCount) throw new DecodeError(`${count} partitions, the cluster has ${partitionCount}`);
  if (reader.remaining !== count * 4) throw new DecodeError(`${reader.remaining} bytes for ${count} partitions`);
  return Uint32Array.from({ length: count }, () => reader.u32());
}
