import { encodeClusterTable } from '#libs/cluster';
import { GatewayLink } from './gateway-link.js';
import { GatewayLinks } from './gateway-links.js';
import { oneNode, StorageBench, SUBJECTS } from './storage-bench.support.spec.js';

describe('frames of a link', () => {
  it('are executed once: what comes twice or late is dropped', () => {
    const { gateway, network, host } = oneNode();
    const first = gateway.encode([['incr', 'a']]);
    const second = gateway.encode([['incr', 'a']]);
    for (const frame of [first, first, second, first, second]) gateway.publish(frame);
    network.settle();
    expect(gateway.replies.map(({ text }) => text)).toEqual([':1\r\n', ':2\r\n']);
    expect(host.statistics.duplicateFrames).toBe(3);
  });

  it('go on where their sequence wraps', () => {
    const { gateway } = oneNode();
    gateway.sequence = 0xfffffffe;
    expect(gateway.call(['incr', 'a'])).toEqual([':1\r\n']);
    gateway.sequence = 0;
    expect(gateway.call(['incr', 'a'])).toEqual([':2\r\n']);
    gateway.sequence = 0xfffffff0;
    expect(gateway.call(['incr', 'a'])).toEqual([]);
  });

  it('start afresh with a new incarnation, at any sequence', () => {
    const { bench, gateway } = oneNode();
    gateway.sequence = 50;
    gateway.call(['incr', 'a']);
    const restarted = bench.gateway('s1', 2);
    expect(restarted.call(['incr', 'a'])).toEqual([':2\r\n']);
    const late = bench.gateway('s1', 3);
    late.sequence = 0x9000_0000;
    expect(late.call(['incr', 'a'])).toEqual([':3\r\n']);
  });

  it('of one gateway do not disturb those of another', () => {
    const { bench } = oneNode();
    const [one, two] = [bench.gateway('s1', 1, 'g1'), bench.gateway('s1', 1, 'g2')];
    expect([...one.call(['incr', 'a']), ...two.call(['incr', 'a']), ...one.call(['incr', 'a'])]).toEqual([
      ':1\r\n',
      ':2\r\n',
      ':3\r\n',
    ]);
  });
});

describe('routes', () => {
  it('of an older or newer epoch, or to a partition of another node, are sent back', () => {
    const bench = new StorageBench();
    const host = bench.node('s1');
    bench.node('s2');
    bench.plan(3, { owner: 's2' });
    bench.plan(0, { epoch: 5 });
    bench.publishTable();
    const gateway = bench.gateway();
    const [key, foreign] = [bench.keyIn(0), bench.keyIn(3)];
    expect(gateway.call({ command: ['get', key], epoch: 4 })).toEqual(['stale']);
    expect(gateway.call({ command: ['get', key], epoch: 6, generation: 1 })).toEqual(['stale']);
    expect(gateway.call({ command: ['get', key], generation: 2 })).toEqual(['$-1\r\n']);
    expect(gateway.call(['get', foreign], { command: ['get', key], partition: 999, epoch: 5 })).toEqual([
      'stale',
      'stale',
    ]);
    expect(host.statistics.rejected).toBe(4);
  });

  it('are fenced after one was sent back: later operations of that generation follow it', () => {
    const { bench, gateway } = oneNode();
    const [key, other] = [bench.keyIn(0), bench.keyIn(1)];
    expect(
      gateway.call(['set', key, '0'], { command: ['set', key, '1'], epoch: 9 }, ['set', key, '2'], ['set', other, '3']),
    ).toEqual(['+OK\r\n', 'stale', 'stale', '+OK\r\n']);
    expect(gateway.call(['set', key, '4'])).toEqual(['stale']);
    expect(
      gateway.call({ command: ['set', key, '1'], generation: 1 }, { command: ['get', key], generation: 1 }),
    ).toEqual(['+OK\r\n', '$1\r\n1\r\n']);
    expect(gateway.call({ command: ['get', key], generation: 0 })).toEqual(['stale']);
    expect(bench.gateway('s1', 1, 'g2').call(['get', key])).toEqual(['$1\r\n1\r\n']);
    expect(bench.gateway('s1', 2).call(['get', key])).toEqual(['$1\r\n1\r\n']);
  });

  it('of several partitions are sent back whole, and fence every one', () => {
    const bench = new StorageBench();
    bench.node('s1');
    bench.node('s2');
    bench.plan(2, { owner: 's2' });
    bench.publishTable();
    const gateway = bench.gateway();
    const keys = [0, 1, 2].map((partition) => bench.keyIn(partition));
    const routes = [1, 2].map((partition) => ({ partition, epoch: 1, generation: 0 }));
    expect(gateway.call({ command: ['mset', ...keys.flatMap((key) => [key, 'v'])], partition: 0, routes })).toEqual([
      'stale',
    ]);
    expect(gateway.call(['get', keys[0]], ['get', keys[1]])).toEqual(['stale', 'stale']);
    expect(
      gateway.call({ command: ['get', keys[0]], generation: 1 }, { command: ['get', keys[1]], generation: 1 }),
    ).toEqual(['$-1\r\n', '$-1\r\n']);
    const fenced = [{ partition: 1, epoch: 1, generation: 0 }];
    expect(gateway.call({ command: ['dbsize'], partition: 0, generation: 1, routes: fenced })).toEqual(['stale']);
    const unknown = [{ partition: 9999, epoch: 1, generation: 0 }];
    expect(gateway.call({ command: ['dbsize'], partition: 0, generation: 2, routes: unknown })).toEqual(['stale']);
  });
});

