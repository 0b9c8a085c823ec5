/**
 * The coordinator's file: magic `HCCS`, format version (u32), length of the body (u32), CRC-32 of the body (u32), body:
 * the cluster's state as protobuf. A file that does not read as that is never replaced by an empty state: every node
 * would take the new cluster for a stranger, or worse, the partitions would get other owners.
 */
import { decodeClusterState, encodeClusterState, type ClusterState } from '#libs/cluster';
import { ByteReader, ByteWriter, crc32, DecodeError } from '#libs/kernel';

export const STATE_PATH = 'coordinator/state.bin';

const MAGIC = 0x53434348;
const FILE_VERSION = 1;
const HEADER_BYTES = 16;

export class StateFileError extends Error {
  override readonly name = 'StateFileError';
}

export function encodeStateFile(state: ClusterState): Uint8Array {
  const body = encodeClusterState(state);
  const writer = new ByteWriter(HEADER_BYTES + body.length);
  writer.u32(MAGIC);
  writer.u32(FILE_VERSION);
  writer.u32(body.length);
  writer.u32(crc32(body));
  writer.bytes(body);
  return writer.toBytes();
}

/** Throws StateFileError, which names the file and what to do. */
export function decodeStateFile(bytes: Uint8Array): ClusterState {
  try {
    return decodeClusterState(bodyOf(bytes));
  } catch (cause) {
    if (!(cause instanceof DecodeError)) throw cause;
    throw new StateFileError(
      `${STATE_PATH} is damaged: ${cause.message}. Restore it from a copy; to give the cluster up and form a new, empty one, ` +
        'stop all its nodes and remove the file.',
      { cause },
    );
  }
}

function bodyOf(bytes: Uint8Array): Uint8Array {
  const reader = new ByteReader(bytes);
  if (reader.u32() !== MAGIC) throw new DecodeError('not a state file');
  const version = reader.u32();
  if (version !== FILE_VERSION) throw new DecodeError(`file version ${version}, this release reads ${FILE_VERSION}`);
  const length = reader.u32();
  const checksum = reader.u32();
  if (length !== reader.remaining) throw new DecodeError(`${reader.remaining} bytes, expected ${length}`);
  const body = bytes.subarray(HEADER_BYTES);
  if (crc32(body) !== checksum) throw new DecodeError('checksum differs');
  return body;
}
