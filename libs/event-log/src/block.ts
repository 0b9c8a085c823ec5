/**
 * Blocks: what follows the header in segments (batches) and checkpoints (chunks).
 *
 * | offset | field |
 * |---|---|
 * | 0 | length of the body u32 |
 * | 4 | CRC-32 of the body u32 |
 * | 8 | fields of the block's kind |
 * | header's end - 4 | CRC-32 u32 of the header before it |
 * | header's end | body |
 *
 * Both checksums begin with the file's seed. The header has one of its own, so that a length is trusted before anything is read
 * or allocated by it, and so that blocks are found among other bytes by a look at 32 of them. (Without it, looking for a whole
 * batch behind a damaged one takes a checksum of up to the rest of the file at every byte.)
 */
import { crc32 } from '#libs/kernel';

export const BLOCK_FIELDS_AT = 8;
const BODY_CHECKSUM_AT = 4;
const CHECKSUM_BYTES = 4;

/** Fills in length and checksums of a block whose fields and body are written. */
export function sealBlock(
  buffer: Uint8Array,
  view: DataView,
  at: number,
  headerBytes: number,
  bodyLength: number,
  seed: number,
): void {
  view.setUint32(at, bodyLength, true);
  view.setUint32(at + BODY_CHECKSUM_AT, crc32(buffer, at + headerBytes, bodyLength, seed), true);
  const checkedBytes = headerBytes - CHECKSUM_BYTES;
  view.setUint32(at + checkedBytes, crc32(buffer, at, checkedBytes, seed), true);
}

export function isBlockHeader(
  buffer: Uint8Array,
  view: DataView,
  at: number,
  headerBytes: number,
  seed: number,
): boolean {
  const checkedBytes = headerBytes - CHECKSUM_BYTES;
  return view.getUint32(at + checkedBytes, true) === crc32(buffer, at, checkedBytes, seed);
}

/** Of a block whose header is right and whose body lies in the buffer. */
export function isBlockBody(
  buffer: Uint8Array,
  view: DataView,
  at: number,
  headerBytes: number,
  seed: number,
): boolean {
  const checksum = view.getUint32(at + BODY_CHECKSUM_AT, true);
  return checksum === crc32(buffer, at + headerBytes, view.getUint32(at, true), seed);
}
