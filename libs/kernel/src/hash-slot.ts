/**
 * Redis Cluster's key → slot mapping: CRC16 (XMODEM: polynomial 0x1021, initial value 0) of the key, or of its
 * `{hash tag}`, modulo 16384. Source: the Redis Cluster specification, "Key distribution model".
 */

export const SLOT_COUNT = 16384;

const CRC16_TABLE = buildTable();

function buildTable(): Uint16Array {
  const table = new Uint16Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
    table[byte] = crc & 0xffff;
  }
  return table;
}

export function crc16(buffer: Uint8Array, offset: number, length: number): number {
  let crc = 0;
  for (let i = offset; i < offset + length; i++) {
    crc = ((crc << 8) & 0xffff) ^ CRC16_TABLE[((crc >>> 8) ^ buffer[i]) & 0xff];
  }
  return crc;
}

const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** The slot of a key, 0..16383. Only a non-empty tag between the first `{` and the next `}` counts. */
export function slotOfKey(buffer: Uint8Array, offset: number, length: number): number {
  const end = offset + length;
  for (let open = offset; open < end; open++) {
    if (buffer[open] !== OPEN_BRACE) continue;
    for (let close = open + 1; close < end; close++) {
      if (buffer[close] !== CLOSE_BRACE) continue;
      if (close === open + 1) break;
      return crc16(buffer, open + 1, close - open - 1) & (SLOT_COUNT - 1);
    }
    break;
  }
  return crc16(buffer, offset, length) & (SLOT_COUNT - 1);
}

/** ⌊slot × P / 16384⌋ as a shift: P is a power of two from 1 to 16384. */
export function partitionShift(partitionCount: number): number {
  const shift = 14 - Math.log2(partitionCount);
  if (!Number.isInteger(shift) || shift < 0)
    throw new RangeError('partition count must be a power of two from 1 to 16384');
  return shift;
}
