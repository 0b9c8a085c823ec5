import fc from 'fast-check';
import { latin1Bytes } from '#libs/kernel';
import type { EntryView } from '../storage-context.js';
import { StorageBench } from '../testing/storage-bench.js';
import { ETAG_CHARS, entityTag } from './entity-tag.js';

const FAILED = '-PRECONDITION the entry is not the expected version\r\n';
const WRONG_TYPE = '-WRONGTYPE Operation against a key holding the wrong kind of value\r\n';
const LIST_TYPE = 2;

let bench: StorageBench;
beforeEach(() => {
  bench = new StorageBench();
});

/** The tag in an answer of HC.GET or HC.SET. */
function tagIn(reply: string): string {
  return /[0-9a-f]{4}-[0-9a-f]{16}/.exec(reply)![0];
}

describe('HC.SET, HC.GET and HC.DEL', () => {
  it('create, read and delete', () => {
    const created = bench.run('HC.SET k v PX 5000');
    const tag = tagIn(created);
    expect(created).toBe(`*2\r\n$21\r\n${tag}\r\n:1\r\n`);
    expect(bench.run('HC.GET k')).toBe(`*3\r\n$1\r\nv\r\n$21\r\n${tag}\r\n:5000\r\n`);
    expect(bench.run('HC.GET k TIMES')).toBe(`*5\r\n$1\r\nv\r\n$21\r\n${tag}\r\n:5000\r\n$-1\r\n$-1\r\n`);
    expect(bench.run('HC.GET k TIME')).toBe('-ERR syntax error\r\n');
    expect(bench.run('HC.DEL k')).toBe(':1\r\n');
    expect(bench.run('HC.DEL k')).toBe(':0\r\n');
    expect(bench.run('HC.GET k')).toBe('*-1\r\n');
  });

  it('give a new tag to each change, and a changed value is no longer the expected one', () => {
    const first = tagIn(bench.run('HC.SET k v'));
    const second = tagIn(bench.run(`HC.SET k w IFTAG ${first}`));
    expect(second).not.toBe(first);
    expect(bench.run(`HC.SET k x IFTAG ${first}`)).toBe(FAILED);
    expect(bench.run(`HC.DEL k IFTAG ${first}`)).toBe(FAILED);
    bench.run('SET k v');
    expect(bench.run(`HC.SET k x IFTAG ${first}`)).toBe(FAILED);
    const third = tagIn(bench.run('HC.GET k'));
    expect(bench.run(`HC.DEL k IFTAG ${third.toUpperCase()}`)).toBe(':1\r\n');
    expect(bench.run(`HC.DEL k IFTAG ${third}`)).toBe(FAILED);
    expect(bench.run(`HC.SET k x IFTAG ${third}`)).toBe(FAILED);
  });

  it('create or replace on a condition, and keep the expiry on demand', () => {
    expect(bench.run('HC.SET k v IFPRESENT')).toBe(FAILED);
    expect(bench.run('HC.SET k v IFABSENT PX 900')).toMatch(/:1\r\n$/);
    expect(bench.run('HC.SET k v IFABSENT')).toBe(FAILED);
    expect(bench.run('HC.SET k w IFPRESENT KEEPTTL')).toMatch(/:0\r\n$/);
    expect(bench.run('HC.GET k')).toMatch(/:900\r\n$/);
    bench.run('HC.SET k w');
    expect(bench.run('HC.GET k')).toMatch(/:-1\r\n$/);
  });

  it('refuse what makes no sense', () => {
    const syntax = '-ERR syntax error\r\n';
    const lines = ['HC.SET k v IFABSENT IFPRESENT', 'HC.SET k v PX', 'HC.SET k v PX 5 KEEPTTL', 'HC.SET k v IFTAG'];
    for (const line of [...lines, 'HC.SET k v x', 'HC.DEL k IFTAG', 'HC.DEL k x y']) {
      expect(bench.run(line)).toBe(syntax);
    }
    expect(bench.run('HC.SET k v PX 0')).toBe("-ERR invalid expire time in 'hc.set' command\r\n");
    expect(bench.run('HC.SET k v PX x')).toBe('-ERR value is not an integer or out of range\r\n');
    bench.maxValueBytes = 1;
    expect(bench.run('HC.SET k vv')).toMatch(/^-ERR string exceeds/);
    bench.keyspace.put('l', latin1Bytes('x'), LIST_TYPE);
    for (const line of ['HC.GET l', 'HC.SET l v', `HC.DEL l IFTAG ${'0'.repeat(21)}`]) {
      expect(bench.run(line)).toBe(WRONG_TYPE);
    }
    expect(bench.run('HC.DEL l')).toBe(':1\r\n');
  });
});

describe('entityTag', () => {
  const view = (value: Uint8Array, version = 0): EntryView => ({
    buffer: value,
    keyOffset: 0,
    keyLength: 0,
    valueOffset: 0,
    valueLength: value.length,
    type: 0,
    expiresAtMs: 0,
    version,
  });

  it('is 21 characters, and depends on version, length and every byte', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat(0xffff), fc.nat(), (value, version, at) => {
        const tag = entityTag(view(value, version));
        const changed = value.slice();
        changed[at % value.length] ^= 1 << (at % 8);
        expect(tag).toHaveLength(ETAG_CHARS);
        expect(entityTag(view(changed, version))).not.toBe(tag);
        expect(entityTag(view(Uint8Array.of(...value, 0), version))).not.toBe(tag);
        expect(entityTag(view(value, version ^ 1)).slice(5)).toBe(tag.slice(5));
      }),
    );
  });

  it('has no collisions and even bits over many similar values', () => {
    const tags = new Set<string>();
    const ones = new Uint32Array(64);
    for (let i = 0; i < 20_000; i++) {
      const hash = entityTag(view(latin1Bytes(`value:${i}`))).slice(5);
      tags.add(hash);
      const bits = BigInt(`0x${hash}`);
      for (let bit = 0; bit < 64; bit++) ones[bit] += Number((bits >> BigInt(bit)) & 1n);
    }
    expect(tags.size).toBe(20_000);
    for (const count of ones) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });
});
