import { decodeHeartbeat, decodeLeave, encodeHeartbeat, FEATURE_LEVEL, NO_STATS } from '#libs/cluster';
import { SLOT_COUNT } from '#libs/kernel';
import { encodeCommand } from '#libs/resp';
import { bulk, GatewayBench, SUBJECTS } from './gateway-bench.support.spec.js';

function heartbeatOf(
  nodeId: string,
  stats: Partial<typeof NO_STATS>,
  role: 'storage-node' | 'gateway' = 'storage-node',
): Uint8Array {
  return encodeHeartbeat({
    featureLevel: FEATURE_LEVEL,
    cluster: 't',
    nodeId,
    role,
    incarnation: 1,
    softwareVersion: '0',
    endpoints: { host: 'h', respPort: 0, httpPort: 0, adminPort: 0 },
    zone: '',
    weight: 1,
    tableVersion: 0,
    clusterId: '',
    state: 'ready',
    stats: { ...NO_STATS, ...stats },
    moves: [],
    capabilities: ['probes'],
  });
}

describe('a gateway', () => {
  it('is ready once every partition has a primary, and says why it is not', () => {
    const bench = new GatewayBench({ noTable: true });
    const { gateway } = bench;
    expect([gateway.ready, gateway.unreadyReasons()]).toEqual([false, ['no cluster table yet']]);
    bench.owners[3] = '';
    bench.publishTable();
    expect(gateway.unreadyReasons()).toEqual(['some partitions have no reachable primary']);
    bench.owners[3] = 's1';
    bench.publishTable();
    expect([gateway.ready, gateway.unreadyReasons()]).toEqual([true, []]);
    expect(gateway.routing?.tableVersion).toBe(2);
    bench.data.setStatus('disconnected');
    expect(gateway.ready).toBe(false);
  });

  it('tells of itself in its heartbeats', () => {
    const bench = new GatewayBench();
    bench.client().call('ping', 'ping');
    bench.time.advance(600);
    expect(decodeHeartbeat(bench.network.payloadsOf(SUBJECTS.heartbeat).at(-1) as Uint8Array)).toMatchObject({
      nodeId: 'g1',
      role: 'gateway',
      endpoints: { host: '10.0.0.1', respPort: 6379, httpPort: 8080, adminPort: 6380 },
      tableVersion: 1,
      state: 'ready',
      stats: { connections: 1, operations: 2 },
    });
  });

  it('waits for what is in flight before it leaves', () => {
    const bench = new GatewayBench();
    const client = bench.client();
    client.call(['get', bench.keyIn(0)]);
    let isStopped = false;
    bench.gateway.stop(() => (isStopped = true));
    bench.network.settle();
    expect([isStopped, bench.gateway.unreadyReasons()]).toEqual([false, ['shutting down']]);
    const node = bench.node('s1');
    node.reply(node.take()[0], bulk('v'));
    bench.network.settle();
    expect(client.socket.take()).toBe(bulk('v'));
    expect(isStopped).toBe(true);
    expect(bench.network.payloadsOf(SUBJECTS.leave).map((payload) => decodeLeave(payload).nodeId)).toEqual(['g1']);
    expect(bench.time.pendingTimers).toBe(0);
  });

  it('leaves at once where nothing is in flight, and after a time-out where nothing comes', () => {
    const idle = new GatewayBench();
    const stopped: string[] = [];
    idle.gateway.stop(() => stopped.push('idle'));
    idle.network.settle();
    expect(stopped).toEqual(['idle']);
    const busy = new GatewayBench();
    busy.client().call('get a');
    busy.gateway.stop(() => stopped.push('busy'));
    busy.time.advance(2100);
    expect(stopped).toEqual(['idle', 'busy']);
  });

  it('ignores malformed heartbeats', () => {
    const bench = new GatewayBench();
    bench.network.bus().publish(SUBJECTS.heartbeat, new Uint8Array(20).fill(0xff));
    bench.network.settle();
    expect(bench.gateway.statistics.malformedFrames).toBe(1);
  });
});

