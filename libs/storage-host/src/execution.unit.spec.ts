import { decodeHeartbeat } from '#libs/cluster';
import { defineStorageCommand, type StorageCommand } from '#libs/commands';
import { BOUNDS, latin1Bytes, latin1Text } from '#libs/kernel';
import { OPERATION_FLAGS, OPERATIONS_HEADER_BYTES, writeFrameHeader } from '#libs/wire';
import { DEFAULT_STORE, MIB, oneNode, StorageBench, SUBJECTS } from './storage-bench.support.spec.js';

function throwing(): StorageCommand {
  return defineStorageCommand({
    id: 9999,
    name: 'boom',
    arity: 2,
    flags: ['write'],
    keys: { first: 1, last: 1, step: 1 },
    group: 'generic',
    since: '1.0.0',
    summary: 'Fails.',
    complexity: 'O(1)',
    keyAccess: [['RW', 'update']],
    arguments: [{ name: 'key', type: 'key' }],
    route: 'key',
    execute: (context) => {
      context.reply.simple('half a reply');
      throw new Error('defect');
    },
  } as Parameters<typeof defineStorageCommand>[0]);
}

/** A bus with small messages, and a value that takes many of them. */
const SMALL_PAYLOAD = 32 * 1024;
const LARGE = 300_000;

/** Partition routes of every partition but the first, as a gateway sends them with a command for all. */
function allRoutes(partitionCount: number, epoch = 1) {
  return Array.from({ length: partitionCount - 1 }, (_, i) => ({ partition: i + 1, epoch, generation: 0 }));
}

