import { bulk, GatewayBench, type Received } from './gateway-bench.support.spec.js';

const OK = '+OK\r\n';

function array(...elements: string[]): string {
  return `*${elements.length}\r\n${elements.join('')}`;
}

/** Answers as a storage node would whose every key holds its own name. */
function answer({ name, words, partitions }: Received): string {
  const keys = words.slice(1);
  switch (name) {
    case 'mget':
      return array(...keys.map((key) => bulk(key)));
    case 'del':
    case 'exists':
      return `:${keys.length}\r\n`;
    case 'dbsize':
      return `:${partitions.length}\r\n`;
    case 'keys':
      return array(...partitions.map((partition) => bulk(`p${partition}`)));
    case 'randomkey':
      return partitions.includes(1) ? bulk('p1') : '$-1\r\n';
    default:
      return OK;
  }
}

function benchOf(options: ConstructorParameters<typeof GatewayBench>[0] = {}) {
  const bench = new GatewayBench({ partitions: 4, ...options });
  bench.answerAll(answer);
  const keys = [0, 1, 2, 3].map((partition) => bench.keyIn(partition));
  const received = (): Received[] => [...bench.nodes.values()].flatMap((node) => node.take());
  return {
    bench,
    keys,
    received,
    client: bench.client(),
    s1: bench.node('s1'),
    s2: bench.node('s2'),
    time: bench.time,
  };
}

describe('commands over several keys', () => {
  it('ask each node once, and give the elements back in the order of the keys', () => {
    const { client, keys, s1, s2 } = benchOf();
    const asked = [keys[3], keys[0], keys[1], keys[0], keys[2]];
    expect(client.call(['mget', ...asked])).toBe(array(...asked.map((key) => bulk(key))));
    expect(s1.commands).toEqual([`mget ${keys[0]} ${keys[0]} ${keys[2]}`]);
    expect(s1.received[0].partitions).toEqual([0, 2]);
    expect(s2.commands).toEqual([`mget ${keys[3]} ${keys[1]}`]);
  });

  it('go whole to a node that serves all of their keys', () => {
    const { client, keys, s1 } = benchOf();
    client.call(['mget', keys[2], keys[0]]);
    expect(s1.commands).toEqual([`mget ${keys[2]} ${keys[0]}`]);
    client.call(['mget', keys[2], keys[2]]);
    expect(s1.received[1].partitions).toEqual([2]);
  });

  it('add up what the nodes counted', () => {
    const { client, keys } = benchOf();
    expect(client.call(['del', ...keys], ['exists', ...keys, keys[0]], ['del', keys[0]])).toBe(':4\r\n:5\r\n:1\r\n');
  });

  it('take the value of each key along', () => {
    const { client, keys, s1, s2 } = benchOf();
    expect(client.call(['mset', keys[0], 'a', keys[1], 'b', keys[2], 'c'])).toBe(OK);
    expect(s1.commands).toEqual([`mset ${keys[0]} a ${keys[2]} c`]);
    expect(s2.commands).toEqual([`mset ${keys[1]} b`]);
  });

  it('answer CROSSSLOT where they must be atomic, and their keys lie apart', () => {
    const { client, keys, received, bench } = benchOf();
    expect(
      client.call(['rename', keys[0], keys[2]], ['msetnx', keys[0], '1', keys[1], '2'], ['copy', keys[0], keys[1]]),
    ).toMatch(/^(-CROSSSLOT [^\r]*\r\n){3}$/);
    expect(received()).toEqual([]);
    expect(client.call(['rename', keys[0], bench.keyIn(0, 1)])).toBe(OK);
    expect(client.call('rename {x}a {x}b')).toBe(OK);
  });

  it('are atomic over all partitions where one process holds everything', () => {
    const { client, keys, s1 } = benchOf({ mode: 'standalone', nodes: ['s1'] });
    client.call(['rename', keys[0], keys[3]], ['mset', ...keys.flatMap((key) => [key, '1'])]);
    expect(s1.commands).toEqual([`rename ${keys[0]} ${keys[3]}`, `mset ${keys.map((key) => `${key} 1`).join(' ')}`]);
    expect(s1.received.map(({ partitions }) => partitions)).toEqual([
      [0, 3],
      [0, 1, 2, 3],
    ]);
  });

  it('are answered TRYAGAIN where they must be atomic while a partition changes its owner', () => {
    const { client, keys, s1, time } = benchOf({ mode: 'standalone', nodes: ['s1'] });
    s1.answer = () => 'stale';
    expect(client.call(['rename', keys[0], keys[3]])).toMatch(/^-TRYAGAIN/);
    expect(client.call(['rename', keys[0], keys[3]])).toMatch(/^-TRYAGAIN/);
    s1.answer = answer;
    time.advance(20);
    expect(client.call(['rename', keys[0], keys[3]])).toBe(OK);
  });

  it('take very many keys', () => {
    const { client, bench } = benchOf();
    const many = Array.from({ length: 5000 }, (_, i) => `k${i}`);
    expect(client.call(['mget', ...many])).toBe(array(...many.map((key) => bulk(key))));
    expect(bench.gateway.statistics.malformedFrames).toBe(0);
  });

  it('are refused where they do not fit the operations in flight', () => {
    const { client, keys, received } = benchOf({ maxInFlightOperations: 1 });
    expect(client.call(['mget', ...keys], 'dbsize', ['get', keys[0]])).toMatch(
      /^-BUSY [^\r]*\r\n-BUSY [^\r]*\r\n\+OK\r\n$/,
    );
    expect(received()).toHaveLength(1);
  });

  it('answer the error of any node', () => {
    const { client, keys, s2 } = benchOf();
    s2.answer = () => '-OOM no room\r\n';
    expect(client.call(['mset', ...keys.flatMap((key) => [key, '1'])], ['mget', ...keys])).toBe(
      '-OOM no room\r\n-OOM no room\r\n',
    );
  });

  it('answer in RESP3 where the client speaks it', () => {
    const { client, keys, bench } = benchOf();
    bench.answerAll(({ words }) => array(...words.slice(1).map(() => '_\r\n')));
    client.call('hello 3');
    expect(client.call(['mget', ...keys])).toBe(array('_\r\n', '_\r\n', '_\r\n', '_\r\n'));
  });
});

