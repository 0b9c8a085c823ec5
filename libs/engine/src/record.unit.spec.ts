import fc from 'fast-check';
import { BOUNDS, ByteWriter, DecodeError } from '#libs/kernel';
import {
  EntryHeader,
  MAX_EXPIRES_AT_MS,
  encodeEntryBody,
  entryBodyLength,
  parseEntryBody,
  readVarint,
  varintLength,
  writeVarint,
} from './record.js';

const EMPTY = new Uint8Array(0);

function parse(bytes: readonly number[] | Uint8Array): EntryHeader {
  const header = new EntryHeader();
  parseEntryBody(Uint8Array.from(bytes), 0, bytes.length, header);
  return header;
}

describe('EntrySet body', () => {
  it('is written as documented', () => {
    const writer = new ByteWriter();
    const key = Uint8Array.of(0x6b);
    const value = Uint8Array.of(1, 2);
    expect(encodeEntryBody(writer, 3, 0, 0, key, 0, 1, value, 0, 2)).toBe(7);
    expect(encodeEntryBody(writer, 0, 0, 1_600_000_000_000 + 0x0102030405, key, 0, 1, value, 0, 1)).toBe(10);
    expect(encodeEntryBody(writer, 15, 4, 0x0102030405, key, 0, 1, value, 1, 1)).toBe(12);
    expect([...writer.written()]).toEqual([
      ...[0x10, 1, 2, 3, 0x6b, 1, 2],
      ...[0x01, 1, 1, 0x05, 0x04, 0x03, 0x02, 0x01, 0x6b, 1],
      ...[0x39, 1, 1, 15, 0x05, 0x04, 0x03, 0x02, 0x01, 0x00, 0x6b, 2],
    ]);
  });

  it('is parsed back from any place of a buffer', () => {
    const expiry = fc.oneof(
      fc.constant(0),
      fc.integer({ min: 1, max: MAX_EXPIRES_AT_MS }),
      fc.integer({ min: 1_599_999_999_990, max: 1_600_000_000_010 }),
      fc.integer({ min: 1_600_000_000_000 + 2 ** 40 - 10, max: 1_600_000_000_000 + 2 ** 40 + 10 }),
    );
    const bytes = fc.uint8Array({ maxLength: 300 });
    fc.assert(
      fc.property(
        fc.nat(15),
        fc.constantFrom(0, 1, 2, 3, 4, 5) as fc.Arbitrary<0>,
        expiry,
        bytes,
        bytes,
        fc.nat(20),
        (database, type, expiresAtMs, key, value, before) => {
          const writer = new ByteWriter();
          writer.bytes(new Uint8Array(before));
          const length = encodeEntryBody(
            writer,
            database,
            type,
            expiresAtMs,
            key,
            0,
            key.length,
            value,
            0,
            value.length,
          );
          expect(length).toBe(entryBodyLength(database, key.length, value.length, expiresAtMs));
          writer.bytes(Uint8Array.of(9, 9));
          const header = new EntryHeader();
          parseEntryBody(writer.buffer, before, length + 2, header);
          expect(header).toMatchObject({ database, type, expiresAtMs, bodyLength: length });
          expect(writer.buffer.slice(header.keyOffset, header.keyOffset + header.keyLength)).toEqual(key);
          expect(writer.buffer.slice(header.valueOffset, header.valueOffset + header.valueLength)).toEqual(value);
          for (let cut = 0; cut < length; cut += 1 + (length >> 4)) {
            expect(() => parseEntryBody(writer.buffer, before, cut, header)).toThrow(DecodeError);
          }
        },
      ),
    );
  });

  it('answers hostile bytes with DecodeError and nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 24 }), (bytes) => {
        try {
          const header = parse(bytes);
          expect(header.valueOffset + header.valueLength).toBe(header.bodyLength);
          expect(header.bodyLength).toBeLessThanOrEqual(bytes.length);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['an unknown type', [0x0c, 0, 0]],
    ['a wide expiry of none', [0x20, 0, 0]],
    ['database 0 where none is expected', [0x10, 0, 0, 0]],
    ['a database beyond the last', [0x10, 0, 0, 16]],
    ['a missing database', [0x10, 0, 0]],
    ['a length that is not in its shortest form', [0, 0x80, 0, 0]],
    ['a length of more than 32 bits', [0, 0xff, 0xff, 0xff, 0xff, 0x1f, 0]],
    ['a number without end', [0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
    ['an expiry of zero', [0x21, 0, 0, 0, 0, 0, 0, 0, 0]],
    ['a wide expiry that five bytes hold', [0x21, 0, 0, 0, 0, 0, 0, 0x80, 0x01]],
    ['a key beyond the bound', [0, 0x81, 0x80, 0x04, 0]],
    ['a value beyond the bound', [0, 0, 0x81, 0x80, 0x80, 0x80, 0x02]],
    ['a value beyond the end', [0, 0, 0xff, 0xff, 0xff, 0x7f]],
    ['a missing value length', [0, 0x80, 0x01]],
  ])('refuses %s', (_, bytes) => {
    expect(() => parse(bytes)).toThrow(DecodeError);
  });

  it('refuses to write what it could not read back', () => {
    const writer = new ByteWriter();
    const tooLong = new Uint8Array(BOUNDS.maxKeyBytes + 1);
    expect(() => encodeEntryBody(writer, 16, 0, 0, EMPTY, 0, 0, EMPTY, 0, 0)).toThrow('database');
    expect(() => encodeEntryBody(writer, 0, 0, 2 ** 48, EMPTY, 0, 0, EMPTY, 0, 0)).toThrow('expiry');
    expect(() => encodeEntryBody(writer, 0, 0, 0, tooLong, 0, tooLong.length, EMPTY, 0, 0)).toThrow('key');
    expect(() => encodeEntryBody(writer, 0, 0, 0, EMPTY, 0, 0, EMPTY, 0, 2 ** 30)).toThrow('value');
    expect(writer.length).toBe(0);
  });

  it('has varints of every length', () => {
    const target = new Uint8Array(8);
    fc.assert(
      fc.property(fc.nat(31), fc.nat(0xffffffff), (shift, number) => {
        const value = number >>> shift;
        const end = writeVarint(target, 1, value);
        expect(end - 1).toBe(varintLength(value));
        expect(readVarint(target, 1, end)).toBe(value);
      }),
    );
  });
});
