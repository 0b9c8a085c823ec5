/** CRC-32 (ISO-HDLC, as zlib and Ethernet), table-driven; the check of large-frame parts and small files. */

const TABLE = buildTable();

function buildTable(): Int32Array {
  const table = new Int32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    table[byte] = crc;
  }
  return table;
}

/** Unsigned 32-bit result; `previous` continues an earlier range. */
export function crc32(buffer: Uint8Array, offset = 0, length = buffer.length - offset, previous = 0): number {
  let crc = ~previous;
  for (let i = offset; i < offset + length; i++) crc = (crc >>> 8) ^ TABLE[(crc ^ buffer[i]) & 0xff];
  return ~crc >>> 0;
}
