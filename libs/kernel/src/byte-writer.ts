import { copyWords } from './bytes.js';

const MIN_CAPACITY_BYTES = 256;
/** A larger buffer is let go at the next reset, so that one large message does not keep its memory for ever. */
const MAX_KEPT_BYTES = 4 * 1024 * 1024;

/**
 * A growing little-endian write buffer that is reset and reused: after warm-up it allocates nothing.
 * Code on the hot path may call {@link reserve} and then write into {@link buffer} directly.
 */
export class ByteWriter {
  buffer: Uint8Array;
  view: DataView;
  length = 0;

  constructor(capacityBytes = MIN_CAPACITY_BYTES) {
    this.buffer = new Uint8Array(Math.max(capacityBytes, MIN_CAPACITY_BYTES));
    this.view = new DataView(this.buffer.buffer);
  }

  reset(): void {
    this.length = 0;
    if (this.buffer.length > MAX_KEPT_BYTES) this.replaceBuffer(MIN_CAPACITY_BYTES);
  }

  /** Makes room for `extra` bytes after `length`; the buffer may be replaced, so read it afterwards. */
  reserve(extra: number): void {
    if (this.length + extra <= this.buffer.length) return;
    this.replaceBuffer(Math.max(this.buffer.length * 2, this.length + extra));
  }

  u8(value: number): void {
    this.reserve(1);
    this.buffer[this.length++] = value;
  }

  u16(value: number): void {
    this.reserve(2);
    this.view.setUint16(this.length, value, true);
    this.length += 2;
  }

  u32(value: number): void {
    this.reserve(4);
    this.view.setUint32(this.length, value, true);
    this.length += 4;
  }

  /** A non-negative integer below 2^53 as 64 bits. */
  u53(value: number): void {
    this.u32(value >>> 0);
    this.u32(Math.floor(value / 0x100000000));
  }

  bytes(source: Uint8Array, offset = 0, length = source.length - offset): void {
    this.reserve(length);
    copyWords(source, offset, this.buffer, this.view, this.length, length);
    this.length += length;
  }

  /** The written bytes as a view: valid until the next write or reset. */
  written(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }

  /** A copy of the written bytes, for whoever keeps them. */
  toBytes(): Uint8Array {
    return this.buffer.slice(0, this.length);
  }

  private replaceBuffer(capacityBytes: number): void {
    const replacement = new Uint8Array(capacityBytes);
    replacement.set(this.buffer.subarray(0, this.length));
    this.buffer = replacement;
    this.view = new DataView(replacement.buffer);
  }
}
