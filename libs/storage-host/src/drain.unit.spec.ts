import { type ClusterTable, decodeHeartbeat, encodeClusterTable, type NodeStatus } from '#libs/cluster';
import { StorageBench, SUBJECTS } from './storage-bench.support.spec.js';

/** Node s1, which owns everything, and s2; the test is their coordinator. */
function twoNodes(drainTimeoutMs = 30_000) {
  const bench = new StorageBench(2);
  const s1 = bench.node('s1', { drainTimeoutMs });
  bench.node('s2');
  const states: string[] = [];
  bench.coordinator.subscribe(SUBJECTS.heartbeat, ({ payload }) => {
    const { nodeId, state } = decodeHeartbeat(payload);
    if (nodeId === 's1') states.push(state);
  });
  const publish = (statuses: Partial<Record<string, NodeStatus>> = {}): void => {
    const table = bench.makeTable();
    const nodes = table.nodes.map((node) => ({ ...node, status: statuses[node.nodeId] ?? 'up' }));
    bench.coordinator.publish(SUBJECTS.table, encodeClusterTable({ ...table, nodes } satisfies ClusterTable));
    bench.network.settle();
  };
  publish();
  let isDrained = false;
  return {
    bench,
    s1,
    states,
    publish,
    drain: () => {
      s1.drain(() => (isDrained = true));
      bench.network.settle();
    },
    isDrained: () => isDrained,
  };
}

describe('a storage node that drains', () => {
  it('says so, serves on, and is done once others own everything', () => {
    const { bench, states, publish, drain, isDrained } = twoNodes();
    const gateway = bench.gateway('s1');
    drain();
    expect(states.at(-1)).toBe('draining');
    publish({ s1: 'draining' });
    bench.time.advance(5_000);
    expect(gateway.call(['set', bench.keyIn(0), 'v'])).toEqual(['+OK\r\n']);
    bench.plan(0, { owner: 's2', epoch: 2 });
    publish({ s1: 'draining' });
    expect(isDrained()).toBe(false);
    bench.plan(1, { owner: 's2', epoch: 2 });
    publish({ s1: 'draining' });
    expect(isDrained()).toBe(true);
  });

  it.each(['draining', 'left', 'down', 'suspect'] as const)('does not wait where all others are %s', (status) => {
    const { publish, drain, isDrained } = twoNodes();
    drain();
    publish({ s1: 'draining' });
    expect(isDrained()).toBe(false);
    publish({ s1: 'draining', s2: status });
    expect(isDrained()).toBe(true);
  });

  it('gives up where no coordinator hears it, or when its time is over', () => {
    const unheard = twoNodes();
    unheard.drain();
    unheard.bench.time.advance(2_900);
    expect(unheard.isDrained()).toBe(false);
    unheard.bench.time.advance(200);
    expect(unheard.isDrained()).toBe(true);
    expect(unheard.bench.logger.matching(/2 partitions go with this node: no coordinator answers/)).toHaveLength(1);
    const slow = twoNodes(10_000);
    slow.drain();
    slow.publish({ s1: 'draining' });
    slow.bench.time.advance(9_900);
    expect(slow.isDrained()).toBe(false);
    slow.bench.time.advance(200);
    expect(slow.isDrained()).toBe(true);
  });

  it('does not wait at all where it may not, or owns nothing', () => {
    const { drain, isDrained } = twoNodes(0);
    drain();
    expect(isDrained()).toBe(true);
    const empty = new StorageBench(2);
    empty.node('s1');
    const s2 = empty.node('s2');
    empty.publishTable();
    let isDone = false;
    s2.drain(() => (isDone = true));
    expect(isDone).toBe(true);
  });
});