describe('a storage node', () => {
  it('executes the operations of a frame in order and answers all in one', () => {
    const { gateway, network, host } = oneNode();
    const before = network.messagesOf('hc.t.v1.re.').length;
    expect(gateway.call(['set', 'a', '1'], ['incr', 'a'], ['get', 'a'], ['get', 'b'])).toEqual([
      '+OK\r\n',
      ':2\r\n',
      '$1\r\n2\r\n',
      '$-1\r\n',
    ]);
    expect(network.messagesOf('hc.t.v1.re.').length - before).toBe(1);
    expect(host.statistics).toMatchObject({ framesIn: 1, framesOut: 1, hits: 1, misses: 1, events: 2 });
    expect(host.statistics.totalOperations()).toBe(4);
    expect(host.statistics.eventBytes).toBeGreaterThan(0);
  });

  it('answers as the protocol of each operation asks', () => {
    const { gateway } = oneNode();
    expect(gateway.call(['get', 'a'], { command: ['get', 'a'], flags: OPERATION_FLAGS.resp3 })).toEqual([
      '$-1\r\n',
      '_\r\n',
    ]);
  });

  it('is ready once a table counts this very process as the node', () => {
    const bench = new StorageBench();
    const host = bench.node('s1');
    expect(host.ready).toBe(false);
    expect(bench.gateway().call({ command: ['get', 'a'], epoch: 1 })).toEqual(['stale']);
    bench.publishTable(() => 12345);
    expect(host.ready).toBe(false);
    expect(bench.gateway('s1', 2).call(['get', 'a'])).toEqual(['stale']);
    bench.publishTable();
    expect(host.ready).toBe(true);
    expect(host.routing?.tableVersion).toBe(2);
    expect(bench.gateway('s1', 3).call(['get', 'a'])).toEqual(['$-1\r\n']);
    bench.buses.get('s1')?.setStatus('disconnected');
    expect(host.ready).toBe(false);
  });

  it('keeps databases apart', () => {
    const { gateway } = oneNode();
    const routes = allRoutes(4);
    gateway.call({ command: ['set', 'a', 'zero'] }, { command: ['set', 'a', 'five'], database: 5 });
    expect(gateway.call({ command: ['get', 'a'] }, { command: ['get', 'a'], database: 5 })).toEqual([
      '$4\r\nzero\r\n',
      '$4\r\nfive\r\n',
    ]);
    gateway.call({ command: ['flushdb'], database: 5, partition: 0, routes });
    expect(gateway.call({ command: ['get', 'a'] }, { command: ['get', 'a'], database: 5 })).toEqual([
      '$4\r\nzero\r\n',
      '$-1\r\n',
    ]);
    expect(gateway.call({ command: ['copy', 'a', 'a', 'DB', '3'] }, { command: ['get', 'a'], database: 3 })).toEqual([
      ':1\r\n',
      '$4\r\nzero\r\n',
    ]);
  });

  it('answers for all partitions of an operation', () => {
    const { bench, gateway, host } = oneNode();
    const keys = [0, 1, 2, 3].map((partition) => bench.keyIn(partition));
    const routes = allRoutes(4);
    gateway.call(...keys.map((key) => ['set', key, 'v']));
    expect(gateway.call({ command: ['dbsize'], partition: 0, routes })).toEqual([':4\r\n']);
    expect(gateway.call({ command: ['dbsize'], partition: 2 })).toEqual([':1\r\n']);
    const [all] = gateway.call({ command: ['keys', '*'], partition: 0, routes });
    expect(all.match(/key\d+/g)?.toSorted()).toEqual(keys.toSorted());
    const [one] = gateway.call({ command: ['randomkey'], partition: 0, routes });
    expect(keys.some((key) => one.includes(key))).toBe(true);
    expect(gateway.call({ command: ['randomkey'], partition: 0, database: 9, routes })).toEqual(['$-1\r\n']);
    const two = [{ partition: 2, epoch: 1, generation: 0 }];
    expect(gateway.call({ command: ['mget', keys[1], keys[2]], partition: 1, routes: two })).toEqual([
      '*2\r\n$1\r\nv\r\n$1\r\nv\r\n',
    ]);
    const events = host.statistics.events;
    expect(
      gateway.call({ command: ['flushall'], partition: 0, routes }, { command: ['flushall'], partition: 0, routes }),
    ).toEqual(['+OK\r\n', '+OK\r\n']);
    expect(host.statistics.events - events).toBe(4);
    expect(gateway.call({ command: ['dbsize'], partition: 0, routes })).toEqual([':0\r\n']);
  });

  it('walks over its partitions by SCAN and stops before one that it does not serve', () => {
    const bench = new StorageBench(4);
    bench.node('s1');
    bench.node('s2');
    bench.plan(2, { owner: 's2' });
    bench.publishTable();
    const gateway = bench.gateway();
    const names = Array.from({ length: 60 }, (_, i) => `key${i}`).filter((key) => bench.partitionOf(key) !== 2);
    gateway.call(...names.map((key) => ['set', key, 'v']));
    const found = new Set<string>();
    let cursor = '0';
    const visited: number[] = [];
    for (let step = 0; step < 100; step++) {
      const partition = Math.floor(Number(cursor) / 2 ** 39);
      visited.push(partition);
      if (partition === 2) {
        cursor = String(3 * 2 ** 39);
        continue;
      }
      const [reply] = gateway.call({ command: ['scan', cursor, 'COUNT', '7'], partition });
      const [next, ...keys] = reply.split('\r\n').filter((line) => /^[^*$]/.test(line));
      for (const key of keys) found.add(key);
      cursor = next;
      if (cursor === '0') break;
    }
    expect([...found].toSorted()).toEqual(names.toSorted());
    expect(visited).toContain(2);
  });

  it('expires entries when they are looked at', () => {
    const { gateway, time, host } = oneNode({ expirySweepMs: 1e9 });
    gateway.call(['set', 'a', '1', 'PX', '100'], ['set', 'b', '1', 'PX', '100']);
    time.advance(99);
    expect(gateway.call(['get', 'a'])).toEqual(['$1\r\n1\r\n']);
    time.advance(1);
    const { events } = host.statistics;
    expect(gateway.call(['get', 'a'], ['exists', 'b'])).toEqual(['$-1\r\n', ':0\r\n']);
    expect(host.statistics.expired).toBe(2);
    expect(host.statistics.events - events).toBe(2);
  });

  it('does not give a new value the expiry of an expired one', () => {
    const { gateway, time } = oneNode({ expirySweepMs: 1e9 });
    gateway.call(['set', 'a', '1', 'PX', '100']);
    time.advance(200);
    expect(gateway.call(['set', 'a', '2', 'KEEPTTL'], ['get', 'a'], ['pttl', 'a'])).toEqual([
      '+OK\r\n',
      '$1\r\n2\r\n',
      ':-1\r\n',
    ]);
  });

  it('removes expired entries by itself, a bounded number at a time', () => {
    const { gateway, time, host } = oneNode({ expirySweepMs: 100, expirySweepEntries: 10 });
    gateway.call(...Array.from({ length: 35 }, (_, i) => ['set', `k${i}`, 'v', 'PX', '50']));
    const { events } = host.statistics;
    time.advance(100);
    expect(host.statistics.expired).toBeLessThanOrEqual(10);
    time.advance(2000);
    expect(host.statistics.expired).toBe(35);
    expect(host.statistics.events - events).toBe(35);
    expect(host.stores.get(0)?.engine.stats().entries).toBe(0);
  });

  it('skips expired entries where it lists them', () => {
    const { gateway, time } = oneNode({ expirySweepMs: 1e9 });
    const routes = allRoutes(4);
    gateway.call(['set', 'dead', '1', 'PX', '10'], ['set', 'live', '1']);
    time.advance(20);
    expect(gateway.call({ command: ['keys', '*'], partition: 0, routes })).toEqual(['*1\r\n$4\r\nlive\r\n']);
    for (let i = 0; i < 20; i++) {
      expect(gateway.call({ command: ['randomkey'], partition: 0, routes })).toEqual(['$4\r\nlive\r\n']);
    }
    gateway.call(['del', 'live']);
    expect(gateway.call({ command: ['randomkey'], partition: 0, routes })).toEqual(['$-1\r\n']);
  });

  it('has a time that never goes back', () => {
    const { gateway, time } = oneNode({ expirySweepMs: 1e9 });
    gateway.call(['set', 'a', '1', 'PX', '1000']);
    time.wallOffsetMs = 2000;
    expect(gateway.call(['get', 'a'])).toEqual(['$-1\r\n']);
    time.wallOffsetMs = -1_000_000;
    gateway.call(['set', 'b', '1', 'PX', '1000']);
    expect(gateway.call(['pttl', 'b'])).toEqual([':1000\r\n']);
  });

  it('gives entries of a store its default TTL', () => {
    const bench = new StorageBench();
    bench.stores = [{ ...DEFAULT_STORE, defaultTtlMs: 5000 }];
    bench.node('s1');
    bench.publishTable();
    const gateway = bench.gateway();
    expect(
      gateway.call(
        ['set', 'a', '1'],
        ['pttl', 'a'],
        ['set', 'b', '1', 'PX', '100'],
        ['pttl', 'b'],
        ['append', 'c', 'x'],
        ['pttl', 'c'],
      ),
    ).toEqual(['+OK\r\n', ':5000\r\n', '+OK\r\n', ':100\r\n', ':1\r\n', ':5000\r\n']);
    expect(gateway.call(['persist', 'a'], ['pttl', 'a'])).toEqual([':1\r\n', ':-1\r\n']);
  });

  it('follows the stores of the table', () => {
    const bench = new StorageBench();
    bench.node('s1');
    bench.publishTable();
    const gateway = bench.gateway();
    const set = { command: ['set', 'a', '1'], store: 1 };
    expect(gateway.call(set)).toEqual([expect.stringMatching(/^-ERR unknown store/)]);
    bench.stores = [DEFAULT_STORE, { ...DEFAULT_STORE, id: 1, name: 'sessions' }];
    bench.publishTable();
    expect(gateway.call(set, { command: ['get', 'a'], store: 1 }, ['get', 'a'])).toEqual([
      '+OK\r\n',
      '$1\r\n1\r\n',
      '$-1\r\n',
    ]);
    bench.stores = [DEFAULT_STORE];
    bench.publishTable();
    expect(gateway.call(set)).toEqual([expect.stringMatching(/^-ERR unknown store/)]);
    bench.stores = [DEFAULT_STORE, { ...DEFAULT_STORE, id: 1, name: 'sessions' }];
    bench.publishTable();
    expect(gateway.call({ command: ['get', 'a'], store: 1 })).toEqual(['$-1\r\n']);
  });

  it('answers OOM where the store is full, and nothing changes', () => {
    const bench = new StorageBench();
    bench.stores = [{ ...DEFAULT_STORE, memoryLimitBytes: MIB }];
    const host = bench.node('s1');
    bench.publishTable();
    const gateway = bench.gateway();
    gateway.call(['set', 'small', '1']);
    const big = 'x'.repeat(2 * MIB);
    const { events } = host.statistics;
    expect(gateway.call(['set', 'big', big], ['get', 'big'], ['append', 'small', big], ['get', 'small'])).toEqual([
      expect.stringMatching(/^-OOM /),
      '$-1\r\n',
      expect.stringMatching(/^-OOM /),
      '$1\r\n1\r\n',
    ]);
    expect(host.statistics.events).toBe(events);
    const sequences = host.stores.get(0)?.sequences;
    // Each partition's sequence has begun with the record that its epoch has started.
    expect(sequences?.reduce((sum, each) => sum + each - 1, 0)).toBe(1);
    expect(gateway.call(['set', 'after', '1'], ['get', 'after'])).toEqual(['+OK\r\n', '$1\r\n1\r\n']);
  });

  it('follows a changed limit and default TTL of a store that it holds', () => {
    const bench = new StorageBench();
    bench.stores = [{ ...DEFAULT_STORE, memoryLimitBytes: MIB }];
    bench.node('s1');
    bench.publishTable();
    const gateway = bench.gateway();
    gateway.call(['set', 'kept', '1']);
    const big = 'x'.repeat(2 * MIB);
    expect(gateway.call(['set', 'big', big])).toEqual([expect.stringMatching(/^-OOM /)]);
    bench.stores = [{ ...DEFAULT_STORE, memoryLimitBytes: 4 * MIB, defaultTtlMs: 5000 }];
    bench.publishTable();
    expect(gateway.call(['set', 'big', big], ['get', 'kept'], ['pttl', 'big'])).toEqual([
      '+OK\r\n',
      '$1\r\n1\r\n',
      ':5000\r\n',
    ]);
  });

  it('gives the memory of removed entries back although nothing is stored', () => {
    const { gateway, time, host } = oneNode({ expirySweepMs: 100, reclaimPages: 8 });
    const engine = host.stores.get(0)?.engine;
    const keys = Array.from({ length: 3000 }, (_, i) => `key:${i}`);
    for (const key of keys) gateway.call(['set', key, 'x'.repeat(100)]);
    for (const key of keys.slice(1)) gateway.call(['del', key]);
    const before = engine?.stats().reclaimableBytes ?? 0;
    expect(before).toBeGreaterThan(0);
    time.advance(60_000);
    expect(engine?.stats().reclaimableBytes).toBeLessThan(before / 2);
    expect(gateway.call(['get', 'key:0'])).toEqual([`$100\r\n${'x'.repeat(100)}\r\n`]);
  });

  it('refuses keys that are too long, and goes on', () => {
    const { gateway, host } = oneNode();
    const key = 'k'.repeat(BOUNDS.maxKeyBytes + 1);
    expect(gateway.call(['set', key, '1'], ['get', key], ['set', 'a', '1'], ['get', 'a'])).toEqual([
      expect.stringMatching(/^-ERR key exceeds/),
      '$-1\r\n',
      '+OK\r\n',
      '$1\r\n1\r\n',
    ]);
    expect(host.statistics).toMatchObject({ events: 1, internalErrors: 0 });
  });

  it('answers an error for a command that fails, and goes on', () => {
    const bench = new StorageBench(4, MIB, [throwing()]);
    const host = bench.node('s1');
    bench.publishTable();
    expect(bench.gateway().call(['set', 'a', '1'], ['boom', 'a'], ['get', 'a'])).toEqual([
      '+OK\r\n',
      '-ERR internal error\r\n',
      '$1\r\n1\r\n',
    ]);
    expect(host.statistics.internalErrors).toBe(1);
    expect(host.statistics.errors[9999]).toBe(1);
    expect(bench.logger.matching(/command failed/)[0].fields).toMatchObject({ operation: 'boom', success: false });
  });

  it('answers an error for operations that it does not know or that do not hold one command', () => {
    const { gateway, host } = oneNode();
    const get = latin1Bytes('*2\r\n$3\r\nget\r\n$1\r\na\r\n');
    expect(
      gateway.call(
        { command: ['get', 'a'], commandId: 60_000 },
        { command: ['ping'] },
        { command: ['get', 'a', 'b'] },
        { command: ['get', 'a'] },
      ),
    ).toEqual([
      expect.stringMatching(/^-ERR command id 60000 is unknown/),
      expect.stringMatching(/^-ERR command id \d+ is unknown/),
      expect.stringMatching(/^-ERR malformed operation/),
      '$-1\r\n',
    ]);
    expect(latin1Text(get, 0, 2)).toBe('*2');
    expect(host.statistics.malformedFrames).toBe(1);
  });

  it('drops hostile frames and works on', () => {
    const { bench, gateway, host, network } = oneNode();
    const good = gateway.encode([['set', 'a', '1']]);
    const cut = good.slice(0, good.length - 4);
    writeFrameHeader(cut, cut[5], cut.length);
    const foreign = good.slice();
    foreign[5] = 0x11;
    for (const bytes of [new Uint8Array(0), good.slice(0, 12), cut, foreign, new Uint8Array(50)])
      gateway.publish(bytes);
    network.settle();
    expect(host.statistics.malformedFrames).toBe(5);
    expect(bench.logger.matching(/malformed frame/).length).toBeGreaterThan(0);
    expect(gateway.call(['get', 'a'])).toEqual(['$-1\r\n']);
  });

  it('answers what comes before a malformed record', () => {
    const { gateway, host } = oneNode();
    const frame = gateway.encode([
      ['set', 'a', '1'],
      ['set', 'b', '1'],
    ]);
    const view = new DataView(frame.buffer);
    view.setUint32(OPERATIONS_HEADER_BYTES + view.getUint32(OPERATIONS_HEADER_BYTES, true), 0xffffff, true);
    gateway.publish(frame);
    expect(gateway.call(['get', 'b'])).toEqual(['+OK\r\n', '$-1\r\n']);
    expect(host.statistics.malformedFrames).toBe(1);
  });

  it('sends many reply bytes in several frames, and large ones in parts', () => {
    const { gateway, network, host } = oneNode({}, 4, SMALL_PAYLOAD);
    const value = 'v'.repeat(100_000);
    gateway.call(['set', 'a', value]);
    const frames = host.statistics.framesOut;
    const replies = gateway.call(...Array.from({ length: 10 }, () => ['get', 'a']));
    expect(replies).toEqual(Array.from({ length: 10 }, () => `$100000\r\n${value}\r\n`));
    expect(host.statistics.framesOut - frames).toBeGreaterThan(2);
    const large = 'x'.repeat(LARGE);
    expect(gateway.call(['set', 'b', large])).toEqual(['+OK\r\n']);
    expect(gateway.call(['get', 'b'])).toEqual([`$${LARGE}\r\n${large}\r\n`]);
    expect(network.published.every(({ payload }) => payload.length <= SMALL_PAYLOAD)).toBe(true);
  });

  it('takes and sends large values at the same time', () => {
    const { gateway, network, host } = oneNode({}, 4, SMALL_PAYLOAD);
    const large = 'x'.repeat(LARGE);
    gateway.call(['set', 'a', large]);
    gateway.post(['get', 'a']);
    gateway.post(['set', 'b', large]);
    gateway.post(['get', 'a']);
    network.settle();
    expect(gateway.replies.slice(1).map(({ text }) => text.slice(0, 5))).toEqual(['$3000', '+OK\r\n', '$3000']);
    expect(host.statistics.malformedFrames).toBe(0);
  });

  it('goes on answering after a part of a reply was lost', () => {
    const { gateway, network, time } = oneNode({}, 4, SMALL_PAYLOAD);
    gateway.call(['set', 'a', 'x'.repeat(LARGE)]);
    let isLost = false;
    network.rule = ({ subject, payload }) => {
      if (isLost || !subject.startsWith('hc.t.v1.re.') || payload[5] !== 0x12) return 'deliver';
      isLost = true;
      return 'drop';
    };
    expect(gateway.call(['get', 'a'])).toEqual([]);
    gateway.post(['get', 'a']);
    gateway.post(['exists', 'a']);
    network.settle();
    time.advance(2 * BOUNDS.partAckMs + 200);
    expect(gateway.replies.slice(-2).map(({ text }) => text.slice(0, 4))).toEqual(['$300', ':1\r\n']);
  });

  it('traces sampled operations alone', () => {
    const { bench, gateway } = oneNode();
    const trace = new Uint8Array(24).map((_, i) => i);
    gateway.call(['get', 'a'], { command: ['incr', 'a'], trace }, { command: ['incr', 'a', 'b'], trace });
    const { spans } = bench.telemetry;
    expect(spans).toHaveLength(2);
    expect(spans[0]).toMatchObject({
      name: 'storage.execute',
      kind: 'consumer',
      parent: { traceId: trace.slice(0, 16), spanId: trace.slice(16) },
      isEnded: true,
      error: undefined,
    });
    expect(spans[1]).toMatchObject({ isEnded: true, error: 'error reply' });
    expect(bench.logger.matching(/sampled/)[0].fields).toMatchObject({
      operation: 'incr',
      success: true,
      traceId: '000102030405060708090a0b0c0d0e0f',
      correlationId: '1011121314151617',
    });
  });

  it('tells of itself in its heartbeats', () => {
    const { gateway, network, time, host } = oneNode();
    gateway.call(
      ['set', 'a', '1', 'PX', '100000'],
      { command: ['set', 'b', '1'], database: 2 },
      ['get', 'a'],
      ['get', 'x'],
    );
    time.advance(500);
    const last = decodeHeartbeat(network.payloadsOf(SUBJECTS.heartbeat).at(-1) as Uint8Array);
    expect(last).toMatchObject({ nodeId: 's1', role: 'storage-node', tableVersion: 1, state: 'ready', moves: [] });
    expect(last.stats).toMatchObject({
      keys: 2,
      expiringKeys: 1,
      hits: 1,
      misses: 1,
      operations: 4,
      connections: 1,
      limitBytes: 64 * MIB,
      cpuMs: 1_234,
      rssBytes: 300 * MIB,
    });
    expect(last.stats.databaseKeys.slice(0, 3)).toEqual([1, 0, 1]);
    let isStopped = false;
    host.stop(() => (isStopped = true));
    network.settle();
    expect(isStopped).toBe(true);
    expect(host.ready).toBe(false);
    expect(network.payloadsOf(SUBJECTS.leave)).toHaveLength(1);
    expect(gateway.call(['get', 'a'])).toEqual([]);
    expect(time.pendingTimers).toBe(0);
  });
});
