// Every family of commands, over one raw connection: what is sent, and what must come back, in both modes.
import { encoded, printable, type Printable, type RawConnection } from '../support/raw-connection.js';
import { decodeReply } from '#libs/resp';
import { withRaw, type AskTarget } from './target.js';

type Step = readonly [command: string, reply: Printable | RegExp];

const STRINGS: readonly Step[] = [
  ['SET s one', 'OK'],
  ['GET s', 'one'],
  ['SET s two NX', null],
  ['SET s two XX GET', 'one'],
  ['SET n 1 EX 100', 'OK'],
  ['TTL n', 100],
  ['SETNX s three', 0],
  ['SETEX e 100 v', 'OK'],
  ['PSETEX e 100000 w', 'OK'],
  ['GETSET e x', 'w'],
  ['TTL e', -1],
  ['GETEX e EX 50', 'x'],
  ['TTL e', 50],
  ['GETEX e PERSIST', 'x'],
  ['GETDEL e', 'x'],
  ['GETDEL e', null],
  ['APPEND a hello', 5],
  ['APPEND a -world', 11],
  ['STRLEN a', 11],
  ['GETRANGE a 6 -1', 'world'],
  ['SUBSTR a 0 4', 'hello'],
  ['SETRANGE a 6 there', 11],
  ['GET a', 'hello-there'],
  ['INCR i', 1],
  ['INCRBY i 41', 42],
  ['DECR i', 41],
  ['DECRBY i 1', 40],
  ['INCRBYFLOAT i 0.5', '40.5'],
  ['INCR i', '-ERR value is not an integer or out of range'],
  ['MSET m1 a m2 b m3 c', 'OK'],
  ['MGET m1 missing m3', ['a', null, 'c']],
  ['MSETNX {t}1 a {t}2 b', 1],
  ['MSETNX {t}2 x {t}3 y', 0],
  ['EXISTS {t}3', 0],
];

const GENERIC: readonly Step[] = [
  ['MSET a 1 b 2 c 3', 'OK'],
  ['EXISTS a b missing a', 3],
  ['TOUCH a b missing', 2],
  ['TYPE a', 'string'],
  ['TYPE missing', 'none'],
  ['EXPIRE a 100', 1],
  ['EXPIRE a 50 GT', 0],
  ['EXPIRE a 50 LT', 1],
  ['TTL a', 50],
  ['PEXPIRE a 90000', 1],
  ['PTTL a', /^(?:8|9)\d{4}$/],
  ['PERSIST a', 1],
  ['TTL a', -1],
  ['TTL missing', -2],
  ['EXPIREAT a 4102444800', 1],
  ['EXPIRETIME a', 4102444800],
  ['PEXPIREAT a 4102444800123', 1],
  ['PEXPIRETIME a', 4102444800123],
  ['EXPIRE a -1', 1],
  ['EXISTS a', 0],
  ['RENAME {u}missing {u}2', '-ERR no such key'],
  ['SET {u}1 v', 'OK'],
  ['RENAME {u}1 {u}2', 'OK'],
  ['SET {u}3 w', 'OK'],
  ['RENAMENX {u}3 {u}2', 0],
  ['COPY {u}2 {u}4', 1],
  ['COPY {u}2 {u}3', 0],
  ['COPY {u}2 {u}3 REPLACE', 1],
  ['MGET {u}2 {u}3 {u}4', ['v', 'v', 'v']],
  ['COPY {u}2 {u}2 DB 3', 1],
  ['UNLINK b missing', 1],
  ['DEL c {u}2 {u}3 {u}4', 4],
  ['DBSIZE', 0],
  ['SELECT 3', 'OK'],
  ['GET {u}2', 'v'],
  ['RANDOMKEY', '{u}2'],
  ['FLUSHALL', 'OK'],
  ['RANDOMKEY', null],
  ['SELECT 0', 'OK'],
];

const CONNECTION: readonly Step[] = [
  ['PING', 'PONG'],
  ['PING hello', 'hello'],
  ['ECHO hello', 'hello'],
  ['CLIENT SETNAME tester', 'OK'],
  ['CLIENT GETNAME', 'tester'],
  ['CLIENT ID', /^\d+$/],
  ['CLIENT INFO', /name=tester .*resp=2/],
  ['COMMAND COUNT', /^\d+$/],
  ['COMMAND GETKEYS MSET a 1 b 2', ['a', 'b']],
  ['CONFIG GET maxmemory-policy', ['maxmemory-policy', 'allkeys-random']],
  ['TIME', /^\d{10},\d{1,6}$/],
  ['NOSUCH a', /^-ERR unknown command 'NOSUCH'/],
  ['GET', "-ERR wrong number of arguments for 'get' command"],
  ['SET k v BOGUS', '-ERR syntax error'],
  ['SELECT 16', '-ERR DB index is out of range'],
  ['RESET', 'RESET'],
];

async function expectSteps(raw: RawConnection, steps: readonly Step[]): Promise<void> {
  raw.write(Buffer.concat(steps.map(([command]) => encoded(command.split(' ')))));
  const replies = (await raw.replies(steps.length)).map((bytes) => printable(decodeReply(bytes)));
  for (const [index, [command, expected]] of steps.entries()) {
    const seen = { command, reply: replies[index] };
    if (expected instanceof RegExp)
      expect({ ...seen, reply: String(seen.reply) }).toEqual({ command, reply: expect.stringMatching(expected) });
    else expect(seen).toEqual({ command, reply: expected });
  }
}

