/** Bytes that do not decode: the peer's or the file's fault, so an expected failure. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
}

/**
 * Reads little-endian fields with every access checked against the end, so that hostile lengths give a
 * {@link DecodeError} and never a read past the message or a large allocation.
 */
export class ByteReader {
  private readonly view: DataView;
  private position: number;
  private readonly end: number;

  constructor(
    readonly buffer: Uint8Array,
    offset = 0,
    length = buffer.length - offset,
  ) {
    this.view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
    this.position = offset;
    this.end = offset + length;
  }

  get offset(): number {
    return this.position;
  }

  get remaining(): number {
    return this.end - this.position;
  }

  u8(): number {
    return this.buffer[this.advance(1)];
  }

  u16(): number {
    return this.view.getUint16(this.advance(2), true);
  }

  u32(): number {
    return this.view.getUint32(this.advance(4), true);
  }

  /** A 64-bit unsigned number that must fit 53 bits. */
  u53(): number {
    const low = this.u32();
    const high = this.u32();
    if (high > 0x1fffff) throw new DecodeError('number exceeds 53 bits');
    return high * 0x100000000 + low;
  }

  /** Skips `length` bytes and answers where they begin in `buffer`. */
  skip(length: number): number {
    return this.advance(length);
  }

  private advance(length: number): number {
    if (length < 0 || this.position + length > this.end) throw new DecodeError('truncated message');
    const at = this.position;
    this.position += length;
    return at;
  }
}