describe('what a gateway knows of members', () => {
  it('is what their heartbeats say, as long as they are in the table', () => {
    const bench = new GatewayBench();
    const { view } = bench.gateway;
    for (const nodeId of ['s1', 'stranger']) {
      bench.network.bus().publish(SUBJECTS.heartbeat, heartbeatOf(nodeId, { limitBytes: 77 }));
    }
    bench.network.settle();
    expect(view.reportOf('s1')).toEqual({ capacityBytes: 77, capabilities: ['probes'] });
    expect(view.reportOf('s2')).toBeUndefined();
    bench.publishTable();
    expect([view.reportOf('s1'), view.reportOf('stranger')]).toEqual([expect.anything(), undefined]);
  });

  it('tells which of the configured ones are absent', () => {
    const bench = new GatewayBench({ members: ['g1', 's1', 's2', 's9'], noTable: true });
    const { view } = bench.gateway;
    const absent = (): string[] => view.absent.map(({ id }) => id);
    expect(absent()).toEqual(['g1', 's1', 's2', 's9']);
    bench.publishTable();
    expect(absent()).toEqual(['s9']);
    expect(bench.client().call('info hypercache')).toContain('absent_members:s9\r\n');
  });
});

describe('execute', () => {
  const options = { store: 'default', database: 0 };

  it('runs a command for a caller in this process', () => {
    const bench = new GatewayBench({ users: new Map([['default', 'x']]) });
    bench.answerAll(() => '_\r\n');
    const replies: string[] = [];
    const execute = (words: string[], over: Partial<typeof options> = {}): void => {
      bench.gateway.execute(encodeCommand(words), { ...options, ...over }, (reply) =>
        replies.push(Buffer.from(reply).toString()),
      );
      bench.network.settle();
    };
    execute(['get', 'a'], { database: 3 });
    execute(['ping']);
    execute(['nonsense']);
    execute(['get', 'a'], { store: 'nowhere' });
    expect(replies).toEqual([
      '_\r\n',
      '+PONG\r\n',
      expect.stringMatching(/^-ERR unknown command/),
      "-ERR unknown store 'nowhere'\r\n",
    ]);
    const [operation] = [...bench.nodes.values()].flatMap((node) => node.received);
    expect(operation).toMatchObject({ database: 3, flags: 1 });
    expect(bench.gateway.statistics).toMatchObject({ connectionsOpen: 0, connectionsOpened: 0 });
    expect(bench.client().call('auth x', 'client list').match(/id=/g)).toHaveLength(1);
  });

  it('can be called from a reply', () => {
    const bench = new GatewayBench();
    bench.answerAll(({ words }) => bulk(words[1]));
    const replies: string[] = [];
    bench.gateway.execute(encodeCommand(['get', 'a']), options, (first) => {
      replies.push(Buffer.from(first).toString());
      bench.gateway.execute(encodeCommand(['get', 'b']), options, (second) =>
        replies.push(Buffer.from(second).toString()),
      );
    });
    bench.network.settle();
    expect(replies).toEqual([bulk('a'), bulk('b')]);
  });

  it('waits as clients do when too much is in flight', () => {
    const bench = new GatewayBench({ nodes: ['s1'], maxInFlightOperations: 1 });
    const node = bench.node();
    bench.client().call('get a');
    const replies: string[] = [];
    bench.gateway.execute(encodeCommand(['get', 'b']), options, (reply) => replies.push(Buffer.from(reply).toString()));
    bench.network.settle();
    expect([node.commands, replies]).toEqual([['get a'], []]);
    node.answer = ({ words }) => bulk(words[1]);
    node.reply(node.take()[0], bulk('a'));
    bench.network.settle();
    expect(replies).toEqual([bulk('b')]);
  });

  it('puts the operation under the span of its caller', () => {
    const bench = new GatewayBench();
    bench.telemetry.enabled = true;
    bench.answerAll(() => '_\r\n');
    const trace = { traceId: new Uint8Array(16).fill(7), spanId: new Uint8Array(8).fill(8) };
    bench.gateway.execute(encodeCommand(['get', 'a']), { ...options, trace }, () => undefined);
    bench.client().post('get b');
    bench.network.settle();
    expect(bench.telemetry.spans).toHaveLength(1);
    expect(bench.telemetry.spans[0]).toMatchObject({
      name: 'gateway.operation',
      kind: 'server',
      parent: trace,
      isEnded: true,
    });
    const traced = [...bench.nodes.values()]
      .flatMap((node) => node.received)
      .filter((operation) => operation.trace !== undefined);
    expect(traced.map(({ words }) => words)).toEqual([['get', 'a']]);
    expect(traced[0].trace?.slice(0, 16)).toEqual(trace.traceId);
  });
});

