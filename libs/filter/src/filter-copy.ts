/**
 * A copy of a shard's table, as bytes on the way to a gateway and as what answers there:
 *
 *     u8 format (1) | u8 bits per slot | u16 bytes of the version | u32 slots | version (ASCII) | words (u32 each)
 *
 * Numbers are little-endian. The version names the state that was copied, so that one who has it need not be sent it
 * again. A copy does not change; what becomes of the shard afterwards is the keeper's to mind.
 */
import { DecodeError, latin1Bytes, latin1Text } from '#libs/kernel';
import { MAX_BITS, MAX_SLOTS, MIN_BITS, MIN_SLOTS, windowsMayContain, wordCount } from './cuckoo-table.js';

/** What a copy is made of: a {@link CuckooTable} has it. */
export interface FilterTable {
  readonly slots: number;
  readonly bits: number;
  readonly words: Uint32Array;
}

const FORMAT = 1;
const HEADER_BYTES = 8;
const WORD_BYTES = 4;
const MAX_VERSION_BYTES = 64;
/** Where words lie as they travel, which is nearly everywhere, they are copied at once. */
const IS_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Length of {@link encodeFilterCopy}. */
export function filterCopyBytes(table: FilterTable, version: string): number {
  return HEADER_BYTES + version.length + table.words.length * WORD_BYTES;
}

export function encodeFilterCopy({ slots, bits, words }: FilterTable, version: string): Uint8Array {
  const at = HEADER_BYTES + version.length;
  const bytes = new Uint8Array(at + words.length * WORD_BYTES);
  const view = new DataView(bytes.buffer);
  bytes[0] = FORMAT;
  bytes[1] = bits;
  view.setUint16(2, version.length, true);
  view.setUint32(4, slots, true);
  bytes.set(latin1Bytes(version), HEADER_BYTES);
  if (IS_LITTLE_ENDIAN) bytes.set(new Uint8Array(words.buffer, words.byteOffset, words.byteLength), at);
  else for (let i = 0; i < words.length; i++) view.setUint32(at + i * WORD_BYTES, words[i], true);
  return bytes;
}

export class FilterCopy {
  private constructor(
    readonly version: string,
    private readonly bits: number,
    private readonly windows: number,
    private readonly words: Uint32Array,
  ) {}

  /** Throws DecodeError. Takes as much memory as the range that it reads, and does not keep that. */
  static decode(buffer: Uint8Array, offset: number, length: number): FilterCopy {
    if (length < HEADER_BYTES) throw new DecodeError(`copy of a filter: ${length} bytes are too few`);
    const view = new DataView(buffer.buffer, buffer.byteOffset + offset, length);
    const [format, bits] = [view.getUint8(0), view.getUint8(1)];
    const versionBytes = view.getUint16(2, true);
    const slots = view.getUint32(4, true);
    if (format !== FORMAT) throw new DecodeError(`copy of a filter: format ${format} instead of ${FORMAT}`);
    if (bits < MIN_BITS || bits > MAX_BITS) throw new DecodeError(`copy of a filter: ${bits} bits per slot`);
    if (slots < MIN_SLOTS || slots > MAX_SLOTS) throw new DecodeError(`copy of a filter: ${slots} slots`);
    if (versionBytes > MAX_VERSION_BYTES) throw new DecodeError(`copy of a filter: version of ${versionBytes} bytes`);
    const at = HEADER_BYTES + versionBytes;
    const count = wordCount(slots, bits);
    if (length !== at + count * WORD_BYTES)
      throw new DecodeError(`copy of a filter: ${length} bytes for ${slots} slots`);
    const words = new Uint32Array(count);
    if (IS_LITTLE_ENDIAN) new Uint8Array(words.buffer).set(buffer.subarray(offset + at, offset + length));
    else for (let i = 0; i < count; i++) words[i] = view.getUint32(at + i * WORD_BYTES, true);
    return new FilterCopy(latin1Text(buffer, offset + HEADER_BYTES, versionBytes), bits, slots - 1, words);
  }

  /** False only where the shard had no key of this hash when it was copied. */
  mayContain(hash: number, low: number): boolean {
    return windowsMayContain(this.words, this.windows, this.bits, hash, low);
  }

  get bytes(): number {
    return this.words.length * WORD_BYTES;
  }
}
