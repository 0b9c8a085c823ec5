/**
 * Traces of requests to a cache: which object was asked for, how large it is, when. The file format is libCacheSim's
 * "oracleGeneral" (https://github.com/1a1a11a/libCacheSim): records of 24 bytes, little-endian and packed,
 *
 *     time u32 in seconds | object u64 | size u32 in bytes | next access i64, which only the optimal policy needs
 */

/** One entry per request in each array. Objects are numbered from 0 in the order of their first request. */
export interface Trace {
  readonly name: string;
  readonly objects: Uint32Array;
  readonly sizes: Uint32Array;
  readonly seconds: Uint32Array;
  readonly objectCount: number;
  /** Bytes of all different objects, each at the size of its first request. */
  readonly objectBytes: number;
}

const RECORD_BYTES = 24;
const OBJECT_OFFSET = 4;
const SIZE_OFFSET = 12;
/** Longer files would need more memory than a benchmark should take. */
const MAX_RECORDS = 50_000_000;

/** Throws an Error for bytes that are no trace. */
export function parseTrace(name: string, bytes: Uint8Array): Trace {
  const requests = bytes.length / RECORD_BYTES;
  if (!Number.isInteger(requests) || requests === 0 || requests > MAX_RECORDS) {
    throw new Error(
      `${name}: ${bytes.length} bytes are no trace: allowed are 1 to ${MAX_RECORDS} records of ${RECORD_BYTES} bytes`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const numbers = new Map<bigint, number>();
  const objects = new Uint32Array(requests);
  const sizes = new Uint32Array(requests);
  const seconds = new Uint32Array(requests);
  let objectBytes = 0;
  for (let i = 0, at = 0; i < requests; i++, at += RECORD_BYTES) {
    const id = view.getBigUint64(at + OBJECT_OFFSET, true);
    seconds[i] = view.getUint32(at, true);
    sizes[i] = view.getUint32(at + SIZE_OFFSET, true);
    let number = numbers.get(id);
    if (number === undefined) {
      number = numbers.size;
      numbers.set(id, number);
      objectBytes += sizes[i];
    }
    objects[i] = number;
  }
  return { name, objects, sizes, seconds, objectCount: numbers.size, objectBytes };
}
