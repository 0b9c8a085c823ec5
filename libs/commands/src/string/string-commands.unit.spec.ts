import { latin1Bytes } from '#libs/kernel';
import { MAX_EXPIRES_AT_MS } from '../storage-context.js';
import { StorageBench } from '../testing/storage-bench.js';

const OOM = "-OOM command not allowed when used memory > 'maxmemory'.\r\n";
const TOO_LONG = '-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n';
const WRONG_TYPE = '-WRONGTYPE Operation against a key holding the wrong kind of value\r\n';
const LIST_TYPE = 2;

let bench: StorageBench;
beforeEach(() => {
  bench = new StorageBench();
});

describe('SET and its family', () => {
  it('sets with an expiry and forgets it at the next plain SET', () => {
    expect(bench.run('SET k v EX 10')).toBe('+OK\r\n');
    expect(bench.run('PTTL k')).toBe(':10000\r\n');
    bench.nowMs += 9_600;
    expect(bench.run('TTL k')).toBe(':0\r\n');
    bench.nowMs += 400;
    expect(bench.run('GET k')).toBe('$-1\r\n');
    expect(bench.keyspace.events).toEqual(['set k', 'expired k']);
    bench.run('SET k v PX 500');
    bench.run('SET k w KEEPTTL');
    expect(bench.run('PTTL k')).toBe(':500\r\n');
    bench.run('SET k w');
    expect(bench.run('TTL k')).toBe(':-1\r\n');
  });

  it('leaves the key absent where the time is past, whatever was there', () => {
    bench.run('SET k v');
    expect(bench.run('SET k w EXAT 1')).toBe('+OK\r\n');
    expect(bench.run('SET other w PXAT 1')).toBe('+OK\r\n');
    expect(bench.run('EXISTS k other')).toBe(':0\r\n');
    expect(bench.keyspace.events).toEqual(['set k', 'deleted k']);
  });

  it('cuts a time that 48 bits do not hold', () => {
    bench.run('SET k v PX 9007199254740000');
    expect(bench.run('PEXPIRETIME k')).toBe(`:${MAX_EXPIRES_AT_MS}\r\n`);
    bench.run('SET k v PXAT 9223372036854775807');
    expect(bench.run('PEXPIRETIME k')).toBe(`:${MAX_EXPIRES_AT_MS}\r\n`);
  });

  it('answers only the error where GET was asked for and there is no room', () => {
    bench.run('SET k old');
    bench.keyspace.full = true;
    for (const line of ['SET k new GET', 'SET none new GET', 'GETSET k new', 'GETEX k EX 5']) {
      expect(bench.run(line)).toBe(OOM);
    }
    for (const line of [
      'SET k v',
      'SETNX n v',
      'SETEX k 5 v',
      'MSET a 1 b 2',
      'MSETNX a 1',
      'APPEND k x',
      'APPEND n x',
    ]) {
      expect(bench.run(line)).toBe(OOM);
    }
    for (const line of ['SETRANGE k 1 x', 'INCR n', 'INCRBY n 9223372036854775807', 'INCRBYFLOAT n 1.5']) {
      expect(bench.run(line)).toBe(OOM);
    }
    expect(bench.run('GET k')).toBe('$3\r\nold\r\n');
  });

  it('refuses values beyond the limit', () => {
    bench.maxValueBytes = 4;
    expect(bench.run('SET k 12345')).toBe(TOO_LONG);
    expect(bench.run('SET k 1234')).toBe('+OK\r\n');
    expect(bench.run('SET k 12345 GET')).toBe(TOO_LONG);
    expect(bench.run('APPEND k 5')).toBe(TOO_LONG);
    expect(bench.run('SETRANGE k 4 5')).toBe(TOO_LONG);
    expect(bench.run('SETRANGE k 9223372036854775807 5')).toBe(TOO_LONG);
    expect(bench.run('MSET a 1 b 12345')).toBe(TOO_LONG);
    expect(bench.run('GET k')).toBe('$4\r\n1234\r\n');
  });

  it('answers nil and old values as RESP3 asks', () => {
    bench.reply.version = 3;
    expect(bench.run('SET k v GET')).toBe('_\r\n');
    expect(bench.run('SET k w NX')).toBe('_\r\n');
    expect(bench.run('SET k w XX GET')).toBe('$1\r\nv\r\n');
    expect(bench.run('MGET k none')).toBe('*2\r\n$1\r\nw\r\n_\r\n');
  });
});

describe('string commands on other types', () => {
  it('refuse them, but MGET answers nil and SET replaces them', () => {
    const lines = ['GET k', 'SET k v GET', 'GETEX k', 'GETDEL k', 'GETSET k v', 'APPEND k v', 'STRLEN k', 'INCR k'];
    lines.push('GETRANGE k 0 1', 'SETRANGE k 0 v', 'INCRBY k 9223372036854775807', 'INCRBYFLOAT k 1', 'HC.GET k');
    bench.keyspace.put('k', latin1Bytes('x'), LIST_TYPE);
    for (const line of lines) expect(bench.run(line)).toBe(WRONG_TYPE);
    expect(bench.run('MGET k')).toBe('*1\r\n$-1\r\n');
    expect(bench.run('TYPE k')).toBe('+list\r\n');
    expect(bench.run('SET k v')).toBe('+OK\r\n');
    expect(bench.run('TYPE k')).toBe('+string\r\n');
  });
});

describe('numbers', () => {
  it('passes 2^53 without a loss', () => {
    bench.run('SET n 9007199254740991');
    expect(bench.run('INCR n')).toBe(':9007199254740992\r\n');
    expect(bench.run('INCR n')).toBe(':9007199254740993\r\n');
    expect(bench.run('DECRBY n 9007199254740993')).toBe(':0\r\n');
    expect(bench.run('GET n')).toBe('$1\r\n0\r\n');
  });

  it('keeps the expiry', () => {
    bench.run('SET n 1 PX 777');
    bench.run('INCR n');
    bench.run('INCRBYFLOAT n 0.5');
    bench.run('APPEND n 0');
    bench.run('SETRANGE n 0 9');
    expect(bench.run('GET n')).toBe('$4\r\n9.50\r\n');
    expect(bench.run('PTTL n')).toBe(':777\r\n');
  });

  it('refuses floats that are no number or too long to be one', () => {
    bench.run(`SET n ${'1'.repeat(6000)}`);
    expect(bench.run('INCRBYFLOAT n 1')).toBe('-ERR value is not a valid float\r\n');
    expect(bench.run(`INCRBYFLOAT m ${'1'.repeat(6000)}`)).toBe('-ERR value is not a valid float\r\n');
    bench.run('SET n 1e4932');
    expect(bench.run('INCRBYFLOAT n 1e4932')).toBe('-ERR increment would produce NaN or Infinity\r\n');
  });
});

it('GET counts hits and misses, writes count none', () => {
  bench.run('SET k v');
  bench.run('INCR n');
  expect([bench.keyspace.hits, bench.keyspace.misses]).toEqual([0, 0]);
  bench.run('GET k');
  bench.run('GET none');
  bench.run('MGET k none none');
  expect([bench.keyspace.hits, bench.keyspace.misses]).toEqual([2, 3]);
});
