import { BOUNDS } from '#libs/kernel';
import { FRAME_TYPES } from '#libs/wire';
import { bulk, GatewayBench, type Received } from './gateway-bench.support.spec.js';

const OK = '+OK\r\n';

/** A gateway with two nodes; partition 0 is at s1. */
function benchOf(options: ConstructorParameters<typeof GatewayBench>[0] = {}) {
  const bench = new GatewayBench(options);
  const key = bench.keyIn(0);
  const [s1, s2] = [bench.node('s1'), bench.node('s2')];
  return {
    bench,
    key,
    s1,
    s2,
    client: bench.client(),
    network: bench.network,
    time: bench.time,
    statistics: bench.gateway.statistics,
  };
}

function values({ words }: Received): string {
  return words[2];
}

describe('operations', () => {
  it('go to the primary of their partition, under its epoch', () => {
    const { bench, s1, s2, client, network } = benchOf();
    bench.epochs[1] = 7;
    bench.publishTable();
    client.post(['get', bench.keyIn(0)], ['get', bench.keyIn(1)], ['get', bench.keyIn(2)]);
    network.settle();
    expect(s1.received.map(({ partition, epoch }) => [partition, epoch])).toEqual([
      [0, 1],
      [2, 1],
    ]);
    expect(s2.received.map(({ partition, epoch }) => [partition, epoch])).toEqual([[1, 7]]);
    expect(new Set(s1.received.map(({ id }) => id)).size).toBe(2);
    expect(s1.received[0]).toMatchObject({ sequence: 1, deadlineMs: 2000, tableVersion: 2 });
  });

  it('are answered CLUSTERDOWN at once without a table, without a primary and without a bus', () => {
    const { bench, client, statistics, s1 } = benchOf({ noTable: true });
    expect(client.call('get a', 'mget a b', 'dbsize')).toMatch(/^(-CLUSTERDOWN [^\r]*\r\n){3}$/);
    bench.owners[0] = '';
    bench.publishTable();
    expect(client.call(['get', bench.keyIn(0)])).toMatch(/^-CLUSTERDOWN/);
    bench.statuses.set('s2', 'down');
    bench.publishTable();
    expect(client.call(['get', bench.keyIn(1)], ['mget', bench.keyIn(1), bench.keyIn(2)], 'dbsize')).toMatch(
      /^(-CLUSTERDOWN [^\r]*\r\n){3}$/,
    );
    bench.statuses.set('s2', 'suspect');
    bench.owners[0] = 's1';
    bench.publishTable();
    bench.answerAll(() => OK);
    expect(client.call(['get', bench.keyIn(0)], ['get', bench.keyIn(1)])).toBe(OK + OK);
    bench.data.setStatus('disconnected');
    expect(client.call(['get', bench.keyIn(0)])).toMatch(/^-CLUSTERDOWN/);
    bench.data.setStatus('connected');
    bench.data.isRefusing = true;
    s1.take();
    expect(client.call(['set', bench.keyIn(0), '1'], ['get', bench.keyIn(0)])).toMatch(
      /^(-CLUSTERDOWN [^\r]*\r\n){2}$/,
    );
    expect(s1.received).toEqual([]);
    expect(statistics.clusterDown).toBeGreaterThanOrEqual(4);
    bench.data.isRefusing = false;
    expect(client.call(['get', bench.keyIn(0)])).toBe(OK);
  });

  it('time out when they have no answer, and are not repeated', () => {
    const { bench, key, s1, client, time, statistics } = benchOf();
    client.call(['set', key, '1'], ['set', key, '2']);
    expect(s1.received).toHaveLength(2);
    time.advance(1900);
    expect(client.socket.text).toBe('');
    time.advance(200);
    expect(client.socket.take()).toMatch(/^(-TIMEOUT [^\r]*\r\n){2}$/);
    const late = s1.take();
    time.advance(5000);
    expect(s1.received).toEqual([]);
    expect(statistics.timeouts).toBe(2);
    client.post(['get', key]);
    s1.replyAll(late.map((operation) => [operation, bulk('late')]));
    bench.network.settle();
    s1.reply(s1.take()[0], bulk('right'));
    bench.network.settle();
    expect(client.socket.take()).toBe(bulk('right'));
  });

  it('never get the late answer of another', () => {
    const { key, s1, client, time, bench } = benchOf({ maxInFlightOperations: 64 });
    client.call(['get', key]);
    const [late] = s1.take();
    time.advance(2100);
    client.socket.take();
    s1.answer = ({ words }) => bulk(words[1]);
    for (let i = 0; i < 200; i++) {
      client.call(...Array.from({ length: 100 }, () => ['get', key]));
      expect(s1.take().some(({ id }) => id === late.id)).toBe(false);
    }
    expect(client.socket.text).toBe('');
    s1.reply(late, bulk('late'));
    bench.network.settle();
    expect(client.socket.text).toBe('');
  });

  it('leave nothing behind when they time out before they have been sent', () => {
    const { bench, key, s1, s2, client, time } = benchOf({ linkCreditBytes: 1000 });
    s1.answer = () => 'stale';
    client.call(['set', key, 'x'.repeat(500)]);
    time.freeze(2100);
    bench.move(0, 's2');
    bench.publishTable();
    time.advance(100);
    expect(client.socket.take()).toMatch(/^-(TIMEOUT|TRYAGAIN)/);
    s2.answer = () => OK;
    for (let i = 0; i < 10; i++) expect(client.call(['set', key, 'x'.repeat(300)])).toBe(OK);
    expect(bench.gateway.info.render('hypercache')).toContainEqual(['operations_in_flight', '0']);
    expect(client.socket.isPaused).toBe(false);
  });

  it('ignore answers that come twice, to nothing, or to another link', () => {
    const { bench, key, s1, s2, client, network } = benchOf();
    client.call(['get', key]);
    const [operation] = s1.take();
    s1.replyAll([
      [{ ...operation, incarnation: operation.incarnation ^ 1 }, bulk('wrong link')],
      [{ ...operation, id: 12345 }, bulk('wrong id')],
    ]);
    s2.reply(operation, bulk('wrong node'));
    network.settle();
    expect(client.socket.text).toBe('');
    s1.reply(operation, bulk('1'));
    s1.reply(operation, bulk('2'));
    s1.reply(operation, 'stale');
    network.settle();
    expect(client.socket.take()).toBe(bulk('1'));
    expect(s1.received).toEqual([]);
    expect(bench.gateway.statistics.retries).toBe(0);
  });

  it('survive answers to frames that have not been sent, and malformed ones', () => {
    const { key, s1, client, network, bench } = benchOf();
    client.call(['get', key]);
    const [first] = s1.take();
    client.post(['get', key]);
    for (let id = first.id + 1; id < first.id + 5; id++) s1.reply({ ...first, id }, 'stale');
    s1.publish(new Uint8Array(9));
    s1.publish(new Uint8Array(30));
    network.deliverQueued();
    network.settle();
    expect(bench.gateway.statistics.malformedFrames).toBe(2);
    expect(bench.logger.matching(/malformed/).length).toBe(2);
    expect(bench.gateway.statistics.retries).toBe(0);
    for (const operation of [first, ...s1.take()]) s1.reply(operation, bulk('v'));
    network.settle();
    expect(client.socket.take()).toBe(bulk('v') + bulk('v'));
  });

  it('count what they took', () => {
    const { key, s1, client, statistics, time } = benchOf();
    client.post(['get', key]);
    time.freeze(3);
    s1.answer = () => bulk('v');
    client.call('ping', ['get', key]);
    const id = s1.received[0].name === 'get' ? 1 : 0;
    expect(id).toBe(1);
    expect(statistics.totalRequests()).toBe(3);
    const total = statistics.latencyCounts.reduce((sum, each) => sum + each, 0);
    expect(total).toBe(2);
    expect(statistics.latencySumSeconds.reduce((sum, each) => sum + each, 0)).toBeCloseTo(0.006, 6);
    expect(statistics).toMatchObject({ framesOut: 1, framesIn: 1 });
  });
});

