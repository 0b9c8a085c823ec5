import fc from 'fast-check';
import {
  concatBytes,
  copyBytes,
  copyWords,
  equalBytes,
  equalsIgnoreCase,
  hexText,
  latin1Bytes,
  latin1Text,
  utf8Bytes,
  utf8Text,
} from './bytes.js';

describe('byte ranges', () => {
  it('are written as hex digits', () => {
    expect(hexText(Uint8Array.of(0, 7, 0x10, 0xff))).toBe('000710ff');
    expect(hexText(new Uint8Array(0))).toBe('');
  });

  it('copies short and long ranges alike', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(20), fc.nat(20), (source, sourceOffset, targetOffset) => {
        const from = Math.min(sourceOffset, source.length);
        const length = source.length - from;
        const target = new Uint8Array(targetOffset + length + 5).fill(0xee);
        copyBytes(source, from, target, targetOffset, length);
        expect(target.slice(targetOffset, targetOffset + length)).toEqual(source.slice(from));
        expect(target.slice(targetOffset + length)).toEqual(new Uint8Array(5).fill(0xee));
        const other = new Uint8Array(target.length).fill(0xee);
        copyWords(source, from, other, new DataView(other.buffer), targetOffset, length);
        expect(other).toEqual(target);
        expect(equalBytes(source, from, target, targetOffset, length)).toBe(true);
      }),
    );
  });

  it('finds a difference in any byte', () => {
    const a = latin1Bytes('..abc');
    expect(equalBytes(a, 2, latin1Bytes('abd'), 0, 3)).toBe(false);
    expect(equalBytes(a, 2, latin1Bytes('abd'), 0, 2)).toBe(true);
  });

  it('compares words without regard to case, letters alone', () => {
    expect(equalsIgnoreCase(latin1Bytes('xGeTx'), 1, 3, 'get')).toBe(true);
    expect(equalsIgnoreCase(latin1Bytes('get'), 0, 3, 'gets')).toBe(false);
    expect(equalsIgnoreCase(latin1Bytes('gat'), 0, 3, 'get')).toBe(false);
    expect(equalsIgnoreCase(latin1Bytes('@'), 0, 1, '`')).toBe(false);
  });

  it('turns any bytes into latin-1 text and back', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(latin1Bytes(latin1Text(bytes, 0, bytes.length))).toEqual(bytes);
      }),
    );
  });

  it('turns text into UTF-8 and back, and malformed UTF-8 into replacement characters', () => {
    expect(utf8Text(utf8Bytes('naïve ✓'))).toBe('naïve ✓');
    expect(utf8Text(new Uint8Array([0x61, 0xff]))).toBe('a\ufffd');
  });

  it('joins parts', () => {
    expect(concatBytes([latin1Bytes('a'), new Uint8Array(0), latin1Bytes('bc')])).toEqual(latin1Bytes('abc'));
    expect(concatBytes([])).toEqual(new Uint8Array(0));
  });
});
