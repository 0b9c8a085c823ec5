import {
  decodeEpochReportsReply,
  encodeEpochReports,
  type ClusterTable,
  type EpochReports,
  type EpochReportsReply,
  type TableNode,
} from '#libs/cluster';
import { ReplicatingWorld, SUBJECTS } from './replicating-nodes.support.spec.js';

const THREE = ['s1', 's2', 's3'];

/** Three storage nodes, three copies, everything served. */
function settled(ids: readonly string[] = THREE, replicas = 3): ReplicatingWorld {
  const world = new ReplicatingWorld(replicas, ids);
  world.runUntil(() => world.isSettled, 5_000);
  world.run(2_000);
  return world;
}

const ledBy = ({ nodes, partitions }: ClusterTable, nodeId: string): number[] =>
  partitions.flatMap(({ primary }, number) => (nodes[primary].nodeId === nodeId ? [number] : []));
const statusOf = ({ nodes }: ClusterTable, id: string): string | undefined =>
  nodes.find(({ nodeId }) => nodeId === id)?.status;

describe('a cluster of several copies', () => {
  it('forms with as many owners as stores ask for, and primaries spread evenly', () => {
    const world = settled();
    expect(world.table.partitions.every(({ owners, primary }) => owners.length === 3 && primary === owners[0])).toBe(
      true,
    );
    expect(Object.values(world.primaries()).toSorted()).toEqual([21, 21, 22]);
    expect(world.logger.matching(/stores ask for/)).toBe(0);
  });

  it('warns once where there are too few storage nodes, and gets its copies when more come', () => {
    const world = settled(['s1', 's2']);
    expect(world.logger.matching(/stores ask for 3 copies, and there can be 2: storage nodes that may hold/)).toBe(1);
    expect(world.copies()).toEqual({ s1: 64, s2: 64 });
    world.add('s3');
    world.runUntil(() => world.copies()['s3'] === 64, 60_000);
    world.runUntil(() => world.isSettled && Object.values(world.primaries()).every((count) => count >= 20), 60_000);
    expect(world.logger.matching(/there can be as many copies/)).toBe(1);
  });
});

describe('the death of a storage node', () => {
  it('gives its partitions other primaries in the table that declares it down', () => {
    const world = settled();
    const lost = ledBy(world.table, 's1');
    world.node('s1').kill();
    let down: ClusterTable | undefined;
    world.onTable = (table) => {
      if (statusOf(table, 's1') === 'down') down ??= table;
    };
    world.runUntil(() => down !== undefined, 5_000);
    expect(ledBy(down as ClusterTable, 's1')).toEqual([]);
    const shares = ['s2', 's3'].map((id) => ledBy(down as ClusterTable, id).length);
    expect(Math.abs(shares[0] - shares[1])).toBeLessThanOrEqual(1);
    for (const partition of lost) expect(down?.partitions[partition].epoch).toBe(2);
    expect(world.runUntil(() => world.isServed, 2_000)).toBeLessThan(1_000);
    expect(world.host.counters.failovers).toBe(lost.length);
  });

  it('gives them back once it has caught up, a few at a time', () => {
    const world = settled();
    world.node('s1').kill();
    world.runUntil(() => world.isServed && world.primaries()['s1'] === undefined, 6_000);
    world.node('s1').restart();
    world.node('s1').lagsForEver = true;
    world.run(10_000);
    expect(world.primaries()['s1']).toBeUndefined();
    expect(statusOf(world.table, 's1')).toBe('up');
    world.node('s1').lagsForEver = false;
    let most = 0;
    world.onTable = (table) => {
      const unserved = ledBy(table, 's1').filter((partition) => !world.node('s1').serves(partition)).length;
      most = Math.max(most, unserved);
    };
    world.runUntil(() => world.isServed && (world.primaries()['s1'] ?? 0) >= 20, 60_000);
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(8);
    expect(world.copies()).toEqual({ s1: 64, s2: 64, s3: 64 });
  });

  it('lets its owners keep their places for a while, then gives them to a spare node', () => {
    const world = settled(['s1', 's2', 's3', 's4']);
    const before = world.copies();
    world.node('s4').kill();
    world.run(50_000);
    expect(world.copies()).toEqual(before);
    world.runUntil(() => world.copies()['s4'] === undefined, 60_000);
    world.runUntil(() => world.table.nodes.every(({ nodeId }) => nodeId !== 's4'), 20_000);
    expect(world.copies()).toEqual({ s1: 64, s2: 64, s3: 64 });
    expect(world.isServed).toBe(true);
  });

  it('stops nobody who is left of two owners, and is over once the node is forgotten', () => {
    const world = settled(['s1', 's2', 's3', 's4'], 2);
    world.node('s4').kill();
    world.run(90_000);
    const s4 = world.table.nodes.findIndex(({ nodeId }) => nodeId === 's4');
    const orphans = world.table.partitions.filter(
      ({ owners, primary }) => owners.includes(s4) && primary !== owners[0],
    );
    expect(world.copies()['s4']).toBe(32);
    const served = world.table.partitions.filter(({ primary }, i) =>
      world.node(world.table.nodes[primary].nodeId).serves(i),
    );
    // Of its two owners one is no majority, so nobody else becomes primary.
    expect(served.length).toBe(64 - orphans.length);
    expect(world.change({ type: 'ForgetNode', nodeId: 's4' })).toBe(true);
    world.runUntil(() => world.isSettled && Object.values(world.copies()).every((count) => count >= 42), 120_000);
  });

  it('does not take its places away where nobody can take them', () => {
    const world = settled();
    world.node('s3').kill();
    world.run(120_000);
    expect(world.copies()).toEqual({ s1: 64, s2: 64, s3: 64 });
    expect(world.isServed).toBe(true);
  });

  it('is noticed in a new process of its, which is not primary under the old epochs', () => {
    const world = settled();
    const lost = ledBy(world.table, 's2');
    const epochs = world.table.partitions.map(({ epoch }) => epoch);
    world.node('s2').restart();
    world.run(600);
    for (const partition of lost) expect(world.table.partitions[partition].epoch).toBe(epochs[partition] + 1);
    expect(ledBy(world.table, 's2')).toEqual([]);
  });
});