describe('operations that a node sends back', () => {
  it.each(['stale', 'moving'] as const)('as %s are sent again in order under a new generation', (status) => {
    const { key, s1, client, time, statistics } = benchOf();
    let isBack = true;
    s1.answer = () => (isBack ? status : OK);
    client.call(['set', key, '1'], ['set', key, '2']);
    client.call(['set', key, '3']);
    expect(s1.take().map(values)).toEqual(['1', '2']);
    isBack = false;
    time.advance(10);
    expect(s1.received.map((operation) => [values(operation), operation.generation])).toEqual([
      ['1', 1],
      ['2', 1],
      ['3', 1],
    ]);
    expect(s1.received[0].deadlineMs).toBeLessThan(2000);
    expect(client.socket.take()).toBe(OK + OK + OK);
    expect(statistics.retries).toBe(3);
    expect(client.call(['set', key, '4'])).toBe(OK);
  });

  it('wait for all answers of earlier ones before they are sent again', () => {
    const { key, s1, client, network, time } = benchOf();
    client.call(['set', key, '1'], ['set', key, '2'], ['set', key, '3']);
    const [one, two, three] = s1.take();
    s1.reply(two, 'stale');
    network.settle();
    time.advance(100);
    expect(s1.received).toEqual([]);
    s1.reply(one, OK);
    network.settle();
    time.advance(100);
    expect(s1.received).toEqual([]);
    s1.reply(three, 'stale');
    time.advance(100);
    expect(s1.received.map(values)).toEqual(['2', '3']);
  });

  it('do not hold other partitions back', () => {
    const { bench, key, s1, client, time } = benchOf();
    const other = bench.keyIn(2);
    s1.answer = ({ partition }) => (partition === 0 ? 'stale' : OK);
    expect(client.call(['set', other, '1'], ['set', key, '1'])).toBe(OK);
    expect(bench.client().call(['set', other, '2'])).toBe(OK);
    s1.answer = () => OK;
    time.advance(10);
    expect(client.socket.take()).toBe(OK);
  });

  it('are answered TRYAGAIN when they are sent back until the deadline', () => {
    const { key, s1, client, time } = benchOf();
    s1.answer = () => 'stale';
    client.call(['set', key, '1']);
    time.advance(2100);
    expect(client.socket.take()).toMatch(/^-(TRYAGAIN|TIMEOUT)/);
  });

  it('make the gateway ask for the table that the node speaks of', () => {
    const { bench, key, s1, s2, client, time } = benchOf();
    s1.answer = () => 'stale';
    s1.tableVersion = 2;
    s2.answer = () => OK;
    bench.move(0, 's2');
    const requests = () => bench.network.messagesOf('hc.t.v1.ctl.table.get').length;
    const before = requests();
    client.call(['set', key, '1']);
    expect(requests()).toBeGreaterThan(before);
    bench.publishTable();
    time.advance(10);
    expect(client.socket.take()).toBe(OK);
    expect(s2.received.map(({ epoch }) => epoch)).toEqual([2]);
  });

  it('are refused BUSY beyond the bytes that may wait', () => {
    const { key, s1, client, time } = benchOf({ maxHeldBytes: 1000 });
    s1.answer = () => 'stale';
    client.call(['set', key, 'x'.repeat(600)]);
    expect(client.call(['set', key, 'y'.repeat(600)])).toBe('');
    s1.answer = () => OK;
    time.advance(10);
    expect(client.socket.take()).toMatch(/^\+OK\r\n-BUSY [^\r]*\r\n$/);
    expect(client.call(['set', key, 'z'.repeat(600)])).toBe(OK);
  });
});

