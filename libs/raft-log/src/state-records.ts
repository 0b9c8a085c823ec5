/**
 * Records that are not of the log. They begin with magic u32, format version u32, CRC-32 u32 of all that follows. Hard state:
 * term u64, vote u32. Snapshot, a file of its own: index u64, term u64, configuration, length u32, the state machine's bytes.
 *
 * Hard states follow each other in a file, each as two copies: where neither copy of the last one reads, it was being
 * written when the power failed, and nobody was told of it. Rot that takes one copy changes nothing.
 */
import { ByteReader, ByteWriter, crc32, DecodeError } from '#libs/kernel';
import { readConfiguration, RAFT_BOUNDS, writeConfiguration, type HardState, type Snapshot } from '#libs/raft';

const HARD_STATE_MAGIC = 0x48524348; // HCRH
const SNAPSHOT_MAGIC = 0x53524348; // HCRS
const FORMAT_VERSION = 1;
const HEADER_BYTES = 12;
const HARD_STATE_BYTES = HEADER_BYTES + 12;
const HARD_STATE_COPIES = 2;

export function encodeHardState({ term, vote }: HardState): Uint8Array {
  const writer = new ByteWriter();
  writer.length = HEADER_BYTES;
  writer.u53(term);
  writer.u32(vote);
  const copy = sealed(writer, HARD_STATE_MAGIC);
  for (let more = 1; more < HARD_STATE_COPIES; more++) writer.bytes(copy);
  return writer.toBytes();
}

/** The last one of a file. */
export function decodeHardState(bytes: Uint8Array): HardState {
  const recordBytes = HARD_STATE_COPIES * HARD_STATE_BYTES;
  let at = 0;
  let state = hardStateIn(bytes.subarray(0, recordBytes));
  while ((at += recordBytes) < bytes.length) {
    const isLast = at + recordBytes >= bytes.length;
    try {
      state = hardStateIn(bytes.subarray(at, at + recordBytes));
    } catch (error) {
      if (!isLast || !(error instanceof DecodeError)) throw error;
    }
  }
  return state;
}

/** Throws what is wrong with the first copy where none reads. */
function hardStateIn(record: Uint8Array): HardState {
  let problem: DecodeError | undefined;
  for (let copy = 0; copy < HARD_STATE_COPIES; copy++) {
    try {
      const at = copy * HARD_STATE_BYTES;
      const reader = opened(record.subarray(at, at + HARD_STATE_BYTES), HARD_STATE_MAGIC);
      return { term: reader.u53(), vote: reader.u32() };
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      problem ??= error;
    }
  }
  throw problem as DecodeError;
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
