import { DecodeError, ByteWriter } from '#libs/kernel';
import fc from 'fast-check';
import { VALUE_TYPE } from '../record.js';
import { elementOf, keyText, valueText } from './collections.support.spec.js';
import { ElementView } from './element-view.js';
import { checkPacked, checkUnit } from './packed-check.js';
import { PackedReader } from './packed-reader.js';
import { begin, writeElement } from './packed-writer.js';

const TYPES = [VALUE_TYPE.HASH, VALUE_TYPE.LIST, VALUE_TYPE.SET, VALUE_TYPE.ZSET];

interface Plain {
  readonly key: string;
  readonly value: string;
  readonly score: number;
}

function pack(type: number, elements: readonly Plain[]): Uint8Array {
  const out = new ByteWriter();
  begin(out, type, elements.length);
  for (const { key, value, score } of elements) writeElement(out, type, elementOf(key, value, score));
  return out.toBytes();
}

function unpack(type: number, bytes: Uint8Array): Plain[] {
  const reader = new PackedReader();
  const view = new ElementView();
  reader.open(bytes, 0, bytes.length);
  const elements: Plain[] = [];
  while (reader.forward()) {
    reader.fill(view);
    elements.push({
      key: type === VALUE_TYPE.LIST ? '' : keyText(view),
      value: type === VALUE_TYPE.LIST || type === VALUE_TYPE.HASH ? valueText(view) : '',
      score: type === VALUE_TYPE.ZSET ? view.score : 0,
    });
  }
  return elements;
}

function check(type: number, bytes: Uint8Array): void {
  checkPacked(type, bytes, 0, bytes.length);
}

const sample: Plain[] = ['a', 'bc', 'd'.repeat(200), ''].map((key, index) => ({
  key,
  value: 'v'.repeat(index * 60),
  score: index * 1.5,
}));

describe('checkPacked', () => {
  it('passes what was written, and nothing else that bytes changed, cut or added make of it', () => {
    const change = fc.record({ at: fc.nat(400), byte: fc.nat(255) });
    const spoil = fc.array(change, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(fc.constantFrom(...TYPES), spoil, fc.nat(3), fc.nat(20), (type, changes, extra, cut) => {
        const bytes = pack(type, sample);
        check(type, bytes);
        for (const { at, byte } of changes) bytes[at % bytes.length] = byte;
        const spoilt = new Uint8Array(Math.max(0, bytes.length + extra - cut));
        spoilt.set(bytes.subarray(0, spoilt.length));
        try {
          check(type, spoilt);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
          return;
        }
        expect(pack(type, unpack(type, spoilt))).toEqual(spoilt);
      }),
      { numRuns: 3000 },
    );
  });

  it('refuses arbitrary bytes with DecodeError', () => {
    const tail = fc.uint8Array({ maxLength: 60 });
    fc.assert(
      fc.property(fc.constantFrom(...TYPES), tail, (type, bytes) => {
        const packed = new Uint8Array([...pack(type, sample).subarray(0, 1), ...bytes]);
        try {
          check(type, packed);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
          return;
        }
        expect(pack(type, unpack(type, packed))).toEqual(packed);
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    ['another type', VALUE_TYPE.SET, pack(VALUE_TYPE.HASH, sample), 'head'],
    ['another format', VALUE_TYPE.SET, new Uint8Array([0x43, 1, 0]), 'format 2'],
    ['the root of a large one', VALUE_TYPE.SET, new Uint8Array(13).fill(0x2b, 0, 1), 'head 43'],
    ['a type that is no collection', VALUE_TYPE.STRING, new Uint8Array([0x20, 0]), 'type 0'],
    ['no elements', VALUE_TYPE.SET, new Uint8Array([0x23, 0]), 'no elements'],
    ['a key twice', VALUE_TYPE.SET, pack(VALUE_TYPE.SET, [sample[0], sample[0]]), 'twice'],
    ['scores out of order', VALUE_TYPE.ZSET, pack(VALUE_TYPE.ZSET, [sample[1], sample[0]]), 'order'],
    ['members out of order', VALUE_TYPE.ZSET, pack(VALUE_TYPE.ZSET, [elem('b'), elem('a')]), 'order'],
    ['a score that is no number', VALUE_TYPE.ZSET, withScore(NaN), 'no number'],
    ['an integer as a float', VALUE_TYPE.ZSET, withScore(5), 'form'],
    ['an empty value', VALUE_TYPE.SET, new Uint8Array(0), 'truncated'],
    ['too many bytes', VALUE_TYPE.LIST, pack(VALUE_TYPE.LIST, [elem('', 4100)]), '4096'],
  ])('refuses %s', (_name, type, bytes, message) => {
    expect(() => check(type, bytes)).toThrow(DecodeError);
    expect(() => check(type, bytes)).toThrow(message);
  });

  it('holds values, but not units, to 128 elements', () => {
    const many = Array.from({ length: 129 }, (_, index) => elem(`k${index}`));
    const bytes = pack(VALUE_TYPE.SET, many);
    expect(() => check(VALUE_TYPE.SET, bytes)).toThrow('129');
    checkUnit(VALUE_TYPE.SET, bytes, 0, bytes.length);
  });
});

describe('PackedReader', () => {
  it('goes through a list from both ends', () => {
    const values = Array.from({ length: 40 }, (_, index) => elem('', index * 5));
    const bytes = pack(VALUE_TYPE.LIST, values);
    const reader = new PackedReader();
    reader.open(bytes, 0, bytes.length);
    reader.toEnd();
    const lengths: number[] = [];
    while (reader.backward()) lengths.push(reader.valueLength);
    expect(lengths.reverse()).toEqual(values.map(({ value }) => value.length));
    expect(reader.seek(33) && reader.valueLength).toBe(165);
    expect(reader.seek(40)).toBe(false);
  });
});

function elem(key: string, valueLength = 0): Plain {
  return { key, value: 'v'.repeat(valueLength), score: 0 };
}

/** A sorted set of one member whose score is written as a float. */
function withScore(score: number): Uint8Array {
  const bytes = pack(VALUE_TYPE.ZSET, [{ key: 'k', value: '', score: 0.5 }]);
  new DataView(bytes.buffer).setFloat64(3, score, true);
  return bytes;
}