describe('commands over several partitions that a node sends back', () => {
  it('are asked again partition by partition, and merged as one', () => {
    const { client, keys, s1, s2, time } = benchOf();
    s1.answer = () => 'stale';
    const asked = [keys[3], keys[0], keys[2], keys[0]];
    expect(client.call(['mget', ...asked])).toBe('');
    s1.take();
    s1.answer = answer;
    time.advance(20);
    expect(client.socket.take()).toBe(array(...asked.map((key) => bulk(key))));
    expect(s1.commands.toSorted()).toEqual([`mget ${keys[0]} ${keys[0]}`, `mget ${keys[2]}`].toSorted());
    expect(s2.commands).toHaveLength(1);
  });

  it('are asked again where one node had all of it', () => {
    const { client, keys, s1, time } = benchOf();
    s1.answer = () => 'stale';
    client.call(['mset', keys[0], 'a', keys[2], 'b'], ['del', keys[0], keys[2]]);
    s1.take();
    s1.answer = answer;
    time.advance(20);
    expect(client.socket.take()).toBe(`${OK}:2\r\n`);
    expect(s1.received.map(({ words, generation }) => [words.join(' '), generation])).toEqual([
      [`mset ${keys[0]} a`, 1],
      [`del ${keys[0]}`, 1],
      [`mset ${keys[2]} b`, 1],
      [`del ${keys[2]}`, 1],
    ]);
  });

  it('may be sent back again and again', () => {
    const { client, keys, s1, bench, time } = benchOf();
    s1.answer = () => 'stale';
    client.call(['mget', ...keys], 'dbsize', 'keys *');
    time.advance(100);
    s1.answer = ({ partition }) => (partition === 2 ? 'moving' : undefined);
    time.advance(50);
    bench.answerAll(answer);
    for (const operation of s1.take()) s1.reply(operation, answer(operation));
    time.advance(50);
    const text = client.socket.take();
    expect(text.startsWith(array(...keys.map((key) => bulk(key))))).toBe(true);
    expect(text).toContain(':4\r\n');
    for (const partition of [0, 1, 2, 3]) expect(text).toContain(bulk(`p${partition}`));
  });

  it('go to the new primaries', () => {
    const { client, keys, s1, s2, bench } = benchOf();
    s1.answer = () => 'stale';
    client.call(['mget', ...keys], 'dbsize');
    bench.move(0, 's2');
    bench.move(2, 's2');
    bench.publishTable();
    expect(client.socket.take()).toBe(`${array(...keys.map((key) => bulk(key)))}:4\r\n`);
    expect(s2.received.filter(({ epoch }) => epoch === 2).length).toBe(4);
  });

  it('wait for held partitions alone', () => {
    const { client, keys, s1, bench, time } = benchOf();
    s1.answer = () => 'stale';
    client.call(['get', keys[0]]);
    s1.take();
    const other = bench.client();
    s1.answer = answer;
    other.call(['mget', ...keys]);
    expect(s1.commands).toEqual([`mget ${keys[2]}`]);
    other.call('dbsize');
    expect(s1.received[1].partitions).toEqual([2]);
    time.advance(20);
    expect(other.socket.take()).toBe(`${array(...keys.map((key) => bulk(key)))}:4\r\n`);
  });

  it('are answered BUSY in parts that do not fit any more', () => {
    const { client, keys, s1, time } = benchOf({ maxInFlightOperations: 2, nodes: ['s1'] });
    s1.answer = () => 'stale';
    client.call(['mget', ...keys]);
    s1.answer = answer;
    time.advance(20);
    expect(client.socket.take()).toMatch(/^-BUSY/);
  });
});

