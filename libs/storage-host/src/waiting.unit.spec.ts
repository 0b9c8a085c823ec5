import { defineStorageCommand, type StorageCommand } from '#libs/commands';
import { latin1Bytes } from '#libs/kernel';
import { RequestScanner } from '#libs/resp';
import { OperationsReader } from '#libs/wire';
import { GatewayLink } from './gateway-link.js';
import { MIB, StorageBench } from './storage-bench.support.spec.js';
import { WaitingOperations } from './waiting-operations.js';

/** A node with a command that waits until the test opens the gate, and then appends its second argument to its key. */
function bench() {
  const gate = { isOpen: false };
  const slow = defineStorageCommand({
    id: 9998,
    name: 'slow',
    arity: -2,
    flags: ['write'],
    keys: { first: 1, last: 1, step: 1 },
    group: 'generic',
    since: '1.0.0',
    summary: 'Waits.',
    complexity: 'O(1)',
    keyAccess: [['RW', 'update']],
    arguments: [{ name: 'key', type: 'key' }],
    route: 'key',
    execute: (context) => {
      context.reply.simple('half a reply');
      if (!gate.isOpen) return 'wait-key';
      context.reply.length -= '+half a reply\r\n'.length;
      context.reply.simple('done');
      return 'done';
    },
  } as Parameters<typeof defineStorageCommand>[0]) as StorageCommand;
  const slowAll: StorageCommand = { ...slow, id: 9999, name: 'slowall', keys: { first: 1, last: -1, step: 1 } };
  const parts = new StorageBench(4, MIB, [slow, slowAll]);
  const host = parts.node('s1');
  parts.publishTable();
  const wake = (key: string): void => {
    gate.isOpen = true;
    const bytes = latin1Bytes(key);
    host.wake(WaitingOperations.nameOf(0, 0, bytes, 0, bytes.length));
    parts.network.settle();
  };
  return { bench: parts, host, gate, gateway: parts.gateway(), wake, time: parts.time };
}