const numbered = (count: number, prefix: string): string[] => Array.from({ length: count }, (_, i) => `${prefix}${i}`);

/** All keys of a walk with SCAN, duplicates included. */
async function scanAll(raw: RawConnection, ...options: string[]): Promise<string[]> {
  const keys: string[] = [];
  let cursor = '0';
  do {
    const [next, page] = (await raw.run('SCAN', cursor, ...options)) as [string, string[]];
    keys.push(...page);
    cursor = next;
  } while (cursor !== '0');
  return keys;
}

export function commandCases(target: AskTarget): void {
  const run = <T>(body: (raw: RawConnection) => Promise<T>): Promise<T> => withRaw(target().respPorts[0], body);

  describe('commands', () => {
    it.each([
      ['strings', STRINGS],
      ['keys and their expiry', GENERIC],
      ['the connection and the server', CONNECTION],
    ])('answer as Redis does: %s', (_family, steps) => run((raw) => expectSteps(raw, steps)));

    it('remove what has expired', () =>
      run(async (raw) => {
        await raw.run('SET', 'short', 'v', 'PX', '40');
        while ((await raw.run('GET', 'short')) !== null) continue;
        expect(await raw.run('EXISTS', 'short')).toBe(0);
        expect(await raw.run('DBSIZE')).toBe(0);
      }));

    it('find every one of 5,000 keys with SCAN, KEYS and DBSIZE', () =>
      run(async (raw) => {
        const keys = numbered(5_000, 'scan:');
        await raw.run('MSET', ...keys.flatMap((key) => [key, 'v']));
        expect(await raw.run('DBSIZE')).toBe(5_000);
        const expected = keys.toSorted();
        expect([...new Set(await scanAll(raw, 'COUNT', '500'))].sort()).toEqual(expected);
        expect([...((await raw.run('KEYS', '*')) as string[])].sort()).toEqual(expected);
        const matching = expected.filter((key) => key.endsWith('99'));
        expect([...((await raw.run('KEYS', 'scan:*99')) as string[])].sort()).toEqual(matching);
        expect([...new Set(await scanAll(raw, 'MATCH', 'scan:*99', 'COUNT', '1000'))].sort()).toEqual(matching);
        expect(await scanAll(raw, 'TYPE', 'hash', 'COUNT', '1000')).toEqual([]);
      }));

    it('keep sixteen databases apart, and flush one alone', () =>
      run(async (raw) => {
        for (let database = 0; database < 16; database++) {
          expect(await raw.run('SELECT', String(database))).toBe('OK');
          await raw.run('SET', 'where', String(database));
        }
        await raw.run('SELECT', '7');
        expect(await raw.run('FLUSHDB')).toBe('OK');
        for (let database = 0; database < 16; database++) {
          await raw.run('SELECT', String(database));
          expect(await raw.run('GET', 'where')).toBe(database === 7 ? null : String(database));
          expect(await raw.run('DBSIZE')).toBe(database === 7 ? 0 : 1);
        }
      }));

    it('select a store by its name', () =>
      run(async (raw) => {
        expect(await raw.run('SELECT', 'sessions')).toBe('OK');
        await raw.run('SET', 'only-here', 'v');
        expect(await raw.run('DBSIZE')).toBe(1);
        expect(await raw.run('SELECT', 'default')).toBe('OK');
        expect(await raw.run('GET', 'only-here')).toBeNull();
        expect(await raw.run('SELECT', 'nowhere')).toMatch(/^-ERR/);
        expect(await raw.run('SELECT', 'sessions')).toBe('OK');
        expect(await raw.run('FLUSHDB')).toBe('OK');
      }));

    it('read and write 10,000 keys in one command', () =>
      run(async (raw) => {
        const keys = numbered(10_000, 'many:');
        expect(await raw.run('MSET', ...keys.flatMap((key, index) => [key, String(index)]))).toBe('OK');
        expect(await raw.run('MGET', ...keys)).toEqual(keys.map((_, index) => String(index)));
        expect(await raw.run('EXISTS', ...keys)).toBe(10_000);
        expect(await raw.run('DEL', ...keys)).toBe(10_000);
      }));

    it('write several keys of several slots atomically or refuse to', () =>
      run(async (raw) => {
        const crossSlot = "-CROSSSLOT Keys in request don't hash to the same slot";
        const isCluster = target().mode === 'cluster';
        await raw.run('SET', 'from', 'v');
        expect(await raw.run('MSETNX', 'x1', 'a', 'x2', 'b', 'x3', 'c')).toBe(isCluster ? crossSlot : 1);
        expect(await raw.run('RENAME', 'from', 'to')).toBe(isCluster ? crossSlot : 'OK');
        expect(await raw.run('MGET', 'x1', 'x3', 'to')).toEqual(isCluster ? [null, null, null] : ['a', 'c', 'v']);
        expect(await raw.run('COPY', isCluster ? 'from' : 'to', 'copy')).toBe(isCluster ? crossSlot : 1);
      }));

    it('show one value at every gateway', async () => {
      const { respPorts } = target();
      for (const [index, port] of respPorts.entries()) {
        const value = `written at ${index}`;
        await withRaw(port, (raw) => raw.run('SET', 'shared', value));
        for (const other of respPorts) expect(await withRaw(other, (raw) => raw.run('GET', 'shared'))).toBe(value);
      }
    });
  });
}
