import { defineStorageCommand, type StorageCommand } from '#libs/commands';
import { latin1Bytes } from '#libs/kernel';
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
  const parts = new StorageBench(4, MIB, [slow]);
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