describe('an outage of the bus', () => {
  it('promotes nobody while most storage nodes are not heard, and nobody after they are back', () => {
    const world = settled(['s1', 's2', 's3', 's4', 's5']);
    const before = world.table.partitions;
    for (const id of ['s1', 's2', 's3']) world.node(id).isCutOff = true;
    world.run(12_000);
    expect(['s1', 's2', 's3'].map((id) => statusOf(world.table, id))).toEqual(['down', 'down', 'down']);
    expect(world.table.partitions).toEqual(before);
    for (const id of ['s1', 's2', 's3']) world.node(id).reconnect();
    world.run(20_000);
    expect(world.table.partitions).toEqual(before);
    expect(world.host.counters.failovers).toBe(0);
  });

  it('is made up for once most are heard again', () => {
    const world = settled(['s1', 's2', 's3', 's4', 's5']);
    for (const id of ['s1', 's2', 's3']) world.node(id).isCutOff = true;
    world.run(12_000);
    for (const id of ['s1', 's2']) world.node(id).reconnect();
    world.runUntil(() => ledBy(world.table, 's3').length === 0, 30_000);
    expect(statusOf(world.table, 's3')).toBe('down');
  });
});

describe('a candidate that cannot begin', () => {
  it('is followed by the next one at once, which serves', () => {
    const world = settled();
    const [partition] = ledBy(world.table, 's1');
    for (const id of ['s2', 's3']) world.node(id).failing.set(partition, 'no-tail');
    world.node('s1').kill();
    world.runUntil(() => world.table.partitions[partition].epoch >= 3, 6_000);
    const first = world.table.nodes[world.table.partitions[partition].primary].nodeId;
    world.node(first).failing.clear();
    world.runUntil(() => world.isServed, 2_000);
    expect(world.host.counters.failedPromotions).toBeGreaterThan(0);
  });

  it('costs less and less where nobody can, and is tried again for ever', () => {
    const world = settled();
    const [partition] = ledBy(world.table, 's1');
    const epochOf = (): number => world.table.partitions[partition].epoch;
    for (const id of ['s2', 's3']) world.node(id).failing.set(partition, 'not-started');
    world.node('s1').kill();
    world.run(60_000);
    const epochs = epochOf();
    expect(epochs).toBeGreaterThan(5);
    expect(epochs).toBeLessThan(15);
    world.run(60_000);
    expect(epochOf() - epochs).toBeLessThanOrEqual(5);
    world.node('s2').failing.clear();
    world.node('s3').failing.clear();
    world.runUntil(() => world.isServed, 40_000);
  });

  it('is not even looked for where one of two storage nodes is left', () => {
    const world = settled(['s1', 's2'], 2);
    world.node('s1').kill();
    world.run(10_000);
    expect(world.host.counters.failovers).toBe(0);
    world.node('s1').restart();
    world.runUntil(() => world.isServed, 10_000);
  });
});

