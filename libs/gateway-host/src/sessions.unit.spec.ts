import { latin1Bytes } from '#libs/kernel';
import { OPERATION_FLAGS } from '#libs/wire';
import { bulk, GatewayBench, type Received } from './gateway-bench.support.spec.js';

/** Nodes that answer GET with the key, and everything else with OK. */
function echo({ name, words }: Received): string {
  return name === 'get' ? bulk(words[1]) : '+OK\r\n';
}

describe('client connections', () => {
  it('get their replies in the order of their commands, whatever order they come in', () => {
    const bench = new GatewayBench();
    const client = bench.client();
    const keys = [0, 1, 2, 3].map((partition) => bench.keyIn(partition));
    expect(client.call(...keys.map((key) => ['get', key]), 'ping')).toBe('');
    const [one, two] = [bench.node('s1'), bench.node('s2')];
    two.replyAll(two.take().map((operation) => [operation, bulk(operation.words[1])]));
    bench.network.settle();
    expect(client.socket.take()).toBe('');
    expect(client.session.queuedReplyBytes).toBeGreaterThan(0);
    one.replyAll(one.take().map((operation) => [operation, bulk(operation.words[1])]));
    bench.network.settle();
    expect(client.socket.take()).toBe(`${keys.map((key) => bulk(key)).join('')}+PONG\r\n`);
    expect(client.session.unanswered).toBe(0);
    expect(bench.gateway.isIdle(client.session)).toBe(true);
  });

  it('send the commands of one turn to a node as one frame, and get its replies in one write', () => {
    const bench = new GatewayBench({ nodes: ['s1'] });
    bench.answerAll(echo);
    const [first, second] = [bench.client(), bench.client()];
    first.post('get a', 'get b');
    second.post('get c');
    bench.network.settle();
    expect(bench.node().frames).toBe(1);
    expect(first.socket.writes).toBe(1);
    expect([first.socket.take(), second.socket.take()]).toEqual([bulk('a') + bulk('b'), bulk('c')]);
  });

  it('may send their commands in any pieces', () => {
    const bench = new GatewayBench();
    bench.answerAll(echo);
    const client = bench.client();
    const bytes = latin1Bytes('*2\r\n$3\r\nGET\r\n$3\r\nabc\r\nPING\r\n*2\r\n$3\r\nget\r\n$1\r\nd\r\n');
    for (const byte of bytes) {
      client.raw(Uint8Array.of(byte));
      bench.network.settle();
    }
    expect(client.socket.take()).toBe(`${bulk('abc')}+PONG\r\n${bulk('d')}`);
    expect(bench.gateway.statistics.bytesIn).toBe(bytes.length);
    expect(bench.gateway.statistics.bytesOut).toBeGreaterThan(0);
  });

  it('are told of a protocol error after the replies before it, and then disconnected', () => {
    const bench = new GatewayBench();
    const client = bench.client();
    client.post('get a');
    client.raw(latin1Bytes('*1\r\n:oops\r\n*1\r\n$4\r\nping\r\n'));
    bench.network.settle();
    expect(client.socket.text).toBe('');
    expect(client.socket.isEnded).toBe(false);
    client.raw(latin1Bytes('*1\r\n$4\r\nping\r\n'));
    for (const node of bench.nodes.values()) for (const operation of node.take()) node.reply(operation, bulk('v'));
    bench.network.settle();
    expect(client.socket.take()).toMatch(/^\$1\r\nv\r\n-ERR Protocol error: [^\r\n]*\r\n$/);
    expect(client.socket.isEnded).toBe(true);
    expect(bench.gateway.statistics.protocolErrors).toBe(1);
  });

  it('end with QUIT after their replies, and nothing behind it is executed', () => {
    const bench = new GatewayBench();
    const client = bench.client();
    client.post('get a', 'quit', 'set b 1');
    client.post('set c 1');
    bench.network.settle();
    expect(client.socket.isEnded).toBe(false);
    const received = [...bench.nodes.values()].flatMap((node) => node.take().map((operation) => ({ node, operation })));
    expect(received.map(({ operation }) => operation.words)).toEqual([['get', 'a']]);
    for (const { node, operation } of received) node.reply(operation, '$-1\r\n');
    bench.network.settle();
    expect(client.socket.take()).toBe('$-1\r\n+OK\r\n');
    expect(client.socket.isEnded).toBe(true);
  });

  it('are counted, and forgotten once they are closed', () => {
    const bench = new GatewayBench();
    const [one, two] = [bench.client(), bench.client()];
    expect(bench.gateway.statistics).toMatchObject({ connectionsOpen: 2, connectionsOpened: 2 });
    one.post('get a');
    one.close();
    one.close();
    bench.answerAll(echo);
    bench.network.settle();
    expect(one.socket.text).toBe('');
    expect(bench.gateway.statistics.connectionsOpen).toBe(1);
    expect(two.call('client list').match(/id=/g)).toHaveLength(1);
    one.raw(latin1Bytes('PING\r\n'));
    bench.network.settle();
    expect(one.socket.text).toBe('');
  });

  it('can be listed with the time since their last command, and killed', () => {
    const bench = new GatewayBench();
    bench.answerAll(echo);
    const [one, two] = [bench.client(), bench.client()];
    one.call('ping');
    bench.time.advance(3000);
    const list = two.call('client list');
    expect(list).toMatch(new RegExp(`id=${one.session.id} .*idle=3 `));
    expect(list).toMatch(new RegExp(`id=${two.session.id} .*idle=0 `));
    expect(two.call(`client kill id ${one.session.id}`)).toBe(':1\r\n');
    expect(one.socket.isDestroyed).toBe(true);
    expect(bench.gateway.statistics.connectionsOpen).toBe(1);
    expect(two.call(`client kill id ${two.session.id} skipme no`)).toBe(':1\r\n');
    expect(two.socket.isEnded).toBe(true);
  });

  describe('with CLIENT REPLY', () => {
    it('off get nothing until it is on again', () => {
      const bench = new GatewayBench();
      bench.answerAll(echo);
      const client = bench.client();
      expect(client.call('client reply off', 'get a', 'ping', 'nonsense', 'get', 'set a 1')).toBe('');
      expect(bench.nodes.get('s1')?.received.length ?? 0).toBeLessThanOrEqual(2);
      expect(client.session.unanswered).toBe(0);
      expect(client.call('get a', 'client reply on', 'get b')).toBe(`+OK\r\n${bulk('b')}`);
    });

    it.each(['get a', 'ping', 'nonsense', 'get'])('skip get nothing for %j and everything after it', (skipped) => {
      const bench = new GatewayBench();
      bench.answerAll(echo);
      const client = bench.client();
      expect(client.call('client reply skip', skipped, 'get b', 'ping')).toBe(`${bulk('b')}+PONG\r\n`);
    });

    it('off are still told of a protocol error', () => {
      const bench = new GatewayBench();
      const client = bench.client();
      client.call('client reply off');
      client.raw(latin1Bytes('*x\r\n'));
      bench.network.settle();
      expect(client.socket.take()).toMatch(/^-ERR Protocol error/);
      expect(client.socket.isEnded).toBe(true);
    });
  });

  it('close a connection that speaks HTTP, and execute nothing of it', () => {
    const bench = new GatewayBench();
    bench.answerAll(echo);
    for (const request of ['POST / HTTP/1.1', 'GET / HTTP/1.1\r\nhOST: localhost']) {
      const client = bench.client();
      client.raw(latin1Bytes(`${request}\r\nset a 1\r\n`));
      bench.network.settle();
      expect(client.socket.take()).not.toContain('set');
      expect(client.socket.isEnded).toBe(true);
    }
  });

  it('are the default user, whatever its password, where none is configured', () => {
    const bench = new GatewayBench();
    expect(bench.client().call('auth default x')).toBe('+OK\r\n');
    expect(bench.client().call('auth nobody x')).toMatch(/^-WRONGPASS/);
    expect(bench.client().call('auth x')).toMatch(/^-ERR AUTH <password> called without any password configured/);
  });

  describe('with a password', () => {
    const users = new Map([['default', 'secret']]);

    it('must authenticate first', () => {
      const bench = new GatewayBench({ users });
      bench.answerAll(echo);
      const client = bench.client();
      expect(client.call('get a', 'client list', 'auth wrong', 'auth secretx', 'get a')).toMatch(
        /^-NOAUTH [^\r]*\r\n-NOAUTH [^\r]*\r\n-WRONGPASS [^\r]*\r\n-WRONGPASS [^\r]*\r\n-NOAUTH [^\r]*\r\n$/,
      );
      expect(client.call('auth secret', 'get a')).toBe(`+OK\r\n${bulk('a')}`);
      expect(bench.client().call('hello 3 auth default secret', 'get a')).toContain(bulk('a'));
      expect(bench.client().call('auth nobody secret')).toMatch(/^-WRONGPASS/);
    });

    it('need it again after RESET', () => {
      const bench = new GatewayBench({ users });
      const client = bench.client();
      client.call('auth secret', 'select 3', 'client setname me', 'hello 3');
      expect(client.call('reset')).toBe('+RESET\r\n');
      expect(client.call('get a')).toMatch(/^-NOAUTH/);
      expect(client.session).toMatchObject({ database: 0, name: '', protocol: 2, authenticated: false });
    });
  });

  it('choose protocol, database and store, and operations carry them', () => {
    const bench = new GatewayBench();
    bench.stores.push({ ...bench.stores[0], id: 4, name: 'sessions' });
    bench.publishTable();
    bench.answerAll(echo);
    const client = bench.client();
    const last = (): Received => [...bench.nodes.values()].flatMap((node) => node.take())[0];
    client.call('get a');
    expect(last()).toMatchObject({
      database: 0,
      storeId: 0,
      flags: 0,
      tableVersion: 2,
      epoch: 1,
      generation: 0,
      deadlineMs: 2000,
    });
    client.call('hello 3', 'select 5', 'get a');
    expect(last()).toMatchObject({ database: 5, storeId: 0, flags: OPERATION_FLAGS.resp3 });
    expect(client.call('select sessions', 'get a')).toContain('+OK');
    expect(last()).toMatchObject({ storeId: 4 });
    expect(client.call('select nowhere')).toMatch(/^-ERR/);
    expect(client.call('reset', 'get a')).toContain('RESET');
    expect(last()).toMatchObject({ database: 0, storeId: 0, flags: 0 });
  });

  it('are refused unknown commands, wrong arities and long keys', () => {
    const bench = new GatewayBench();
    bench.answerAll(echo);
    const client = bench.client();
    const key = 'k'.repeat(65_537);
    expect(client.call('nonsense', 'get', ['get', key], 'client', 'mset a')).toMatch(
      /^-ERR unknown command[^\r]*\r\n-ERR wrong number[^\r]*\r\n-ERR key exceeds 65536 bytes\r\n-ERR wrong number[^\r]*\r\n-ERR wrong number[^\r]*\r\n$/,
    );
    expect(client.call(['mset', 'a', '1', key, '2'], ['mget', 'a', key], ['rename', 'a', key])).toMatch(
      /^(-ERR key exceeds 65536 bytes\r\n){3}$/,
    );
    expect([...bench.nodes.values()].flatMap((node) => node.received)).toEqual([]);
  });
});