describe('sampled operations', () => {
  it('get a span that travels with them, and a log line', () => {
    const bench = new GatewayBench();
    bench.telemetry.enabled = true;
    bench.telemetry.isSampling = true;
    bench.answerAll(({ name }) => (name === 'incr' ? '-ERR no\r\n' : '+OK\r\n'));
    bench.client().call(['set', 'a', '1'], 'incr a', ['mset', bench.keyIn(0), '1', bench.keyIn(1), '2'], 'ping');
    const { spans } = bench.telemetry;
    expect(spans.map(({ attributes, isEnded, error }) => [attributes['db.operation'], isEnded, error])).toEqual([
      ['set', true, undefined],
      ['incr', true, 'error reply'],
      ['mset', true, undefined],
    ]);
    const operations = [...bench.nodes.values()].flatMap((node) => node.received);
    expect(operations).toHaveLength(4);
    expect(operations.every(({ trace }) => trace !== undefined)).toBe(true);
    const lines = bench.logger.matching(/sampled operation answered/);
    expect(lines.map(({ fields }) => [fields?.operation, fields?.success])).toEqual([
      ['set', true],
      ['incr', false],
      ['mset', true],
    ]);
    const spanId = '01'.repeat(8);
    expect(lines[0].fields).toMatchObject({ traceId: '01'.repeat(16), spanId, correlationId: spanId });
  });
});

describe('what clients are told of the cluster', () => {
  it.each([1, 2, 3, 4, 5])('covers every slot once with %d gateways', (count) => {
    const bench = new GatewayBench();
    bench.otherGateways = Array.from({ length: count - 1 }, (_, i) => `g${i + 2}`);
    bench.publishTable();
    const ranges = bench.gateway.view.slotRanges();
    expect(ranges).toHaveLength(count);
    expect(ranges[0].first).toBe(0);
    expect(ranges.at(-1)?.last).toBe(SLOT_COUNT - 1);
    for (const [i, range] of ranges.entries()) {
      if (i > 0) expect(range.first).toBe(ranges[i - 1].last + 1);
      expect(range.otherGateways.map(({ id }) => id)).not.toContain(range.gateway.id);
      expect(range.otherGateways).toHaveLength(count - 1);
    }
    expect(
      bench
        .client()
        .call('cluster slots')
        .match(/10\.0\.0\.1/g)?.length,
    ).toBe(count);
  });

  it('leaves out gateways that are down, and knows what the nodes are', () => {
    const bench = new GatewayBench();
    bench.otherGateways = ['g2', 'g3'];
    bench.statuses.set('g2', 'down').set('g3', 'suspect').set('s2', 'left');
    bench.epochs[2] = 9;
    bench.publishTable();
    const { view } = bench.gateway;
    expect(view.slotRanges().map(({ gateway }) => gateway.id)).toEqual(['g1', 'g3']);
    expect(view).toMatchObject({
      mode: 'cluster',
      clusterId: 'id-1',
      state: 'fail',
      currentEpoch: 9,
      tableVersion: 2,
      partitionCount: 8,
      servedSlots: 8192,
    });
    expect(view.nodes.map(({ id, state, isSelf, partitionCount }) => [id, state, isSelf, partitionCount])).toEqual([
      ['g1', 'up', true, 0],
      ['s1', 'up', false, 4],
      ['s2', 'down', false, 4],
      ['g2', 'down', false, 0],
      ['g3', 'suspect', false, 0],
      ['c1', 'up', false, 0],
    ]);
    expect(view.self.redisId).toMatch(/^[0-9a-f]{40}$/);
    expect(new Set(view.nodes.map(({ redisId }) => redisId)).size).toBe(6);
    expect(bench.client().call('cluster info')).toContain('cluster_state:fail');
  });

  it('has nothing but itself before the first table', () => {
    const bench = new GatewayBench({ noTable: true });
    const { view } = bench.gateway;
    expect(view).toMatchObject({ clusterId: '', state: 'fail', tableVersion: 0, partitionCount: 0, currentEpoch: 0 });
    expect(view.slotRanges()).toHaveLength(1);
    expect(bench.client().call('info')).toContain('redis_version');
  });
});

