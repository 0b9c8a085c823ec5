import { GatewayBench } from '../testing/gateway-bench.js';

describe('the leader among the coordinators', () => {
  it('is named with its term, in every mode', () => {
    const bench = new GatewayBench();
    bench.leader = { nodeId: 'c2', host: '10.0.0.2', raftId: 4294967295, term: 7 };
    expect(bench.run('CLUSTER LEADER')).toBe(
      '*8\r\n$2\r\nid\r\n$2\r\nc2\r\n$4\r\nhost\r\n$8\r\n10.0.0.2\r\n$7\r\nraft-id\r\n:4294967295\r\n$4\r\nterm\r\n:7\r\n',
    );
    expect(bench.run('CLUSTER EPOCH')).toMatch(
      /\$4\r\nterm\r\n:7\r\n.*table-version\r\n:4\r\n.*partition-epoch\r\n:9\r\n$/s,
    );
  });

  it('is nobody while none is known', () => {
    const bench = new GatewayBench();
    expect(bench.run('CLUSTER LEADER')).toBe('$-1\r\n');
    expect(bench.run('CLUSTER EPOCH')).toMatch(/\$4\r\nterm\r\n:0\r\n/);
  });
});
