import { DecodeError, latin1Bytes, latin1Text } from '#libs/kernel';
import fc from 'fast-check';
import { decodeReply, RespError, RespPush, RespVerbatim, type RespValue } from './decode-reply.js';
import { MAX_REPLY_DEPTH, replyLength } from './reply-length.js';
import { ReplyReader } from './reply-reader.js';
import { ReplyWriter } from './reply-writer.js';

const decode = (text: string) => decodeReply(latin1Bytes(text));
const lengthOf = (text: string) => replyLength(latin1Bytes(text), 0, text.length);

const CASES: [string, RespValue][] = [
  ['+OK\r\n', 'OK'],
  [':-7\r\n', -7],
  [':9223372036854775807\r\n', 9223372036854775807n],
  ['$2\r\n\r\n\r\n', latin1Bytes('\r\n')],
  ['$0\r\n\r\n', new Uint8Array(0)],
  ['$-1\r\n', null],
  ['*-1\r\n', null],
  ['_\r\n', null],
  ['*0\r\n', []],
  ['*2\r\n:1\r\n*1\r\n+a\r\n', [1, ['a']]],
  ['#t\r\n', true],
  ['#f\r\n', false],
  [',1.5\r\n', 1.5],
  [',-inf\r\n', -Infinity],
  [',nan\r\n', NaN],
  ['(-123456789012345678901234567890\r\n', -123456789012345678901234567890n],
  ['=7\r\ntxt:abc\r\n', new RespVerbatim('txt', latin1Bytes('abc'))],
  [
    '%2\r\n+a\r\n:1\r\n+b\r\n*0\r\n',
    [
      ['a', 1],
      ['b', []],
    ],
  ],
  ['~1\r\n:1\r\n', [1]],
  ['>1\r\n+m\r\n', new RespPush(['m'])],
  ['|1\r\n+k\r\n*1\r\n:1\r\n|0\r\n:5\r\n', 5],
  ['-ERR no\r\n', new RespError('ERR no')],
  ['!5\r\nERR x\r\n', new RespError('ERR x')],
];

describe('a complete reply', () => {
  it.each(CASES)('%j', (text, value) => {
    expect(lengthOf(text)).toBe(text.length);
    expect(decode(text)).toEqual(value);
    expect(lengthOf(`${text}+more\r\n`)).toBe(text.length);
    expect(() => decode(`${text}+more\r\n`)).toThrow(DecodeError);
    for (let end = 0; end < text.length; end++) expect(replyLength(latin1Bytes(text), 0, end)).toBe(0);
    expect(() => decode(text.slice(0, -1))).toThrow(DecodeError);
  });

  it('gives the code of an error', () => {
    expect((decode('-WRONGTYPE Operation\r\n') as RespError).code).toBe('WRONGTYPE');
  });

  it('is decoded to bytes of its own', () => {
    const bytes = Buffer.from('$3\r\nabc\r\n');
    const value = decodeReply(bytes);
    bytes.fill(0);
    expect(value).toEqual(latin1Bytes('abc'));
  });
});

describe('a malformed reply', () => {
  it.each([
    'x\r\n',
    'x',
    '+a\rb\r\n',
    ':\r\n',
    ':x\r\n',
    ':9223372036854775808\r\n',
    '$x\r\n',
    '$-2\r\n',
    '$01\r\n',
    '$9999999999\r\n',
    '$12345678901\r\n',
    '$\r\n',
    '$1\r\nabc',
    '!-1\r\n',
    '=3\r\nabc\r\n',
    '=4\r\nabcd\r\n',
    '*-2\r\n',
    '*?\r\n',
    '%-1\r\n',
    '#x\r\n',
    '#\r\n',
    '_x\r\n',
    ',\r\n',
    ',x\r\n',
    '(\r\n',
    '(-\r\n',
    '(1x\r\n',
    '*1\r\n$-5\r\n',
  ])('%j', (text) => {
    expect(lengthOf(text)).toBe(-1);
    expect(() => decode(text)).toThrow(DecodeError);
  });

  it('is too deep, or too long a number', () => {
    expect(lengthOf(`${'*1\r\n'.repeat(MAX_REPLY_DEPTH - 1)}:1\r\n`)).toBeGreaterThan(0);
    expect(lengthOf(`${'*1\r\n'.repeat(MAX_REPLY_DEPTH)}:1\r\n`)).toBe(-1);
    expect(() => decode(`(${'1'.repeat(5000)}\r\n`)).toThrow(DecodeError);
    expect(() => decode(',1e\r\n')).toThrow(DecodeError);
  });

  it('never does more than throw a DecodeError', () => {
    const piece = fc.constantFrom(
      '*',
      '$',
      '%',
      '|',
      '>',
      '~',
      ':',
      '+',
      ',',
      '(',
      '_',
      '#t',
      '=',
      '\r\n',
      '1',
      '2',
      '-1',
      'ab',
      '*2\r\n',
      ':1\r\n',
      '$2\r\nab\r\n',
      '|1\r\n',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const bytes = latin1Bytes(pieces.join(''));
        const length = replyLength(bytes, 0, bytes.length);
        expect(length).toBeLessThanOrEqual(bytes.length);
        try {
          decodeReply(bytes);
          expect(length).toBe(bytes.length);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
      }),
      { numRuns: 3000 },
    );
  });
});

