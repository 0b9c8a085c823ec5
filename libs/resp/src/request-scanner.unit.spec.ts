import { latin1Bytes, latin1Text } from '#libs/kernel';
import fc from 'fast-check';
import { encodeCommand } from './encode-command.js';
import { RequestScanner } from './request-scanner.js';

function scanText(text: string, scanner = new RequestScanner()) {
  const bytes = latin1Bytes(text);
  const taken = scanner.scan(bytes, 0, bytes.length);
  return { taken, scanner, args: taken > 0 ? argumentsOf(scanner) : [] };
}

function argumentsOf(scanner: RequestScanner): string[] {
  return Array.from({ length: scanner.count }, (_, i) =>
    latin1Text(scanner.buffer, scanner.offsets[i], scanner.lengths[i]),
  );
}

describe('a multibulk command', () => {
  it('is found with its arguments and its raw bytes', () => {
    const text = '*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$12\r\nhello world!\r\n';
    const { taken, args, scanner } = scanText(`${text}*1\r\n`);
    expect(taken).toBe(text.length);
    expect(args).toEqual(['SET', 'k', 'hello world!']);
    expect(latin1Text(scanner.buffer, scanner.commandOffset, scanner.commandLength)).toBe(text);
  });

  it('is found anywhere in a buffer, not beyond the end given', () => {
    const scanner = new RequestScanner();
    const bytes = latin1Bytes('xx*1\r\n$4\r\nPING\r\n');
    expect(scanner.scan(bytes, 2, bytes.length)).toBe(14);
    expect(argumentsOf(scanner)).toEqual(['PING']);
    for (let end = 0; end < bytes.length; end++) expect(scanner.scan(bytes, 2, end)).toBe(0);
  });

  it('may have no arguments', () => {
    for (const text of ['*0\r\n', '*-1\r\n', '*-9223372036854775808\r\n', '\r\n', '\n', ' \t\r\n']) {
      const { taken, scanner } = scanText(text);
      expect([text, taken, scanner.count]).toEqual([text, text.length, 0]);
    }
  });

  it('skips the bytes that Redis does not check', () => {
    expect(scanText('*1\rX$4\rYPINGzz').args).toEqual(['PING']);
    expect(scanText('*12\rX' + '$1\rYazz'.repeat(12)).args).toEqual(Array(12).fill('a'));
  });

  it('names the bytes it needs', () => {
    expect(scanText('').scanner.neededBytes).toBe(1);
    expect(scanText('*').scanner.neededBytes).toBe(2);
    expect(scanText('*1\r').scanner.neededBytes).toBe(4);
    expect(scanText('*1\r\n').scanner.neededBytes).toBe(5);
    expect(scanText('*1\r\n$100\r\nab').scanner.neededBytes).toBe(4 + 6 + 102);
    expect(scanText('*2\r\n$1\r\na\r\n$7\r\n').scanner.neededBytes).toBe(4 + 7 + 4 + 9);
  });

  it('survives encoding and scanning, whatever its bytes', () => {
    const scanner = new RequestScanner();
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 200 }), (parts) => {
        const bytes = encodeCommand(parts);
        expect(scanner.scan(bytes, 0, bytes.length)).toBe(bytes.length);
        expect(argumentsOf(scanner)).toEqual(parts.map((part) => latin1Text(part, 0, part.length)));
      }),
    );
  });
});

describe('an inline command', () => {
  it.each<[string, string[]]>([
    ['PING\r\n', ['PING']],
    ['  SET\tkey   value \n', ['SET', 'key', 'value']],
    ['ECHO "a\\x41\\n\\r\\t\\b\\a\\\\\\"\\q"\r\n', ['ECHO', 'aA\n\r\t\b\x07\\"q']],
    ['ECHO "\\xzz \\x4"\r\n', ['ECHO', 'xzz x4']],
    ["ECHO 'a\\'b\\n'\r\n", ['ECHO', "a'b\\n"]],
    ['ECHO ""\r\n', ['ECHO', '']],
    ["ECHO ''\r\n", ['ECHO', '']],
    ['ECHO foo"bar"\r\n', ['ECHO', 'foobar']],
    ['ECHO a\x0bb\r\n', ['ECHO', 'a\x0bb']],
    ['\x0bPING\r\n', ['PING']],
    ['ECHO \\x41\r\n', ['ECHO', '\\x41']],
    ['ECHO \r x\r\n', ['ECHO', 'x']],
  ])('%j is split as Redis splits it', (text, expected) => {
    const { taken, args, scanner } = scanText(text);
    expect(taken).toBe(text.length);
    expect(args).toEqual(expected);
    const raw = scanner.buffer.slice(scanner.commandOffset, scanner.commandOffset + scanner.commandLength);
    expect(raw).toEqual(encodeCommand(expected.map(latin1Bytes)));
  });

  it('may have more arguments than any before it', () => {
    const words = Array.from({ length: 5000 }, (_, i) => `w${i}`);
    expect(scanText(`${words.join(' ')}\r\n`).args).toEqual(words);
  });
});

