/**
 * The two kinds of files that are replaced as a whole. Both begin with magic u32, format version u32, CRC-32 u32 of all that
 * follows. Hard state: term u64, vote u32. Snapshot: index u64, term u64, configuration, length u32, the state machine's bytes.
 */
import { ByteReader, ByteWriter, crc32, DecodeError } from '#libs/kernel';
import { readConfiguration, RAFT_BOUNDS, writeConfiguration, type HardState, type Snapshot } from '#libs/raft';

const HARD_STATE_MAGIC = 0x48524348; // HCRH
const SNAPSHOT_MAGIC = 0x53524348; // HCRS
const FORMAT_VERSION = 1;
const HEADER_BYTES = 12;

export function encodeHardState({ term, vote }: HardState): Uint8Array {
  const writer = new ByteWriter();
  writer.length = HEADER_BYTES;
  writer.u53(term);
  writer.u32(vote);
  return sealed(writer, HARD_STATE_MAGIC);
}

export function decodeHardState(bytes: Uint8Array): HardState {
  const reader = opened(bytes, HARD_STATE_MAGIC);
  const state = { term: reader.u53(), vote: reader.u32() };
  requireEnd(reader);
  return state;
}

export function encodeSnapshot({ index, term, configuration, data }: Snapshot): Uint8Array {
  const writer = new ByteWriter(data.length + HEADER_BYTES);
  writer.length = HEADER_BYTES;
  writer.u53(index);
  writer.u53(term);
  writeConfiguration(writer, configuration);
  writer.u32(data.length);
  writer.bytes(data);
  return sealed(writer, SNAPSHOT_MAGIC);
}

export function decodeSnapshot(bytes: Uint8Array): Snapshot {
  const reader = opened(bytes, SNAPSHOT_MAGIC);
  const index = reader.u53();
  const term = reader.u53();
  const configuration = readConfiguration(reader);
  const length = reader.u32();
  if (length > RAFT_BOUNDS.maxSnapshotBytes) throw new DecodeError(`snapshot of ${length} bytes`);
  const at = reader.skip(length);
  requireEnd(reader);
  return { index, term, configuration, data: bytes.slice(at, at + length) };
}

function sealed(writer: ByteWriter, magic: number): Uint8Array {
  writer.view.setUint32(0, magic, true);
  writer.view.setUint32(4, FORMAT_VERSION, true);
  writer.view.setUint32(8, crc32(writer.buffer, HEADER_BYTES, writer.length - HEADER_BYTES), true);
  return writer.toBytes();
}

function opened(bytes: Uint8Array, magic: number): ByteReader {
  const reader = new ByteReader(bytes);
  if (reader.u32() !== magic) throw new DecodeError('it does not begin with its magic number');
  const version = reader.u32();
  if (version !== FORMAT_VERSION) throw new DecodeError(`format version ${version}, ${FORMAT_VERSION} is allowed`);
  const checksum = reader.u32();
  if (crc32(bytes, HEADER_BYTES) !== checksum) throw new DecodeError('the checksum differs');
  return reader;
}

function requireEnd(reader: ByteReader): void {
  if (reader.remaining > 0) throw new DecodeError(`${reader.remaining} bytes are left over`);
}
