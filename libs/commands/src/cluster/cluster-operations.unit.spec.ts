import { noticeOf } from '#libs/cluster';
import { GatewayBench } from '../testing/gateway-bench.js';

let bench: GatewayBench;
beforeEach(() => {
  bench = new GatewayBench();
});

describe('commands that change who owns what', () => {
  it.each([
    ['CLUSTER DRAIN st1', { type: 'DrainNode', nodeId: 'st1' }],
    ['cluster drain st1 undo', { type: 'UndrainNode', nodeId: 'st1' }],
    ['CLUSTER FORGET st1', { type: 'ForgetNode', nodeId: 'st1' }],
    ['CLUSTER FAILOVER 7', { type: 'MovePrimary', partition: 7, target: '' }],
    ['CLUSTER FAILOVER 7 st2', { type: 'MovePrimary', partition: 7, target: 'st2' }],
    ['CLUSTER FAILOVER st1', { type: 'DrainNode', nodeId: 'st1' }],
    ['CLUSTER REBALANCE', { type: 'Rebalance' }],
    ['CLUSTER REBALANCE stop', { type: 'CancelMoves', nodeId: '' }],
  ])('%s', (line, change) => {
    expect(bench.run(line)).toBe('+OK\r\n');
    expect(bench.changes).toEqual([change]);
  });

  it.each([
    ['CLUSTER DRAIN st1 x', 'ERR CLUSTER DRAIN: after the node nothing but UNDO may follow'],
    ['CLUSTER DRAIN st1 undo x', 'ERR CLUSTER DRAIN: after the node nothing but UNDO may follow'],
    ['CLUSTER FAILOVER st1 st2', 'ERR CLUSTER FAILOVER: give a partition and the node to take it, or one node alone'],
    ['CLUSTER FAILOVER 1 st2 x', 'ERR CLUSTER FAILOVER: give a partition and the node to take it, or one node alone'],
    ['CLUSTER REBALANCE now', 'ERR CLUSTER REBALANCE: nothing but STOP may follow'],
    ['CLUSTER DRAIN', "ERR wrong number of arguments for 'cluster|drain' command"],
  ])('%s is refused', (line, error) => {
    expect(bench.run(line)).toBe(`-${error}\r\n`);
    expect(bench.changes).toEqual([]);
  });

  it('say why the coordinator refuses', () => {
    bench.outcome = { ok: false, code: 'conflict', reason: '"st1" is up: stop its process first' };
    expect(bench.run('CLUSTER FORGET st1')).toBe('-ERR "st1" is up: stop its process first\r\n');
    bench.outcome = { ok: false, code: 'no-quorum', reason: 'no quorum' };
    expect(bench.run('CLUSTER REBALANCE')).toBe('-CLUSTERDOWN no quorum\r\n');
  });
});

describe('CLUSTER MOVES', () => {
  it('lists what is on its way', () => {
    expect(bench.run('CLUSTER MOVES')).toBe('*0\r\n');
    bench.session.protocol = 3;
    const move = {
      partition: 7,
      source: 'a',
      target: 'b',
      replaces: 'c',
      bytesCopied: 9,
      sinceMs: 1_000,
      state: 'copying' as const,
    };
    bench.moves = [move];
    expect(bench.run('CLUSTER MOVES')).toBe(
      '*1\r\n%7\r\n$9\r\npartition\r\n:7\r\n$4\r\nfrom\r\n$1\r\na\r\n$2\r\nto\r\n$1\r\nb\r\n' +
        '$8\r\nreplaces\r\n$1\r\nc\r\n$5\r\nbytes\r\n:9\r\n$8\r\nsince_ms\r\n:1000\r\n$5\r\nstate\r\n$7\r\ncopying\r\n',
    );
  });
});

describe('CLUSTER EVENTS', () => {
  it('asks for the newest, or from an index on', () => {
    bench.run('CLUSTER EVENTS');
    bench.run('CLUSTER EVENTS count 5 since 12');
    expect(bench.eventRequests).toEqual([
      { since: 0, limit: 20 },
      { since: 12, limit: 5 },
    ]);
  });

  it('writes each event with its fields', () => {
    const notice = noticeOf({ type: 'SettingChanged', path: 'a', value: 'ä', requestId: '' }, 9, 1_234);
    bench.eventsOutcome = { ok: true, firstIndex: 1, lastIndex: 9, notices: [notice] };
    bench.session.protocol = 3;
    expect(bench.run('CLUSTER EVENTS')).toBe(
      '%3\r\n$11\r\nfirst_index\r\n:1\r\n$10\r\nlast_index\r\n:9\r\n$6\r\nevents\r\n*1\r\n' +
        '%4\r\n$5\r\nindex\r\n:9\r\n$7\r\ntime_ms\r\n:1234\r\n$4\r\nname\r\n$14\r\nSettingChanged\r\n' +
        '$6\r\nfields\r\n%2\r\n$4\r\npath\r\n$1\r\na\r\n$5\r\nvalue\r\n$2\r\nÃ¤\r\n',
    );
  });

  it.each([
    ['CLUSTER EVENTS since', 'SINCE is from 0 to 9007199254740991'],
    ['CLUSTER EVENTS since -1', 'SINCE is from 0 to 9007199254740991'],
    ['CLUSTER EVENTS count 0', 'COUNT is from 1 to 1000'],
    ['CLUSTER EVENTS count 1001', 'COUNT is from 1 to 1000'],
    ['CLUSTER EVENTS last 5', 'use SINCE index and COUNT n'],
  ])('%s is refused', (line, error) => {
    expect(bench.run(line)).toBe(`-ERR CLUSTER EVENTS: ${error}\r\n`);
  });

  it('says so where no coordinator answers', () => {
    expect(bench.run('CLUSTER EVENTS')).toBe('-CLUSTERDOWN no coordinator is reachable; ask again\r\n');
  });
});