describe('INFO', () => {
  it('shows what storage nodes and the gateway know', () => {
    const bench = new GatewayBench();
    bench.stores = [
      { ...bench.stores[0], policy: 'lru', evictionScope: 'volatile' },
      { ...bench.stores[0], id: 4, name: 'sessions' },
    ];
    bench.publishTable();
    const bus = bench.network.bus();
    bus.publish(
      SUBJECTS.heartbeat,
      heartbeatOf('s1', {
        keys: 5,
        usedBytes: 1_048_576,
        limitBytes: 100,
        hits: 3,
        databaseKeys: [4, 1],
        cpuMs: 10,
        expired: 2,
        stores: [
          { storeId: 0, keys: 5, expiringKeys: 2, usedBytes: 1_000_000, limitBytes: 100 },
          { storeId: 4, keys: 7, expiringKeys: 1, usedBytes: 48_576, limitBytes: 0 },
          { storeId: 5, keys: 1, expiringKeys: 0, usedBytes: 0, limitBytes: 0 },
        ],
      }),
    );
    bus.publish(SUBJECTS.heartbeat, heartbeatOf('s2', { keys: 1, usedBytes: 1_048_576, databaseKeys: [0, 2] }));
    bus.publish(SUBJECTS.heartbeat, heartbeatOf('g2', { usedBytes: 77 }, 'gateway'));
    bench.network.settle();
    const client = bench.client();
    expect(client.call('config get maxmemory')).toBe(`*2\r\n${bulk('maxmemory')}${bulk('0')}`);
    const text = client.call('info everything');
    for (const line of [
      'redis_version:7.4.0',
      'redis_mode:cluster',
      'hypercache_version:0.0.1',
      'connected_clients:1',
      'used_memory:2097152',
      'used_memory_human:2.00M',
      'keyspace_hits:3',
      'expired_keys:2',
      'cluster_enabled:1',
      'cluster_id:id-1',
      'storage_nodes:2',
      'gateways:1',
    ]) {
      expect(text).toContain(`${line}\r\n`);
    }
    expect(text).toMatch(/db0:keys=4,expires=2,.*\r\ndb1:keys=3,expires=1,.*\r\nstore_sessions:keys=7,expires=1,/);
    expect(text).toContain('used_memory_store_sessions:48576\r\n');
    expect(text).toContain('maxmemory_policy:volatile-lru\r\n');
    expect(bench.gateway.info.render('nonsense')).toEqual([]);
    expect(client.call('info memory')).not.toContain('redis_version');
    bench.time.advance(11_000);
    expect(client.call('info memory')).toContain('used_memory:0\r\n');
    expect(client.call('info server')).toContain('uptime_in_seconds:11\r\n');
  });
});

describe('CONFIG', () => {
  it('reads settings by their Redis names', () => {
    const bench = new GatewayBench({ mode: 'standalone' });
    const client = bench.client();
    expect(client.call('config get port')).toBe(`*2\r\n${bulk('port')}${bulk('6379')}`);
    expect(bench.gateway.settings.all().get('cluster-enabled')).toBe('no');
  });

  it('works by options that change while it runs', () => {
    const bench = new GatewayBench();
    const client = bench.client();
    bench.gateway.tune({ requestTimeoutMs: 100 });
    client.call('get a');
    bench.time.advance(150);
    expect(client.socket.take()).toMatch(/^-TIMEOUT/);
  });

  it('resets counters', () => {
    const bench = new GatewayBench();
    bench.answerAll(() => '+OK\r\n');
    const client = bench.client();
    client.call('get a', 'nonsense', 'get');
    expect(bench.gateway.statistics.errors.reduce((sum, each) => sum + each, 0)).toBe(1);
    expect(client.call('config resetstat')).toBe('+OK\r\n');
    expect(bench.gateway.statistics.totalRequests()).toBe(0);
    expect(bench.gateway.statistics).toMatchObject({ connectionsOpened: 0, connectionsOpen: 1 });
  });
});