describe('operations whose route changes', () => {
  it('wait for the old primary to answer the earlier ones', () => {
    const { bench, key, s1, s2, client, network } = benchOf();
    client.call(['set', key, '1']);
    bench.move(0, 's2');
    bench.publishTable();
    s2.answer = () => OK;
    client.call(['set', key, '2']);
    expect(s2.received).toEqual([]);
    s1.reply(s1.take()[0], OK);
    network.settle();
    expect(s2.received.map(({ words, epoch }) => [words[2], epoch])).toEqual([['2', 2]]);
    expect(client.socket.take()).toBe(OK + OK);
  });

  it('wait until the earlier ones have timed out', () => {
    const { bench, key, s2, client, time } = benchOf();
    client.call(['set', key, '1']);
    time.advance(1000);
    bench.move(0, 's2');
    bench.publishTable();
    s2.answer = () => OK;
    client.call(['set', key, '2']);
    time.advance(900);
    expect(s2.received).toEqual([]);
    time.advance(200);
    expect(client.socket.take()).toMatch(/^-TIMEOUT [^\r]*\r\n\+OK\r\n$/);
  });

  it('go at once where nothing was unanswered, and on where nothing changed', () => {
    const { bench, key, s1, s2, client } = benchOf();
    s1.answer = () => OK;
    s2.answer = () => OK;
    client.call(['set', key, '1']);
    bench.move(0, 's2');
    bench.publishTable();
    expect(client.call(['set', key, '2'])).toBe(OK);
    const other = bench.keyIn(2);
    s1.answer = () => undefined;
    client.call(['set', other, '1']);
    bench.move(4, 's2');
    bench.publishTable();
    s1.take();
    client.call(['set', other, '2']);
    expect(s1.received).toHaveLength(1);
  });

  it('and were sent back go to the new primary in order', () => {
    const { bench, key, s1, s2, client } = benchOf();
    s1.answer = () => 'stale';
    s2.answer = () => OK;
    client.call(['set', key, '1'], ['set', key, '2']);
    client.call(['set', key, '3']);
    bench.move(0, 's2');
    bench.publishTable();
    expect(s2.received.map(values)).toEqual(['1', '2', '3']);
    expect(client.socket.take()).toBe(OK + OK + OK);
  });

  it('are answered CLUSTERDOWN where the new table has no primary for them', () => {
    const { bench, key, s1, client } = benchOf();
    s1.answer = () => 'stale';
    client.call(['set', key, '1']);
    bench.owners[0] = '';
    bench.epochs[0]++;
    bench.publishTable();
    expect(client.socket.take()).toMatch(/^-CLUSTERDOWN/);
  });
});