describe('operations that wait', () => {
  it('let other keys go on, and hold later ones of their key back', () => {
    const { gateway, wake } = bench();
    expect(gateway.call(['slow', 'a'], ['set', 'a', '1'], ['set', 'b', '1'], ['get', 'a'])).toEqual(['+OK\r\n']);
    expect(gateway.call(['get', 'a'], ['get', 'b'])).toEqual(['$1\r\n1\r\n']);
    gateway.replies.length = 0;
    wake('a');
    expect(gateway.replies.map(({ id, text }) => [id, text])).toEqual([
      [1, '+done\r\n'],
      [2, '+OK\r\n'],
      [4, '$1\r\n1\r\n'],
      [5, '$1\r\n1\r\n'],
    ]);
  });

  it('wait again where nothing has changed', () => {
    const { gateway, host, gate, wake } = bench();
    gateway.call(['slow', 'a'], ['get', 'a']);
    host.wake('0/0/a');
    expect(gateway.replies).toHaveLength(0);
    expect(gate.isOpen).toBe(false);
    wake('a');
    expect(gateway.replies.map(({ text }) => text)).toEqual(['+done\r\n', '$-1\r\n']);
    wake('a');
    expect(gateway.replies).toHaveLength(2);
  });

  it('hold back operations of several keys that share one of theirs', () => {
    const { gateway, bench: parts, wake } = bench();
    const [one, two] = [parts.keyIn(1), parts.keyIn(1, 100)];
    expect(gateway.call(['slow', two], ['mget', one, two])).toEqual([]);
    wake(two);
    expect(gateway.replies.map(({ text }) => text)).toEqual(['+done\r\n', '*2\r\n$-1\r\n$-1\r\n']);
  });

  it('hold back later operations of any of their keys, and what waits behind those', () => {
    const { gateway, bench: parts, wake } = bench();
    const [a, b, c, d] = [0, 100, 200, 300].map((from) => parts.keyIn(1, from));
    expect(gateway.call(['slowall', a, b], ['set', b, '1'], ['slowall', c, d], ['set', d, '2'])).toEqual([]);
    expect(gateway.call(['mget', b, d], ['set', a, '3'], ['get', c])).toEqual([]);
    wake(d);
    expect(gateway.replies.map(({ id, text }) => [id, text])).toEqual([
      [1, '+done\r\n'],
      [2, '+OK\r\n'],
      [3, '+done\r\n'],
      [4, '+OK\r\n'],
      [5, '*2\r\n$1\r\n1\r\n$1\r\n2\r\n'],
      [6, '+OK\r\n'],
      [7, '$-1\r\n'],
    ]);
  });

  it('hold all keys, however many there are', () => {
    const { gateway, wake } = bench();
    const keys = Array.from({ length: 200 }, (_, i) => `{k}${i}`);
    expect(gateway.call(['slowall', ...keys], ['get', keys[199]])).toEqual([]);
    wake(keys[0]);
    expect(gateway.replies).toHaveLength(2);
  });

  it('do not wait for longer because they have been woken', () => {
    const { gateway, host, time, wake } = bench();
    gateway.call(['slow', 'a']);
    time.advance(1500);
    host.wake('0/0/a');
    time.advance(600);
    wake('a');
    expect(gateway.replies).toHaveLength(0);
  });

  it('are sent back when the partition goes', () => {
    const { gateway, bench: parts, wake } = bench();
    parts.node('s2');
    const key = parts.keyIn(1);
    gateway.call(['slow', key], ['get', key]);
    parts.plan(1, { owner: 's2', epoch: 2 });
    parts.publishTable();
    expect(gateway.replies.map(({ text }) => text)).toEqual(['stale', 'stale']);
    wake(key);
    expect(gateway.replies).toHaveLength(2);
  });

  it('are forgotten when their gateway has given them up or gone', () => {
    const { gateway, bench: parts, wake, time, host } = bench();
    gateway.call(['slow', 'a']);
    time.advance(1500);
    gateway.call(['get', 'a']);
    time.advance(600);
    wake('a');
    expect(gateway.replies.map(({ text }) => text)).toEqual(['$-1\r\n']);
    const other = bench();
    other.gateway.call(['slow', 'a']);
    other.time.advance(2100);
    other.wake('a');
    expect(other.gateway.replies).toHaveLength(0);
    const third = bench();
    third.gateway.call(['slow', 'a']);
    third.bench.gateway('s1', 2).call(['get', 'b']);
    third.wake('a');
    expect(third.gateway.replies).toHaveLength(0);
    expect(parts.hosts.get('s1')).toBe(host);
  });

  it('may be larger than all that may wait together, where nothing else waits', () => {
    const { bench: parts, gateway } = bench();
    const link = new GatewayLink('r', 1, MIB, () => true);
    const scanner = new RequestScanner({ maxBulkBytes: MIB, maxArguments: 100, maxInlineBytes: 100 });
    const waiting = new WaitingOperations(parts.table, scanner, 10_000);
    const reader = new OperationsReader();
    const add = (key: string): string | undefined => {
      reader.open(gateway.encode([['set', key, 'x'.repeat(20_000)]]));
      reader.advance();
      return waiting.add(reader, link, 1_000);
    };
    expect([add('a'), add('b')]).toEqual(['0/0/a', undefined]);
    expect(waiting.take('0/0/a')).toHaveLength(1);
    expect(add('b')).toBe('0/0/b');
  });

  it('are answered BUSY where too much waits', () => {
    const { gateway } = bench();
    const large = new Uint8Array(20 * MIB);
    for (let i = 0; i < 3; i++) expect(gateway.call({ command: ['slow', 'a', large] })).toEqual([]);
    expect(gateway.call({ command: ['slow', 'a', large] }, ['get', 'b'])).toEqual([
      expect.stringMatching(/^-BUSY/),
      '$-1\r\n',
    ]);
  });
});
