import fc from 'fast-check';
import { NO_NODE, type ClusterTable } from '#libs/cluster';
import { analyse, plannedOwners } from '#libs/ring';
import { ReplicatingWorld } from './replicating-nodes.support.spec.js';

const PARTITIONS = 16;
const FIRST = ['s1', 's2', 's3', 's4'];
const MOVES = 4;
/** Patience is shorter than by default, so that lives are. */
const OPTIONS = { partitionCount: PARTITIONS, maxConcurrentMoves: MOVES, replaceAfterMs: 8_000, forgetAfterMs: 9_000 };

type Operation =
  | { readonly type: 'kill' | 'restart' | 'cut' | 'reconnect' | 'drain' | 'undrain'; readonly node: number }
  | { readonly type: 'join' | 'factor' | 'fail' | 'heal' | 'transfer'; readonly node: number };

const operation = fc.record({
  type: fc.constantFrom<Operation['type'][]>(
    ...([
      'kill',
      'restart',
      'cut',
      'reconnect',
      'drain',
      'undrain',
      'join',
      'factor',
      'fail',
      'heal',
      'transfer',
    ] as const),
  ),
  node: fc.nat(5),
  waitMs: fc.constantFrom(100, 700, 4_000, 12_000),
});

function carryOut(world: ReplicatingWorld, { type, node }: Operation): void {
  const ids = [...world.nodes.keys()];
  const nodeId = ids[node % ids.length];
  const target = world.node(nodeId);
  if (type === 'join' && ids.length < 6) world.add(`s${ids.length + 1}`);
  else if (type === 'kill') target.kill();
  else if (type === 'restart') target.restart();
  else if (type === 'cut') target.isCutOff = true;
  else if (type === 'reconnect') target.reconnect();
  else if (type === 'drain') world.change({ type: 'DrainNode', nodeId });
  else if (type === 'undrain') world.change({ type: 'UndrainNode', nodeId });
  else if (type === 'factor') {
    world.change({ type: 'AlterStore', name: 'default', changes: { replicas: 1 + (node % 3) } });
  } else if (type === 'fail') target.failing.set(node, 'no-tail');
  else if (type === 'heal') target.failing.clear();
  else if (type === 'transfer') world.change({ type: 'MovePrimary', partition: node, target: nodeId });
}

/** Everybody is back, nothing fails, nobody drains. */
function heal(world: ReplicatingWorld): void {
  for (const node of world.nodes.values()) {
    node.failing.clear();
    if (!node.isAlive) node.restart();
    if (node.isCutOff) node.reconnect();
  }
  world.run(2_000);
  for (const nodeId of world.nodes.keys()) world.change({ type: 'UndrainNode', nodeId });
}

function expectNext(table: ClusterTable, before: ClusterTable | undefined): void {
  const idsOf = ({ nodes }: ClusterTable, indexes: readonly number[]): string[] => indexes.map((i) => nodes[i].nodeId);
  const moving = table.partitions.filter(({ movingTo }) => movingTo !== NO_NODE).length;
  // Those that were asked for by hand come on top.
  expect(moving).toBeLessThanOrEqual(MOVES + 6);
  table.partitions.forEach((now, number) => {
    expect(new Set(now.owners).size).toBe(now.owners.length);
    expect(now.owners).toContain(now.primary);
    const was = before?.partitions[number];
    if (was === undefined || before === undefined) return;
    expect(now.epoch).toBeGreaterThanOrEqual(was.epoch);
    const isSame = idsOf(table, now.owners).join() === idsOf(before, was.owners).join();
    const isSamePrimary = idsOf(table, [now.primary])[0] === idsOf(before, [was.primary])[0];
    if (!isSame || !isSamePrimary) expect(now.epoch).toBeGreaterThan(was.epoch);
    if (!isSame) expect(was.outgoing).toEqual([]);
  });
}

function isEven(table: ClusterTable): boolean {
  const nodes = table.nodes
    .filter(({ role }) => role === 'storage-node')
    .map(({ nodeId, weight, zone }) => ({ id: nodeId, weight, zone }));
  const { nodes: loads } = analyse(plannedOwners(table), nodes);
  const near = (load: number, share: number): boolean => Math.abs(load - share) <= Math.max(1, 0.1 * share);
  return loads.every(
    ({ partitions, share, primaries }) => near(partitions, share) && near(primaries, PARTITIONS / nodes.length),
  );
}

describe('any life of a cluster with several copies', () => {
  it('keeps its owners sound, and in peace gets to the placement with all copies', () => {
    fc.assert(
      fc.property(
        fc.array(operation, { minLength: 3, maxLength: 12 }),
        fc.constantFrom(1, 2, 3),
        (operations, replicas) => {
          const world = new ReplicatingWorld(replicas, FIRST, OPTIONS);
          world.onTable = expectNext;
          for (const each of operations) {
            carryOut(world, each);
            world.run(each.waitMs);
          }
          heal(world);
          const copies = (): number => Math.min(world.table.stores[0].replicas, world.nodes.size);
          world.runUntil(
            () =>
              world.isSettled &&
              world.table.partitions.every(({ owners }) => owners.length === copies()) &&
              isEven(world.table),
            300_000,
          );
        },
      ),
      { numRuns: 12, seed: 20_261_120 },
    );
  });
});