describe('frames routed by a newer table', () => {
  function newer() {
    const parts = oneNode();
    parts.bench.plan(0, { epoch: 2 });
    const table = encodeClusterTable(parts.bench.makeTable());
    const publish = (): void => {
      parts.bench.coordinator.publish(SUBJECTS.table, table);
      parts.network.settle();
    };
    return { ...parts, publish, key: parts.bench.keyIn(0) };
  }

  it('wait until it arrives, and so do later ones of the link', () => {
    const { gateway, publish, key, bench } = newer();
    expect(gateway.call(['append', key, '1'])).toEqual([]);
    gateway.tableVersion = 1;
    expect(gateway.call(['append', key, '2'])).toEqual([]);
    expect(bench.gateway('s1', 1, 'g2').call({ command: ['get', bench.keyIn(1)] })).toEqual([]);
    publish();
    expect(gateway.replies.map(({ text }) => text)).toEqual([':1\r\n', ':2\r\n']);
  });

  it('are asked for, and given up after a while', () => {
    const { gateway, key, network, time, publish } = newer();
    const requests = network.messagesOf(SUBJECTS.tableRequest).length;
    expect(gateway.call(['get', key])).toEqual([]);
    expect(network.messagesOf(SUBJECTS.tableRequest)).toHaveLength(requests + 1);
    time.advance(240);
    expect(gateway.replies).toHaveLength(0);
    time.advance(60);
    expect(gateway.replies.map(({ text }) => text)).toEqual(['stale']);
    publish();
    expect(gateway.call({ command: ['get', key], generation: 1 })).toEqual(['$-1\r\n']);
  });

  it('are forgotten when the gateway has been restarted', () => {
    const { gateway, key, publish, bench } = newer();
    gateway.call(['set', key, '1']);
    const restarted = bench.gateway('s1', 2);
    restarted.tableVersion = 1;
    expect(restarted.call({ command: ['get', bench.keyIn(1)] })).toEqual(['$-1\r\n']);
    publish();
    expect(gateway.replies).toHaveLength(0);
    expect(restarted.call(['get', key])).toEqual(['$-1\r\n']);
  });

  it('keep their order where no more can wait', () => {
    const { gateway, publish, bench } = newer();
    const key = bench.keyIn(1);
    gateway.call(['set', key, 'first']);
    const large = 'x'.repeat(5 * 1024 * 1024);
    gateway.tableVersion = 1;
    expect(gateway.call(['set', key, large], ['strlen', key])).toEqual(['+OK\r\n', '+OK\r\n', `:${large.length}\r\n`]);
    publish();
    expect(gateway.call(['strlen', key])).toEqual([`:${large.length}\r\n`]);
  });
});

describe('GatewayLinks', () => {
  const bus = { publish: () => true } as unknown as ConstructorParameters<typeof GatewayLinks>[0];
  const rng = { nextU32: () => 1, fill: () => undefined };

  it('finds a link by all but the last token of its reply subject', () => {
    const links = new GatewayLinks(bus, rng, 1000, 'ops');
    const link = links.of('x.re.g1.s1.1', 1);
    expect(links.of('x.re.g1.s1.1', 2)).toBe(link);
    expect(links.of('x.re.g1.s1.77', 3)).toBe(link);
    expect(links.of('x.re.g2.s1.1', 4)).not.toBe(link);
    expect(link.replySubject).toBe('x.re.g1.s1.r');
    expect([...links.all()]).toHaveLength(2);
  });

  it('forgets the one unheard for longest where there are too many', () => {
    const links = new GatewayLinks(bus, rng, 1000, 'ops');
    const first = links.of('g0.1', 0);
    for (let i = 1; i < 1024; i++) links.of(`g${i}.1`, i);
    links.of('g0.1', 5000);
    links.of('g0.1', 6000);
    links.of('more.1', 7000);
    expect(links.size).toBe(1024);
    expect(links.of('g0.1', 7001)).toBe(first);
    const names = [...links.all()].map((link) => link.replySubject);
    expect(names).not.toContain('g1.r');
  });

  it('lifts a fence by a new incarnation alone', () => {
    const link = new GatewayLink('r', 1, 1000, () => true);
    link.accept(1, 1);
    expect(link.isFenced(0, 0)).toBe(false);
    link.raiseFence(0, 5, 4);
    link.raiseFence(0, 3, 4);
    expect([link.isFenced(0, 5), link.isFenced(0, 6), link.isFenced(1, 0)]).toEqual([true, false, false]);
    link.accept(2, 9);
    expect(link.isFenced(0, 5)).toBe(false);
  });
});