describe('commands for every partition', () => {
  it('ask every node for all that it serves', () => {
    const { client, s1, s2 } = benchOf();
    expect(client.call('dbsize', 'flushall', 'flushdb')).toBe(`:4\r\n${OK}${OK}`);
    expect(s1.received.map(({ partitions }) => partitions)).toEqual([
      [0, 2],
      [0, 2],
      [0, 2],
    ]);
    expect(s2.received[0].partitions).toEqual([1, 3]);
    expect(client.call('keys *').match(/p\d/g)?.toSorted()).toEqual(['p0', 'p1', 'p2', 'p3']);
    expect(client.call('randomkey')).toBe(bulk('p1'));
  });

  it('are one operation where one node serves all', () => {
    const { client, s1 } = benchOf({ nodes: ['s1'] });
    expect(client.call('dbsize')).toBe(':4\r\n');
    expect(s1.received[0].partitions).toEqual([0, 1, 2, 3]);
  });
});

describe('SCAN', () => {
  const SPAN = 2 ** 39;

  it('is asked where its cursor says, and goes on where a node has nothing', () => {
    const { client, s1, s2 } = benchOf();
    s1.answer = ({ words }) => {
      const cursor = Number(words[1]);
      if (cursor === 0) return array(bulk(String(SPAN)), array());
      return array(bulk('0'), array(bulk('found')));
    };
    s2.answer = () => array(bulk(String(2 * SPAN + 5)), array());
    expect(client.call('scan 0 count 10')).toBe(array(bulk('0'), array(bulk('found'))));
    expect(s1.received.map(({ words, partition }) => [words.join(' '), partition])).toEqual([
      ['scan 0 count 10', 0],
      [`scan ${2 * SPAN + 5} count 10`, 2],
    ]);
    expect(s2.received.map(({ words, partition }) => [words.join(' '), partition])).toEqual([
      [`scan ${SPAN} count 10`, 1],
    ]);
  });

  it('hands on what it finds, errors and odd answers alike', () => {
    const { client, bench } = benchOf();
    for (const text of [
      array(bulk('77'), array(bulk('a'))),
      '-ERR invalid cursor\r\n',
      array(bulk('77')),
      array(bulk('x'), array()),
      array(bulk('0'), array()),
      bulk('odd'),
    ]) {
      bench.answerAll(() => text);
      expect(client.call('scan 0')).toBe(text);
    }
  });

  it('takes any cursor', () => {
    const { client, s1 } = benchOf();
    s1.answer = () => array(bulk('0'), array());
    const end = array(bulk('0'), array());
    expect(client.call(`scan ${500 * SPAN}`, 'scan nonsense', 'scan -5')).toBe(end + end + end);
    expect(s1.received.map(({ partition }) => partition)).toEqual([0, 0, 0]);
  });

  it('ends where its deadline has passed or its partition has no primary', () => {
    const { client, s1, s2, time, bench } = benchOf();
    s1.answer = () => array(bulk(String(SPAN)), array());
    s2.answer = () => undefined;
    client.call('scan 0');
    time.advance(2100);
    expect(client.socket.take()).toMatch(/^-TIMEOUT/);
    bench.owners[1] = '';
    bench.publishTable();
    expect(client.call('scan 0')).toMatch(/^-CLUSTERDOWN/);
  });

  it('does not walk for ever', () => {
    const { client, s1, s2 } = benchOf();
    const next = String(SPAN);
    s1.answer = () => array(bulk(next), array());
    s2.answer = () => array(bulk(next), array());
    expect(client.call('scan 0')).toBe(array(bulk(next), array()));
    expect(s2.received.length).toBeLessThanOrEqual(512);
  });
});
