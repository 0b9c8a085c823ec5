import { GatewayBench, gatewayNode } from '../testing/gateway-bench.js';

const DISABLED = '-ERR This instance has cluster support disabled\r\n';
const A = gatewayNode('a', { isSelf: true });
const B = gatewayNode('b', { host: '10.0.0.2', state: 'suspect' });
const ID_A = `$40\r\n${A.redisId}\r\n`;
const ID_B = `$40\r\n${B.redisId}\r\n`;

let bench: GatewayBench;
beforeEach(() => {
  bench = new GatewayBench();
  bench.nodes = [A, B, gatewayNode('c', { state: 'down' }), gatewayNode('s', { role: 'storage-node' })];
  bench.ranges = [
    { first: 0, last: 99, gateway: A, otherGateways: [B] },
    { first: 100, last: 100, gateway: B, otherGateways: [] },
    { first: 101, last: 16383, gateway: A, otherGateways: [] },
  ];
});

describe('CLUSTER', () => {
  it('tells plain clients that there is no Redis Cluster, but knows slots in every mode', () => {
    for (const name of ['INFO', 'SLOTS', 'SHARDS', 'NODES', 'MYID'])
      expect(bench.run(`CLUSTER ${name}`)).toBe(DISABLED);
    expect(bench.run('CLUSTER KEYSLOT foo')).toBe(':12182\r\n');
    expect(bench.run('CLUSTER KEYSLOT {foo}bar')).toBe(':12182\r\n');
    expect(bench.run('CLUSTER HELP')).toMatch(/^\*33\r\n\+CLUSTER <subcommand>/);
  });

  it('SLOTS gives each range with the gateways to ask', () => {
    bench.mode = 'cluster';
    const nodeA = `*4\r\n$8\r\n10.0.0.1\r\n:6379\r\n${ID_A}*0\r\n`;
    const nodeB = `*4\r\n$8\r\n10.0.0.2\r\n:6379\r\n${ID_B}*0\r\n`;
    expect(bench.run('CLUSTER SLOTS')).toBe(
      `*3\r\n*4\r\n:0\r\n:99\r\n${nodeA}${nodeB}*3\r\n:100\r\n:100\r\n${nodeB}*3\r\n:101\r\n:16383\r\n${nodeA}`,
    );
    bench.session.protocol = 3;
    expect(bench.run('CLUSTER SLOTS')).toContain(`${ID_A}%0\r\n`);
  });

  it('SHARDS gives each gateway once, with all its ranges', () => {
    bench.mode = 'cluster';
    const reply = bench.run('CLUSTER SHARDS');
    expect(reply).toMatch(
      /^\*2\r\n\*4\r\n\$5\r\nslots\r\n\*4\r\n:0\r\n:99\r\n:101\r\n:16383\r\n\$5\r\nnodes\r\n\*1\r\n\*14\r\n/,
    );
    expect(reply.match(/\$2\r\nid\r\n/g)).toHaveLength(2);
    expect(reply.match(/\$6\r\nonline\r\n/g)).toHaveLength(2);
    expect(reply).toContain(ID_B);
  });

  it('NODES has a line for each gateway', () => {
    bench.mode = 'cluster';
    const reply = bench.run('CLUSTER NODES');
    expect(reply.split('\r\n')[1]).toBe(
      `${A.redisId} 10.0.0.1:6379@0 myself,master - 0 0 9 connected 0-99 101-16383\n` +
        `${B.redisId} 10.0.0.2:6379@0 master,fail? - 0 0 9 connected 100\n` +
        `${'c'.padEnd(40, '0')} 10.0.0.1:6379@0 master,fail - 0 0 9 disconnected\n`,
    );
  });

  it('NODES and INFO tell of members that are configured and have not joined', () => {
    bench.mode = 'cluster';
    bench.absent = [{ id: 'x', redisId: 'e'.repeat(40) }];
    expect(bench.run('CLUSTER NODES')).toContain(`${'e'.repeat(40)} :0@0 handshake,noaddr - 0 0 0 disconnected\n`);
    expect(bench.run('CLUSTER INFO')).toContain('hypercache_absent_members:1\r\n');
    bench.absent = [];
  });

  it('RING tells in every mode how evenly partitions lie', () => {
    expect(bench.run('CLUSTER RING')).toMatch(/^-CLUSTERDOWN /);
    bench.replication = { wanted: 3, possible: 2, shortage: 'too few', underReplicated: 2, changing: 1 };
    const node = { id: 's', zone: 'z', weight: 1, state: 'up', primaries: 3, share: 8 / 3, movesPending: 1 };
    bench.ring = {
      tableVersion: 4,
      partitions: 8,
      copies: 8,
      unowned: 0,
      loadFactor: 1.125,
      standardDeviation: 1 / 3,
      maxDeviation: 0.125,
      movesActive: 0,
      movesPending: 1,
      nodes: [{ ...node, partitions: 3, deviation: 0.125 }],
    };
    expect(bench.run('CLUSTER RING')).toBe(
      '*24\r\n$13\r\ntable-version\r\n:4\r\n$10\r\npartitions\r\n:8\r\n$6\r\ncopies\r\n:8\r\n$7\r\nunowned\r\n:0\r\n' +
        '$16\r\nunder-replicated\r\n:2\r\n$15\r\nchanging-owners\r\n:1\r\n' +
        '$11\r\nload-factor\r\n$5\r\n1.125\r\n$18\r\nstandard-deviation\r\n$5\r\n0.333\r\n' +
        '$21\r\nmax-deviation-percent\r\n$4\r\n12.5\r\n$12\r\nmoves-active\r\n:0\r\n$13\r\nmoves-pending\r\n:1\r\n' +
        '$5\r\nnodes\r\n*1\r\n*18\r\n$2\r\nid\r\n$1\r\ns\r\n$4\r\nzone\r\n$1\r\nz\r\n$6\r\nweight\r\n:1\r\n' +
        '$5\r\nstate\r\n$2\r\nup\r\n$10\r\npartitions\r\n:3\r\n$9\r\nprimaries\r\n:3\r\n$5\r\nshare\r\n$5\r\n2.667\r\n' +
        '$17\r\ndeviation-percent\r\n$4\r\n12.5\r\n$13\r\nmoves-pending\r\n:1\r\n',
    );
    bench.session.protocol = 3;
    const reply = bench.run('CLUSTER RING');
    expect(reply).toMatch(/^%12\r\n/);
    expect(reply).toContain('$5\r\nshare\r\n,2.667\r\n');
  });

  it('INFO and MYID', () => {
    bench.mode = 'cluster';
    const reply = bench.run('CLUSTER INFO');
    expect(reply).toContain('cluster_state:ok\r\ncluster_slots_assigned:16384\r\n');
    expect(reply).toContain(
      'cluster_slots_fail:0\r\ncluster_known_nodes:4\r\ncluster_size:3\r\ncluster_current_epoch:9\r\n',
    );
    expect(reply).toContain('hypercache_partitions:256\r\n');
    expect(reply).not.toContain('hypercache_copies');
    bench.replication = { wanted: 3, possible: 2, shortage: 'too few', underReplicated: 8, changing: 1 };
    expect(bench.run('CLUSTER INFO')).toContain(
      'hypercache_copies_wanted:3\r\nhypercache_copies_possible:2\r\nhypercache_copies_shortage:too few\r\n' +
        'hypercache_partitions_under_replicated:8\r\nhypercache_partitions_changing_owners:1\r\n',
    );
    bench.servedSlots = 16384 - 64;
    expect(bench.run('CLUSTER INFO')).toContain(
      'cluster_slots_assigned:16384\r\ncluster_slots_ok:16320\r\ncluster_slots_pfail:0\r\ncluster_slots_fail:64\r\n',
    );
    expect(bench.run('CLUSTER MYID')).toBe(ID_A);
  });
});

it('READONLY, READWRITE and ASKING are accepted', () => {
  for (const line of ['READONLY', 'READWRITE', 'ASKING']) expect(bench.run(line)).toBe('+OK\r\n');
});
