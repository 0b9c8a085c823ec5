import fc from 'fast-check';
import { ByteReader, DecodeError } from './byte-reader.js';
import { ByteWriter } from './byte-writer.js';

type Field = { readonly kind: 'u8' | 'u16' | 'u32' | 'u53'; readonly value: number };

const FIELD: fc.Arbitrary<Field> = fc.oneof(
  fc.record({ kind: fc.constant('u8' as const), value: fc.integer({ min: 0, max: 0xff }) }),
  fc.record({ kind: fc.constant('u16' as const), value: fc.integer({ min: 0, max: 0xffff }) }),
  fc.record({ kind: fc.constant('u32' as const), value: fc.integer({ min: 0, max: 0xffffffff }) }),
  fc.record({ kind: fc.constant('u53' as const), value: fc.maxSafeNat() }),
);

describe('ByteWriter and ByteReader', () => {
  it('reads back any sequence of fields, at any offset', () => {
    fc.assert(
      fc.property(fc.array(FIELD, { maxLength: 100 }), fc.nat(9), (fields, offset) => {
        const writer = new ByteWriter();
        writer.bytes(new Uint8Array(offset));
        for (const { kind, value } of fields) writer[kind](value);
        const reader = new ByteReader(writer.toBytes(), offset);
        for (const { kind, value } of fields) expect(reader[kind]()).toBe(value);
        expect(reader.remaining).toBe(0);
        expect(reader.offset).toBe(writer.length);
        expect(() => reader.u8()).toThrow(DecodeError);
      }),
    );
  });

  it('is little-endian', () => {
    const writer = new ByteWriter();
    writer.u16(0x0102);
    writer.u32(0x03040506);
    writer.u53(0x1f_0000_0000 + 7);
    expect([...writer.written()]).toEqual([2, 1, 6, 5, 4, 3, 7, 0, 0, 0, 0x1f, 0, 0, 0]);
  });

  it('refuses numbers beyond 53 bits', () => {
    const bytes = new Uint8Array(8).fill(0xff);
    expect(() => new ByteReader(bytes).u53()).toThrow('number exceeds 53 bits');
    bytes.set([0x1f, 0], 6);
    expect(new ByteReader(bytes).u53()).toBe(Number.MAX_SAFE_INTEGER);
  });

  it('never reads past its range, whatever length is asked for', () => {
    const reader = new ByteReader(new Uint8Array(10), 2, 5);
    expect(reader.skip(3)).toBe(2);
    expect(() => reader.skip(3)).toThrow(DecodeError);
    expect(() => reader.skip(-1)).toThrow(DecodeError);
    expect(() => reader.u32()).toThrow(DecodeError);
    expect(() => reader.u53()).toThrow(DecodeError);
    expect(reader.remaining).toBe(2);
    expect(() => new ByteReader(new Uint8Array(3), 5).u8()).toThrow(DecodeError);
  });

  it('grows, keeps what was written, and reuses its buffer', () => {
    const writer = new ByteWriter(10);
    const long = new Uint8Array(1000).map((_, i) => i);
    writer.u8(1);
    writer.bytes(long, 100, 500);
    writer.bytes(long);
    expect(writer.length).toBe(1501);
    expect(writer.toBytes().slice(1, 501)).toEqual(long.slice(100, 600));
    expect(writer.toBytes().slice(501)).toEqual(long);
    const { buffer } = writer;
    writer.reset();
    expect(writer.length).toBe(0);
    writer.bytes(long);
    expect(writer.buffer).toBe(buffer);
    expect(writer.written().buffer).toBe(buffer.buffer);
    expect(writer.toBytes().buffer).not.toBe(buffer.buffer);
  });

  it('does not keep the memory of one very long message', () => {
    const writer = new ByteWriter();
    writer.bytes(new Uint8Array(16 * 1024 * 1024));
    writer.reset();
    expect(writer.buffer.length).toBeLessThanOrEqual(4 * 1024 * 1024);
    writer.u32(7);
    expect(new ByteReader(writer.toBytes()).u32()).toBe(7);
  });
});