describe('operations for a node that nobody listens for', () => {
  it('are sent again, in order, to the new owner', () => {
    const { bench, key, s1, s2, client, time } = benchOf();
    s1.leave();
    s2.answer = () => OK;
    client.call(['set', key, '1'], ['set', key, '2']);
    client.call(['set', key, '3']);
    time.advance(50);
    expect(client.socket.text).toBe('');
    bench.move(0, 's2');
    bench.publishTable();
    expect(s2.received.map(values)).toEqual(['1', '2', '3']);
    expect(client.socket.take()).toBe(OK + OK + OK);
  });

  it('are answered an error after the deadline where none comes', () => {
    const { key, s1, client, time } = benchOf();
    s1.leave();
    client.call(['set', key, '1']);
    time.advance(2200);
    expect(client.socket.take()).toMatch(/^-(TRYAGAIN|TIMEOUT) /);
  });

  it('are sent again also when they travel in parts', () => {
    const { bench, key, s1, s2, client, time } = benchOf({ maxPayloadBytes: 4096 });
    s1.leave();
    s2.answer = ({ words }) => `:${words[2].length}\r\n`;
    const large = 'x'.repeat(50_000);
    client.call(['set', key, large], ['set', key, 'small']);
    expect(client.socket.text).toBe('');
    bench.move(0, 's2');
    bench.publishTable();
    time.advance(50);
    expect(client.socket.take()).toBe(':50000\r\n:5\r\n');
  });

  it('are not sent again once a later one of the partition has been executed', () => {
    const { key, s1, client, network, time } = benchOf();
    s1.answer = ({ words }) => bulk(words[2]);
    let unheard = 1;
    network.rule = ({ subject }) => (subject === 'hc.t.v1.op.s1' && unheard-- > 0 ? 'unheard' : 'deliver');
    client.post(['set', key, '1']);
    time.runTurn();
    client.post(['set', key, '2']);
    time.runTurn();
    network.settle();
    time.advance(100);
    expect(client.socket.take()).toMatch(/^-TRYAGAIN [^\r]*\r\n\$1\r\n2\r\n$/);
    expect(s1.take().map(values)).toEqual(['2']);
    expect(client.call(['set', key, '3'])).toBe(bulk('3'));
  });
});