describe('ReplyReader', () => {
  const open = (text: string) => {
    const reader = new ReplyReader();
    const bytes = latin1Bytes(`..${text}+after\r\n`);
    expect(reader.open(bytes, 2, bytes.length)).toBe(true);
    return reader;
  };
  const content = (reader: ReplyReader) => latin1Text(reader.buffer, reader.contentOffset, reader.contentLength);

  it('reads heads', () => {
    expect(open(':42\r\n')).toMatchObject({
      type: 0x3a,
      integer: 42,
      length: 5,
      count: 0,
      isNull: false,
      isError: false,
    });
    expect(open(':9223372036854775807\r\n').integer).toBeNaN();
    expect(open('$-1\r\n')).toMatchObject({ isNull: true, contentLength: 0 });
    expect(open('_\r\n').isNull).toBe(true);
    expect(open('*-1\r\n')).toMatchObject({ isNull: true, count: 0 });
    expect(open('%2\r\n+a\r\n:1\r\n+b\r\n:2\r\n').count).toBe(4);
    expect(content(open('$3\r\nabc\r\n'))).toBe('abc');
    expect(content(open('-ERR x\r\n'))).toBe('ERR x');
    expect(open('-ERR x\r\n').isError).toBe(true);
    expect(open('!1\r\nx\r\n').isError).toBe(true);
  });

  it('walks the elements, behind attributes too', () => {
    const reader = open('|1\r\n+k\r\n*1\r\n:1\r\n*3\r\n$1\r\na\r\n*1\r\n:1\r\n|1\r\n+k\r\n+v\r\n_\r\n');
    const elements: string[] = [];
    while (reader.next()) elements.push(latin1Text(reader.buffer, reader.elementOffset, reader.elementLength));
    expect(elements).toEqual(['$1\r\na\r\n', '*1\r\n:1\r\n', '|1\r\n+k\r\n+v\r\n_\r\n']);
    expect(reader.next()).toBe(false);
  });

  it('opens nothing incomplete or malformed', () => {
    const reader = open('*1\r\n:1\r\n');
    expect(reader.open(latin1Bytes('*1\r\n'), 0, 4)).toBe(false);
    expect(reader.open(latin1Bytes('?\r\n'), 0, 3)).toBe(false);
    expect(reader.next()).toBe(false);
  });
});

describe('ReplyWriter', () => {
  const written = (version: 2 | 3, write: (writer: ReplyWriter) => void) => {
    const writer = new ReplyWriter();
    writer.version = version;
    write(writer);
    return latin1Text(writer.buffer, 0, writer.length);
  };

  it.each<[string, (writer: ReplyWriter) => void, string, string]>([
    ['ok', (w) => w.ok(), '+OK\r\n', '+OK\r\n'],
    ['simple', (w) => w.simple('PONG'), '+PONG\r\n', '+PONG\r\n'],
    ['integer', (w) => w.integer(-2), ':-2\r\n', ':-2\r\n'],
    ['bigint', (w) => w.integer(2n ** 63n - 1n), ':9223372036854775807\r\n', ':9223372036854775807\r\n'],
    ['bulk', (w) => w.bulk(latin1Bytes('abcd'), 1, 2), '$2\r\nbc\r\n', '$2\r\nbc\r\n'],
    ['bulkText', (w) => w.bulkText('h\xe9\u{20ac}'), '$3\r\nh\xe9?\r\n', '$3\r\nh\xe9?\r\n'],
    ['nullBulk', (w) => w.nullBulk(), '$-1\r\n', '_\r\n'],
    ['nullArray', (w) => w.nullArray(), '*-1\r\n', '_\r\n'],
    ['array', (w) => w.arrayHeader(12), '*12\r\n', '*12\r\n'],
    ['map', (w) => w.mapHeader(6), '*12\r\n', '%6\r\n'],
    ['set', (w) => w.setHeader(6), '*6\r\n', '~6\r\n'],
    ['push', (w) => w.pushHeader(3), '*3\r\n', '>3\r\n'],
    ['double', (w) => w.double('1.5'), '$3\r\n1.5\r\n', ',1.5\r\n'],
    ['true', (w) => w.boolean(true), ':1\r\n', '#t\r\n'],
    ['false', (w) => w.boolean(false), ':0\r\n', '#f\r\n'],
    ['verbatim', (w) => w.verbatim('txt', latin1Bytes('ab')), '$2\r\nab\r\n', '=6\r\ntxt:ab\r\n'],
  ])('%s in RESP2 and RESP3', (_, write, resp2, resp3) => {
    expect(written(2, write)).toBe(resp2);
    expect(written(3, write)).toBe(resp3);
  });

  it('lets no text forge a second reply', () => {
    expect(written(2, (w) => w.error('ERR a\r\nb\u010d\u010ac'))).toBe('-ERR a  b??c\r\n');
    expect(written(3, (w) => w.simple('a\nb'))).toBe('+a b\r\n');
  });

  it('writes every integer', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.maxSafeInteger(), fc.integer()),
        (value) => written(2, (w) => w.integer(value)) === `:${value}\r\n`,
      ),
      {
        numRuns: 1000,
        examples: [[0], [9], [10], [99], [100], [4294967295], [4294967296], [-4294967295], [-4294967296]],
      },
    );
  });

  it('writes bulk strings of every size that the decoder reads back', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 2000 }), { maxLength: 20 }), (parts) => {
        const writer = new ReplyWriter();
        writer.arrayHeader(parts.length);
        for (const part of parts) writer.bulk(part);
        expect(decodeReply(writer.written())).toEqual(parts);
      }),
    );
  });
});