describe('a broken command', () => {
  it.each([
    ['*\r\n', 'invalid multibulk length'],
    ['*-0\r\n', 'invalid multibulk length'],
    ['*01\r\n', 'invalid multibulk length'],
    ['*+1\r\n', 'invalid multibulk length'],
    ['*1048577\r\n', 'invalid multibulk length'],
    ['*99999999999999999999\r\n', 'invalid multibulk length'],
    ['*x\r\n', 'invalid multibulk length'],
    ['*1\r\n+4\r\n', "expected '$', got '+'"],
    ['*1\r\n\xff4\r\n', "expected '$', got '\xff'"],
    ['*1\r\n\r\r\n', "expected '$', got ' '"],
    ['*1\r\n$-1\r\n', 'invalid bulk length'],
    ['*1\r\n$\r\n', 'invalid bulk length'],
    ['*1\r\n$04\r\n', 'invalid bulk length'],
    ['*1\r\n$00\r\n', 'invalid bulk length'],
    ['*1\r\n$536870913\r\n', 'invalid bulk length'],
    ['*1\r\n$4294967297\r\n', 'invalid bulk length'],
    ['"PING"x\r\n', 'unbalanced quotes in request'],
    ["'PING'x\r\n", 'unbalanced quotes in request'],
    ['ECHO "\r\n', 'unbalanced quotes in request'],
    ['ECHO "\\\r\n', 'unbalanced quotes in request'],
    ["ECHO '\r\n", 'unbalanced quotes in request'],
    ['x'.repeat(65537), 'too big inline request'],
    [`${'x'.repeat(65537)}\r\n`, 'too big inline request'],
    [`*${'1'.repeat(65537)}`, 'too big mbulk count string'],
    [`*1\r\n$${'1'.repeat(65537)}`, 'too big bulk count string'],
    [`x\0\n${'x'.repeat(65537)}`, 'too big inline request'],
  ])('%j', (text, reason) => {
    const { taken, scanner } = scanText(text);
    expect(taken).toBe(-1);
    expect(scanner.errorText).toBe(`Protocol error: ${reason}`);
  });

  it('waits where a NUL hides the end of a line', () => {
    for (const text of ['PI\0NG\r\n', '*1\0\r\n', '*1\r\n\0\r\n']) {
      const { taken, scanner } = scanText(text);
      expect(taken).toBe(0);
      expect(scanner.neededBytes).toBeGreaterThan(65536);
    }
  });

  it('stays small before authentication', () => {
    const scanner = new RequestScanner();
    scanner.authenticated = false;
    expect(scanner.authenticated).toBe(false);
    expect(scanText('*11\r\n', scanner).taken).toBe(-1);
    expect(scanner.errorText).toBe('Protocol error: unauthenticated multibulk length');
    expect(scanText('*10\r\n$16385\r\n', scanner).taken).toBe(-1);
    expect(scanner.errorText).toBe('Protocol error: unauthenticated bulk length');
    expect(scanText('*1\r\n$16384\r\n', scanner).taken).toBe(0);
    scanner.authenticated = true;
    expect(scanText('*1\r\n$16385\r\n', scanner).taken).toBe(0);
  });

  it('is refused by limits of its own', () => {
    const scanner = new RequestScanner({
      maxBulkBytes: 100,
      maxArguments: 16,
      maxInlineBytes: 50,
      maxCommandBytes: 150,
    });
    expect(scanText('*17\r\n', scanner).taken).toBe(-1);
    expect(scanText('*1\r\n$101\r\n', scanner).taken).toBe(-1);
    expect(scanText(`${'x '.repeat(17)}\r\n`, scanner).taken).toBe(-1);
    expect(scanText('x'.repeat(51), scanner).taken).toBe(-1);
    expect(scanText(`*2\r\n$90\r\n${'x'.repeat(92)}$90\r\n`, scanner).taken).toBe(-1);
    expect(scanner.errorText).toBe('Protocol error: too big request');
  });

  it('allocates nothing for what a header announces', () => {
    const { scanner } = scanText('*1048576\r\n$1\r\na\r\n');
    expect(scanner.offsets.length).toBeLessThan(1000);
  });

  it('never throws, and takes no more than there is, whatever the bytes', () => {
    const scanner = new RequestScanner();
    const piece = fc.oneof(
      fc.constantFrom(
        '*',
        '$',
        '\r\n',
        '\r',
        '\n',
        '1',
        '3',
        '12',
        '-1',
        '"',
        "'",
        '\\x',
        ' ',
        '\0',
        'PING',
        '*1\r\n$4\r\n',
      ),
      fc.string({ unit: 'binary-ascii', maxLength: 5 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const bytes = latin1Bytes(pieces.join(''));
        const taken = scanner.scan(bytes, 0, bytes.length);
        expect(taken).toBeGreaterThanOrEqual(-1);
        expect(taken).toBeLessThanOrEqual(bytes.length);
        if (taken === 0) expect(scanner.neededBytes).toBeGreaterThan(bytes.length);
        if (taken > 0 && scanner.count > 0) {
          const last = scanner.count - 1;
          expect(scanner.offsets[last] + scanner.lengths[last]).toBeLessThanOrEqual(scanner.buffer.length);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