describe('a report of epochs', () => {
  function answer(world: ReplicatingWorld, change: Partial<EpochReports>): EpochReportsReply | undefined {
    const { clusterId, nodes } = world.table;
    const { nodeId, incarnation } = nodes.find(({ role }) => role === 'storage-node') as TableNode;
    const reports = { clusterId, nodeId, incarnation, served: [], failed: [], ...change };
    world.bus.deliver(SUBJECTS.epochReports, encodeEpochReports(reports), 'answer');
    world.time.advance(0);
    return world.bus.payloadsOf('answer').map(decodeEpochReportsReply).at(-1);
  }

  it('is answered with the table that carries what follows from it', () => {
    const world = settled();
    const { tableVersion } = world.table;
    expect(answer(world, { served: [{ partition: 0, epoch: 99 }] })).toEqual({ tableVersion });
  });

  it('is not answered where it is from another process, or about another cluster', () => {
    const world = settled();
    expect(answer(world, { incarnation: 5 })).toBeUndefined();
    expect(answer(world, { clusterId: 'other' })).toBeUndefined();
  });

  it('of a failure counts only from the candidate, in its epoch', () => {
    const world = settled();
    const [partition] = ledBy(world.table, 's2');
    answer(world, { failed: [{ partition, epoch: 1, reason: 'spent' }] });
    answer(world, { failed: [{ partition: 9999, epoch: 1, reason: 'spent' }] });
    const [own] = ledBy(world.table, 's1');
    answer(world, { failed: [{ partition: own, epoch: 7, reason: 'spent' }] });
    expect(world.host.counters.failedPromotions).toBe(0);
    answer(world, { failed: [{ partition: own, epoch: 1, reason: 'spent' }] });
    expect(world.host.counters.failedPromotions).toBe(1);
    world.run(200);
    expect(world.table.partitions[own].epoch).toBe(2);
  });
});

describe('a failover by hand', () => {
  it('moves a primary to an owner without data, and stays', () => {
    const world = settled();
    const [partition] = ledBy(world.table, 's1');
    expect(world.change({ type: 'MovePrimary', partition, target: 's2' })).toBe(true);
    world.run(10_000);
    expect(ledBy(world.table, 's2')).toContain(partition);
    expect(world.host.counters).toMatchObject({ movesStarted: 0, handBacks: 0 });
    expect(world.isServed).toBe(true);
  });
});

describe('draining', () => {
  it('leaves nothing at a node, not even a vote', () => {
    const world = settled(['s1', 's2', 's3', 's4']);
    expect(world.change({ type: 'DrainNode', nodeId: 's1' })).toBe(true);
    world.runUntil(() => world.host.agreed.draining.get('s1') === true, 120_000);
    expect(world.copies()).toEqual({ s2: 64, s3: 64, s4: 64 });
    const s1 = world.table.nodes.findIndex(({ nodeId }) => nodeId === 's1');
    expect(world.table.partitions.some(({ outgoing }) => outgoing.includes(s1))).toBe(false);
  });

  it('goes on with fewer copies where there are too few others', () => {
    const world = settled();
    world.change({ type: 'DrainNode', nodeId: 's1' });
    world.runUntil(() => world.host.agreed.draining.get('s1') === true, 120_000);
    world.runUntil(() => world.isSettled, 5_000);
    expect(world.copies()).toEqual({ s2: 64, s3: 64 });
  });
});

describe('a factor that changes', () => {
  it('adds and takes away the last owners', () => {
    const world = settled(['s1', 's2', 's3', 's4'], 1);
    const alter = (replicas: number): void => {
      expect(world.change({ type: 'AlterStore', name: 'default', changes: { replicas } })).toBe(true);
    };
    alter(3);
    world.runUntil(() => world.isSettled && Object.values(world.copies()).every((count) => count === 48), 120_000);
    const firsts = world.table.partitions.map(({ owners }) => owners.slice(0, 2));
    alter(2);
    world.runUntil(() => world.isSettled && Object.values(world.copies()).every((count) => count === 32), 120_000);
    // Balance may move some, and the rest keep the owners of the smaller factor.
    const kept = world.table.partitions.filter(({ owners }, i) => owners.join() === firsts[i].join()).length;
    expect(kept).toBeGreaterThan(32);
  });
});