describe('clients that ask for too much', () => {
  it('are not read beyond the bound of a pipeline, and go on when half is answered', () => {
    const bench = new GatewayBench({ nodes: ['s1'], maxPipelinedCommands: 4 });
    const node = bench.node();
    const client = bench.client();
    client.post(...Array.from({ length: 10 }, (_, i) => `get k${i}`));
    bench.network.settle();
    expect(node.received).toHaveLength(4);
    expect(client.socket.isPaused).toBe(true);
    client.post('get last');
    bench.network.settle();
    expect(node.received).toHaveLength(4);
    const held = node.take();
    node.reply(held[0], bulk('0'));
    bench.network.settle();
    expect(node.received).toHaveLength(0);
    node.reply(held[1], bulk('1'));
    bench.network.settle();
    expect(node.received).toHaveLength(2);
    bench.answerAll(echo);
    node.replyAll([...held.slice(2), ...node.take()].map((operation) => [operation, echo(operation)]));
    bench.network.settle();
    expect(client.socket.take()).toBe(
      `${bulk('0')}${bulk('1')}${Array.from({ length: 8 }, (_, i) => bulk(`k${i + 2}`)).join('')}${bulk('last')}`,
    );
    expect(client.socket.isPaused).toBe(false);
  });

  it('wait for each other when too many operations are in flight', () => {
    const bench = new GatewayBench({ nodes: ['s1'], maxInFlightOperations: 3 });
    const node = bench.node();
    const clients = [bench.client(), bench.client(), bench.client()];
    clients[0].post('get a1', 'get a2', 'get a3', 'get a4');
    clients[1].post('get b1', 'get b2');
    clients[2].post('get c1');
    bench.network.settle();
    expect(node.commands).toEqual(['get a1', 'get a2', 'get a3']);
    expect(clients.map(({ socket }) => socket.isPaused)).toEqual([true, true, true]);
    bench.answerAll(echo);
    node.replyAll(node.take().map((operation) => [operation, echo(operation)]));
    bench.network.settle();
    expect(clients.map(({ socket }) => socket.take())).toEqual([
      ['a1', 'a2', 'a3', 'a4'].map(bulk).join(''),
      ['b1', 'b2'].map(bulk).join(''),
      bulk('c1'),
    ]);
    expect(clients.map(({ socket }) => socket.isPaused)).toEqual([false, false, false]);
  });

  it('wait when too many bytes are in flight', () => {
    const bench = new GatewayBench({ nodes: ['s1'], linkCreditBytes: 10_000 });
    const node = bench.node();
    const [one, two] = [bench.client(), bench.client()];
    one.post(['set', 'a', 'x'.repeat(20_000)]);
    bench.network.settle();
    two.post('get b');
    bench.network.settle();
    expect(node.received).toHaveLength(1);
    expect(two.socket.isPaused).toBe(true);
    bench.answerAll(echo);
    node.reply(node.take()[0], '+OK\r\n');
    bench.network.settle();
    expect([one.socket.take(), two.socket.take()]).toEqual(['+OK\r\n', bulk('b')]);
  });

  it('go on after their operations have timed out, also those that want no replies', () => {
    const bench = new GatewayBench({ nodes: ['s1'], maxPipelinedCommands: 2, maxInFlightOperations: 4 });
    const node = bench.node();
    const [heard, silent] = [bench.client(), bench.client()];
    silent.post('client reply off', 'get s1', 'get s2', 'get s3');
    heard.post('get h1', 'get h2', 'get h3');
    bench.network.settle();
    expect(node.take()).toHaveLength(4);
    bench.answerAll(echo);
    bench.time.advance(2100);
    expect(heard.socket.take()).toMatch(/^(-TIMEOUT [^\r]*\r\n)?.*h/s);
    expect(node.commands).toContain('get h3');
    expect([heard.socket.isPaused, silent.socket.isPaused]).toEqual([false, false]);
    expect(silent.call('client reply on')).toBe('+OK\r\n');
  });

  it('are not read while they do not take their replies, and go on when they do', () => {
    const bench = new GatewayBench({ nodes: ['s1'], pauseClientOutputBytes: 1000 });
    bench.answerAll(() => bulk('x'.repeat(600)));
    const client = bench.client();
    client.socket.isSlow = true;
    client.call('get a', 'get b');
    client.post('get c', 'get d');
    bench.network.settle();
    expect(client.socket.isPaused).toBe(true);
    const { length } = bench.node().received;
    client.post('get e');
    bench.network.settle();
    expect(bench.node().received).toHaveLength(length);
    client.socket.queuedBytes = 0;
    client.socket.isSlow = false;
    bench.gateway.sockets.onDrain(client.session);
    bench.network.settle();
    expect(client.socket.isPaused).toBe(false);
    expect(bench.node().received).toHaveLength(5);
  });

  it('are closed when too many reply bytes wait for them', () => {
    const bench = new GatewayBench({ nodes: ['s1'], maxClientOutputBytes: 2000 });
    bench.answerAll(() => bulk('x'.repeat(1500)));
    const client = bench.client();
    client.socket.isSlow = true;
    client.call('get a');
    expect(client.socket.isDestroyed).toBe(false);
    client.call('get b');
    expect(client.socket.isDestroyed).toBe(true);
    expect(bench.gateway.statistics).toMatchObject({ slowClientsClosed: 1, connectionsOpen: 0 });
    expect(bench.logger.matching(/too many reply bytes/)).toHaveLength(1);
  });

  it('are closed when too many replies wait for an earlier one', () => {
    const bench = new GatewayBench({ maxClientOutputBytes: 2000 });
    const client = bench.client();
    bench.node('s2').answer = () => bulk('x'.repeat(1500));
    client.call(['get', bench.keyIn(0)], ['get', bench.keyIn(1)]);
    expect(client.socket.isDestroyed).toBe(false);
    client.call(['get', bench.keyIn(1)]);
    expect(client.socket.isDestroyed).toBe(true);
  });

  it('outlive 2^32 commands', () => {
    const bench = new GatewayBench();
    bench.answerAll(echo);
    const client = bench.client();
    Object.assign(client.session, { nextPosition: 0xfffffffe, headPosition: 0xfffffffe });
    expect(client.call('get a', 'ping', 'get b', 'ping', 'get c')).toBe(
      `${bulk('a')}+PONG\r\n${bulk('b')}+PONG\r\n${bulk('c')}`,
    );
    expect(client.session.unanswered).toBe(0);
    expect(client.call('quit')).toBe('+OK\r\n');
    expect(client.socket.isEnded).toBe(true);
  });
});
