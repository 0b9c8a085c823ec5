import fc from 'fast-check';
import { crc32 as zlibCrc32 } from 'node:zlib';
import { latin1Bytes } from './bytes.js';
import { crc32, useCrc32 } from './crc32.js';

describe('crc32', () => {
  it('gives the check value of CRC-32/ISO-HDLC', () => {
    expect(crc32(latin1Bytes('123456789'))).toBe(0xcbf43926);
    expect(crc32(new Uint8Array(0))).toBe(0);
  });

  it('agrees with zlib on any range, at once or in pieces', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), fc.nat(300), (bytes, a, b) => {
        const [start, end] = [a, b].map((at) => Math.min(at, bytes.length)).toSorted((x, y) => x - y);
        const expected = zlibCrc32(bytes.subarray(start, end));
        expect(crc32(bytes, start, end - start)).toBe(expected);
        const middle = (start + end) >>> 1;
        const first = crc32(bytes, start, middle - start);
        expect(crc32(bytes, middle, end - middle, first)).toBe(expected);
      }),
    );
  });

  it('asks the platform for long ranges alone, once it has brought its own', () => {
    const bytes = new Uint8Array(5_000).map((_, at) => (at * 131) >>> 3);
    const expected = zlibCrc32(bytes.subarray(7, 4_000), 99);
    expect(crc32(bytes, 7, 3_993, 99)).toBe(expected);
    const asked: number[] = [];
    useCrc32((buffer, offset, length, previous) => {
      asked.push(length);
      return zlibCrc32(buffer.subarray(offset, offset + length), previous);
    });
    expect(crc32(bytes, 7, 3_993, 99)).toBe(expected);
    crc32(bytes, 0, 100);
    expect(asked).toEqual([3_993]);
  });
});
