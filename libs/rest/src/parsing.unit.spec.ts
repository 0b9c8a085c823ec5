import fc from 'fast-check';
import { RespError } from '#libs/resp';
import { bytesOf, textOfBytes } from './batch-text.js';
import { namesTag, writeCondition } from './entity-tags.js';
import { entryOf, writtenOf } from './entry.js';
import { decodeBase64, decodeBase64Url, percentDecode } from './percent-decoding.js';
import { ProblemException, shortened } from './problem.js';
import { problemOfReply } from './reply-problem.js';
import { runBounded } from './run-bounded.js';

const anyBytes = fc.uint8Array({ maxLength: 64 });

describe('keys in paths', () => {
  it('decode to the bytes that were encoded', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const text = Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
        expect(Buffer.from(percentDecode(text) ?? [])).toEqual(Buffer.from(bytes));
        expect(Buffer.from(decodeBase64Url(Buffer.from(bytes).toString('base64url')) ?? [])).toEqual(
          Buffer.from(bytes),
        );
      }),
    );
  });

  it('decode as encodeURIComponent encodes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        fc.pre(text.isWellFormed());
        expect(Buffer.from(percentDecode(encodeURIComponent(text)) ?? []).toString()).toBe(text);
      }),
    );
  });

  it.each(['%', '%4', '%4g', '%g4', 'a%', '%%41'])('refuse %s', (text) => {
    expect(percentDecode(text)).toBeUndefined();
  });

  it.each(['a', 'abcde', 'ab=', 'abc==', 'ab+/', 'a b', 'ab\n'])('refuse %j as base64url', (text) => {
    expect(decodeBase64Url(text)).toBeUndefined();
  });

  it('take base64 with and without padding', () => {
    expect(decodeBase64('AP8=')).toEqual(Buffer.from([0, 255]));
    expect(decodeBase64('AP8')).toEqual(Buffer.from([0, 255]));
    expect(decodeBase64('')).toEqual(Buffer.alloc(0));
    expect(decodeBase64('AP-_')).toBeUndefined();
  });
});

describe('bytes in JSON', () => {
  it('come back as they were, whatever encoding was wanted', () => {
    fc.assert(
      fc.property(anyBytes, fc.constantFrom('utf8', 'base64'), (bytes, wanted) => {
        const { value, encoding } = textOfBytes(bytes, wanted);
        expect(Buffer.from(bytesOf(value, encoding) ?? [])).toEqual(Buffer.from(bytes));
      }),
    );
  });
});

describe('conditions', () => {
  it('of writes are one tag, any version, or none', () => {
    expect(writeCondition(undefined, undefined)).toEqual({ kind: 'none' });
    expect(writeCondition(' * ', undefined)).toEqual({ kind: 'present' });
    expect(writeCondition(undefined, '*')).toEqual({ kind: 'absent' });
    expect(writeCondition('"a-1"', undefined)).toEqual({ kind: 'tag', tag: 'a-1' });
  });

  it('of reads are lists of tags', () => {
    expect(namesTag('"x", W/"a-1"', 'a-1')).toBe(true);
    expect(namesTag('"A-1"', 'a-1')).toBe(true);
    expect(namesTag('a-1', 'a-1')).toBe(false);
    expect(namesTag('', 'a-1')).toBe(false);
  });

  it('cost no more than their length', () => {
    const hostile = 'W/"'.repeat(5_000);
    expect(namesTag(hostile, 'a-1')).toBe(false);
    expect(() => writeCondition(hostile, undefined)).toThrow(ProblemException);
  });
});

describe('replies', () => {
  it('of HC.GET and HC.SET are checked', () => {
    expect(entryOf(null)).toBeUndefined();
    const times = { createdAtMs: null, modifiedAtMs: null };
    const value = Buffer.from('v');
    expect(entryOf([value, 't', -1, null, null])).toEqual({ value, etag: 't', ttlMs: null, ...times });
    expect(entryOf([value, 't', -1, 5, 6])).toMatchObject({ createdAtMs: 5, modifiedAtMs: 6 });
    expect(writtenOf([Buffer.from('t'), 1])).toEqual({ etag: 't', created: true });
    expect(() => entryOf('OK')).toThrow('HC.GET');
    expect(() => entryOf([1, 2, 3, 4, 5])).toThrow('HC.GET');
    expect(() => writtenOf(1)).toThrow('HC.SET');
  });

  it('that are errors keep their own words as the detail', () => {
    const tooLarge = problemOfReply(
      new RespError("OOM the entry is too large for its store: 9 bytes, and store 'a' may use 8"),
    );
    expect(tooLarge.problem).toMatchObject({ code: 'ENTRY_TOO_LARGE', status: 413, retriable: false });
    expect(problemOfReply(new RespError('OOM otherwise')).problem).toMatchObject({
      code: 'OUT_OF_MEMORY',
      status: 507,
    });
    const { problem, headers } = problemOfReply(new RespError('BUSY the link is full'));
    expect(problem).toMatchObject({ code: 'BUSY', status: 503, detail: 'the link is full', retriable: true });
    expect(headers).toEqual({ 'Retry-After': '1' });
  });
});

describe('values in messages', () => {
  it.each([
    ['x'.repeat(100), `"${'x'.repeat(64)}"…`],
    [undefined, 'missing'],
    [null, 'null'],
    [5, '5'],
    [[[]], 'a list'],
    [{}, 'an object'],
  ])('are shortened (%#)', (value, text) => {
    expect(shortened(value)).toBe(text);
  });
});

describe('tasks', () => {
  it('run at most so many at a time, each once, and the first failure counts', async () => {
    let running = 0;
    let most = 0;
    const results = await runBounded([5, 4, 3, 2, 1], 2, async (item) => {
      most = Math.max(most, ++running);
      await Promise.resolve();
      running--;
      return item * 10;
    });
    expect(results).toEqual([50, 40, 30, 20, 10]);
    expect(most).toBe(2);
    expect(await runBounded([], 2, async () => 1)).toEqual([]);
    await expect(runBounded([1], 2, async () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  });
});
