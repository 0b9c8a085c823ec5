import { latin1Bytes } from '#libs/kernel';
import { StorageBench } from '../testing/storage-bench.js';

const OOM = "-OOM command not allowed when used memory > 'maxmemory'.\r\n";
const LIST_TYPE = 2;

let bench: StorageBench;
beforeEach(() => {
  bench = new StorageBench();
});

describe('expiry', () => {
  it('a time in the past deletes, as an event of its own cause', () => {
    bench.run('SET k v');
    expect(bench.run('EXPIRE k -1')).toBe(':1\r\n');
    bench.run('SET k v');
    expect(bench.run('PEXPIREAT k 1')).toBe(':1\r\n');
    bench.run('SET k v');
    expect(bench.run('GETEX k PXAT 1')).toBe('$1\r\nv\r\n');
    expect(bench.keyspace.events).toEqual(['set k', 'deleted k', 'set k', 'deleted k', 'set k', 'deleted k']);
  });

  it('GT and LT compare with no expiry as the latest time', () => {
    bench.run('SET k v');
    expect(bench.run('PEXPIRE k 5000 GT')).toBe(':0\r\n');
    expect(bench.run('PEXPIRE k 5000 LT')).toBe(':1\r\n');
    expect(bench.run('PEXPIRE k 5000 LT')).toBe(':0\r\n');
    expect(bench.run('PEXPIRE k 5001 gt')).toBe(':1\r\n');
    expect(bench.run('PEXPIRE k 5001 XX GT')).toBe(':0\r\n');
    expect(bench.run('PEXPIRE k 9 NX')).toBe(':0\r\n');
    expect(bench.run('PERSIST k')).toBe(':1\r\n');
    expect(bench.run('PERSIST k')).toBe(':0\r\n');
  });

  it('rounds seconds to the nearest', () => {
    bench.run('SET k v PX 1499');
    expect(bench.run('TTL k')).toBe(':1\r\n');
    bench.run('PEXPIRE k 1500');
    expect(bench.run('TTL k')).toBe(':2\r\n');
    expect(bench.run('EXPIRETIME k')).toBe(`:${Math.floor((bench.nowMs + 2000) / 1000)}\r\n`);
    expect(bench.run('TTL none')).toBe(':-2\r\n');
  });

  it('changes nothing without room', () => {
    bench.run('SET k v');
    bench.keyspace.full = true;
    expect(bench.run('EXPIRE k 5')).toBe(OOM);
    expect(bench.run('RENAME k k2')).toBe(OOM);
    expect(bench.run('RENAMENX k k2')).toBe(OOM);
    expect(bench.run('COPY k k2')).toBe(OOM);
    expect(bench.run('MGET k k2')).toBe('*2\r\n$1\r\nv\r\n$-1\r\n');
  });
});

describe('RENAME and COPY', () => {
  it('move value, type and expiry', () => {
    bench.keyspace.nowMs = bench.nowMs;
    bench.keyspace.put('l', latin1Bytes('x'), LIST_TYPE, bench.nowMs + 60_000);
    expect(bench.run('RENAME l m')).toBe('+OK\r\n');
    expect(bench.run('TYPE m')).toBe('+list\r\n');
    expect(bench.run('PTTL m')).toBe(':60000\r\n');
    expect(bench.run('EXISTS l')).toBe(':0\r\n');
    expect(bench.keyspace.events).toEqual(['set m', 'deleted l']);
  });

  it('copies over an expired destination and to another database', () => {
    bench.run('SET b old PX 5');
    bench.run('SET a new');
    bench.nowMs += 10;
    expect(bench.run('COPY a b')).toBe(':1\r\n');
    expect(bench.run('COPY a b')).toBe(':0\r\n');
    expect(bench.run('COPY a a DB 3')).toBe(':1\r\n');
    expect(bench.run('COPY a a DB 3')).toBe(':0\r\n');
    expect(bench.run('COPY a a REPLACE db 3')).toBe(':1\r\n');
    bench.keyspace.database = 3;
    expect(bench.run('GET a')).toBe('$3\r\nnew\r\n');
    expect(bench.run('DBSIZE')).toBe(':1\r\n');
  });
});

describe('the whole keyspace', () => {
  it('scans in steps until the cursor is 0', () => {
    bench.run('MSET a1 1 a2 2 b1 3');
    expect(bench.run('SCAN 0 COUNT 2 MATCH a*')).toBe('*2\r\n$1\r\n2\r\n*2\r\n$2\r\na1\r\n$2\r\na2\r\n');
    expect(bench.run('SCAN 2 COUNT 2')).toBe('*2\r\n$1\r\n0\r\n*1\r\n$2\r\nb1\r\n');
    expect(bench.run('SCAN 0 COUNT 99999999999999999 TYPE list')).toBe('*2\r\n$1\r\n0\r\n*0\r\n');
    expect(bench.run('SCAN 9007199254740992')).toBe('-ERR invalid cursor\r\n');
    expect(bench.run('SCAN -1')).toBe('-ERR invalid cursor\r\n');
  });

  it('refuses patterns that no key could need', () => {
    const long = '*'.repeat(65 * 1024);
    expect(bench.run(`KEYS ${long}`)).toBe('-ERR syntax error\r\n');
    expect(bench.run(`SCAN 0 MATCH ${long}`)).toBe('-ERR syntax error\r\n');
  });

  it('lists, counts, picks and clears', () => {
    expect(bench.run('RANDOMKEY')).toBe('$-1\r\n');
    bench.run('MSET a 1 "" 2');
    expect(bench.run('KEYS *')).toBe('*2\r\n$1\r\na\r\n$0\r\n\r\n');
    expect(bench.run('KEYS a')).toBe('*1\r\n$1\r\na\r\n');
    expect(bench.run('RANDOMKEY')).toBe('$1\r\na\r\n');
    expect(bench.run('DBSIZE')).toBe(':2\r\n');
    bench.keyspace.database = 1;
    bench.run('SET c 3');
    expect(bench.run('FLUSHDB ASYNC')).toBe('+OK\r\n');
    expect(bench.run('DBSIZE')).toBe(':0\r\n');
    bench.keyspace.database = 0;
    expect(bench.run('DBSIZE')).toBe(':2\r\n');
    expect(bench.run('FLUSHALL')).toBe('+OK\r\n');
    expect(bench.run('DBSIZE')).toBe(':0\r\n');
  });

  it('counts a key as often as it is named, and removes it once', () => {
    bench.run('MSET a 1 b 2');
    expect(bench.run('EXISTS a a none')).toBe(':2\r\n');
    expect(bench.run('TOUCH a b')).toBe(':2\r\n');
    expect(bench.run('DEL a a none')).toBe(':1\r\n');
    expect(bench.run('UNLINK b')).toBe(':1\r\n');
  });
});