describe('large operations and replies', () => {
  const large = 'x'.repeat(60_000);

  it('travel in parts both ways at the same time', () => {
    const { key, s1, client, network } = benchOf({ maxPayloadBytes: 4096 });
    s1.answer = ({ name }) => (name === 'get' ? bulk(large) : OK);
    client.post(['get', key], ['set', key, large]);
    const other = benchClient(client);
    other.post(['get', key]);
    network.settle();
    other.post(['set', key, large], ['get', key]);
    network.settle();
    expect(client.socket.take()).toBe(bulk(large) + OK);
    expect(other.socket.take()).toBe(bulk(large) + OK + bulk(large));
    expect(network.published.every(({ payload }) => payload.length <= 4096)).toBe(true);
  });

  /** Another client of the same gateway. */
  function benchClient(client: ReturnType<GatewayBench['client']>): ReturnType<GatewayBench['client']> {
    return (client as unknown as { bench: GatewayBench }).bench.client();
  }

  it('that lose a part time out, and the link works on', () => {
    const { key, s1, client, network, time } = benchOf({ maxPayloadBytes: 4096 });
    s1.answer = ({ words }) => `:${words[2].length}\r\n`;
    let isLost = false;
    network.rule = ({ subject, payload }) => {
      if (isLost || subject !== 'hc.t.v1.op.s1' || payload[5] !== FRAME_TYPES.PART) return 'deliver';
      isLost = true;
      return 'drop';
    };
    client.call(['set', key, large]);
    client.post(['set', key, 'small']);
    time.advance(BOUNDS.partAckMs + 300);
    expect(client.socket.text).toBe('');
    expect(s1.commands).toHaveLength(1);
    time.advance(1000);
    expect(client.socket.take()).toMatch(/^-TIMEOUT [^\r]*\r\n:5\r\n$/);
    expect(client.call(['set', key, large])).toBe(':60000\r\n');
  });

  it('that never left whole are answered CLUSTERDOWN when the bus goes', () => {
    const { bench, key, s1, client, network } = benchOf({ maxPayloadBytes: 4096 });
    network.rule = ({ subject }) => (subject.startsWith('hc.t.v1.re') ? 'drop' : 'deliver');
    client.call(['set', key, large]);
    client.call(['get', key]);
    bench.data.setStatus('disconnected');
    network.settle();
    expect(client.socket.take()).toMatch(/^(-CLUSTERDOWN [^\r]*\r\n){2}$/);
    expect(s1.received).toEqual([]);
    network.rule = () => 'deliver';
    bench.data.setStatus('connected');
    s1.answer = () => OK;
    expect(client.call(['set', key, large])).toBe(OK);
  });
});

describe('when the bus goes', () => {
  it('what waits here is answered CLUSTERDOWN, and what was sent times out', () => {
    const { bench, key, s1, client, time } = benchOf();
    s1.answer = ({ partition }) => (partition === 0 ? 'stale' : undefined);
    client.call(['set', key, '1']);
    const [sent] = [bench.client()];
    sent.call(['set', bench.keyIn(2), '1']);
    bench.data.setStatus('disconnected');
    bench.network.settle();
    expect(client.socket.take()).toMatch(/^-CLUSTERDOWN/);
    expect(bench.gateway.ready).toBe(false);
    expect(bench.gateway.unreadyReasons()).toEqual(['bus disconnected']);
    time.advance(2100);
    expect(sent.socket.take()).toMatch(/^-TIMEOUT/);
    bench.data.setStatus('connected');
    s1.answer = () => OK;
    expect(client.call(['set', key, '2'])).toBe(OK);
  });
});
