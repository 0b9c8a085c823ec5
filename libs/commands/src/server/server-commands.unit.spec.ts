import { RespError } from '#libs/resp';
import { StorageBench } from '../testing/storage-bench.js';
import { decoded } from '../testing/decoded.js';
import { GatewayBench } from '../testing/gateway-bench.js';

let bench: GatewayBench;
beforeEach(() => {
  bench = new GatewayBench();
});

describe('COMMAND', () => {
  it('counts and lists what is no subcommand', () => {
    const { length } = bench.table.topLevel();
    expect(bench.run('COMMAND COUNT')).toBe(`:${length}\r\n`);
    expect(decoded(bench.run('COMMAND LIST'))).toHaveLength(length);
    expect(decoded(bench.run('COMMAND'))).toHaveLength(length);
    expect(bench.run('COMMAND INFO')).toBe(bench.run('COMMAND'));
    expect(decoded(bench.run('COMMAND DOCS'))).toHaveLength(length * 2);
  });

  it('filters the list', () => {
    expect(decoded(bench.run('COMMAND LIST FILTERBY PATTERN *ttl'))).toEqual(['ttl', 'pttl']);
    expect(decoded(bench.run('COMMAND LIST filterby aclcat ADMIN'))).toContain('config|set');
    expect(bench.run('COMMAND LIST FILTERBY MODULE x')).toBe('*0\r\n');
    expect(bench.run('COMMAND LIST FILTERBY ACLCAT nosuch')).toBe('*0\r\n');
    expect(bench.run('COMMAND LIST FILTERBY x y')).toBe('-ERR syntax error\r\n');
    expect(bench.run('COMMAND LIST x')).toBe('-ERR syntax error\r\n');
  });

  it('answers nil for unknown names in INFO and leaves them out of DOCS', () => {
    expect(bench.run('COMMAND INFO nosuch')).toBe('*1\r\n$-1\r\n');
    expect(bench.run(`COMMAND INFO ${'x'.repeat(10_000)}`)).toBe('*1\r\n$-1\r\n');
    expect(bench.run('COMMAND DOCS nosuch')).toBe('*0\r\n');
    bench.session.protocol = 3;
    expect(bench.run('COMMAND INFO nosuch')).toBe('*1\r\n_\r\n');
    expect(bench.run('COMMAND DOCS nosuch')).toBe('%0\r\n');
  });

  it('gives the keys of a full command', () => {
    expect(decoded(bench.run('COMMAND GETKEYS mset a b c d'))).toEqual(['a', 'c']);
    expect(decoded(bench.run('COMMAND GETKEYS hc.set k v'))).toEqual(['k']);
    expect(bench.run('COMMAND GETKEYS foo a')).toBe('-ERR Invalid command specified\r\n');
    expect(bench.run('COMMAND GETKEYS ping a')).toBe('-ERR The command has no key arguments\r\n');
    expect(bench.run('COMMAND GETKEYS get a b')).toBe('-ERR Invalid number of arguments specified for command\r\n');
    expect(bench.run('COMMAND HELP')).toMatch(/^\*15\r\n\+COMMAND <subcommand>/);
  });
});

describe('INFO', () => {
  it('has the default sections, or those that are named, in the order of the server', () => {
    const text = (line: string): string => String(decoded(bench.run(line)));
    expect(text('INFO')).toBe('# Server\r\nsection:server\r\n\r\n# Memory\r\nsection:memory\r\n');
    expect(text('INFO cpu SERVER')).toBe('# Server\r\nsection:server\r\n\r\n# CPU\r\nsection:CPU\r\n');
    expect(text('INFO default cpu')).toBe(text('INFO all'));
    expect(text('INFO everything')).toBe(text('INFO all'));
    expect(bench.run('INFO nosuch')).toBe('$0\r\n\r\n');
    bench.session.protocol = 3;
    expect(bench.run('INFO nosuch')).toBe('=4\r\ntxt:\r\n');
  });
});

describe('CONFIG', () => {
  it('GET matches names in any case, by any of several patterns', () => {
    expect(decoded(bench.run('CONFIG GET MAX*'))).toEqual(['maxmemory', '0', 'maxclients', '10000']);
    expect(decoded(bench.run('CONFIG GET maxmemory append*'))).toEqual(['maxmemory', '0', 'appendfsync', 'everysec']);
    expect(bench.run('CONFIG GET nosuch')).toBe('*0\r\n');
  });

  it('SET asks for all changes at once, and checks them first', () => {
    expect(bench.run('CONFIG SET maxmemory 5 MAXCLIENTS 6')).toBe('+OK\r\n');
    const asked = bench.changes.splice(0);
    expect(asked).toEqual([
      { type: 'ChangeSetting', path: 'maxmemory', value: '5' },
      { type: 'ChangeSetting', path: 'maxclients', value: '6' },
    ]);
    const failed = 'ERR CONFIG SET failed';
    expect(bench.run('CONFIG SET maxmemory 9 maxclients bad')).toBe(
      `-${failed} (possibly related to argument 'maxclients') - argument must be good\r\n`,
    );
    expect(bench.run('CONFIG SET maxmemory 1 maxmemory 2')).toBe(
      `-${failed} (possibly related to argument 'maxmemory') - duplicate parameter\r\n`,
    );
    expect(bench.run('CONFIG SET maxmemory 1 Foo 2')).toBe(
      "-ERR Unknown option or number of arguments for CONFIG SET - 'Foo'\r\n",
    );
    expect(bench.run('CONFIG SET maxmemory 1 maxclients')).toBe('-ERR syntax error\r\n');
    expect(bench.changes).toEqual([]);
  });

  it.each([
    ['unavailable', '-CLUSTERDOWN no coordinator\r\n'],
    ['timeout', '-TIMEOUT no coordinator\r\n'],
    ['full', '-ERR CONFIG SET failed - no coordinator\r\n'],
  ] as const)('SET says when the coordinator is %s', (code, reply) => {
    bench.outcome = { ok: false, code, reason: 'no coordinator' };
    expect(bench.run('CONFIG SET maxmemory 5')).toBe(reply);
  });

  it('RESETSTAT, REWRITE and HELP', () => {
    expect(bench.run('CONFIG RESETSTAT')).toBe('+OK\r\n');
    expect(bench.statisticsResets).toBe(1);
    expect(bench.commands).toEqual(['HC.RESETSTAT']);
    bench.value = new RespError('CLUSTERDOWN no reachable primary');
    expect(bench.run('CONFIG RESETSTAT')).toBe('-CLUSTERDOWN no reachable primary\r\n');
    expect(bench.statisticsResets).toBe(2);
    const storage = new StorageBench();
    expect(storage.run('HC.RESETSTAT')).toBe('+OK\r\n');
    expect(storage.statisticsResets).toBe(1);
    expect(bench.run('CONFIG REWRITE')).toBe('-ERR The server is running without a config file\r\n');
    bench.rewriteFault = undefined;
    expect(bench.run('CONFIG REWRITE')).toBe('+OK\r\n');
    expect(bench.run('CONFIG HELP')).toMatch(/^\*11\r\n\+CONFIG <subcommand>/);
  });
});

it('TIME has seconds and microseconds', () => {
  bench.nowMs = 1_700_000_000_042;
  expect(bench.run('TIME')).toBe('*2\r\n$10\r\n1700000000\r\n$5\r\n42007\r\n');
});
