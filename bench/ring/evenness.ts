/** What a placement comes to, whatever the machine: how even it is, for partitions and for keys, and what changes move. */
import { analyse, HashRing, movedCopies, type Placement } from '#libs/ring';
import { KEY_BYTES, keysOf, nodesOf, placed, routingOf } from './clusters.js';

const FACTORS = [1, 2, 3];
const MOST_NODES = 14;

export interface Evenness {
  /** The largest difference of a node's copies, or primaries, from its share; below 1 all are rounded down or up. */
  readonly furthestFromShare: number;
  /** The largest ratio of copies moved to the fewest possible, over all joins and leaves. */
  readonly movesRatio: number;
}

export interface KeySpread {
  readonly loadFactor: number;
  readonly standardDeviation: number;
  /** Shares of the keys that get another primary as a sixth node joins, and as one of the five leaves. */
  readonly movedByJoin: number;
  readonly movedByLeave: number;
}

/** From one node up to 14 at 256 partitions, and 100 at 2,048; each joined by one and left by the first. */
export function measureEvenness(): Evenness {
  let [furthestFromShare, movesRatio] = [0, 1];
  const sizes = Array.from({ length: MOST_NODES }, (_, i) => ({ count: i + 1, partitions: 256 }));
  for (const { count, partitions } of [...sizes, { count: 100, partitions: 2048 }]) {
    for (const factor of FACTORS) {
      const steps = [nodesOf(count), nodesOf(count + 1), nodesOf(count + 1).slice(1)];
      let previous: Placement | undefined;
      for (const nodes of steps) {
        const next = placed(nodes, factor, partitions, previous);
        const primaries = partitions / nodes.length;
        for (const load of analyse(next, nodes).nodes) {
          furthestFromShare = Math.max(
            furthestFromShare,
            Math.abs(load.partitions - load.share),
            Math.abs(load.primaries - primaries),
          );
        }
        // With fewer nodes than copies a change adds or removes copies.
        if (previous !== undefined && count >= factor) movesRatio = Math.max(movesRatio, ratioOf(previous, next));
        previous = next;
      }
    }
  }
  return { furthestFromShare, movesRatio };
}

/** One node has come or gone: the fewest moves are what it holds now, or held. */
function ratioOf(previous: Placement, next: Placement): number {
  const [before, after] = [previous, next].map((placement) => countsOf(placement));
  const fewest = [...new Set([...before.keys(), ...after.keys()])]
    .filter((id) => !before.has(id) || !after.has(id))
    .reduce((sum, id) => sum + (before.get(id) ?? 0) + (after.get(id) ?? 0), 0);
  return movedCopies(previous, next) / fewest;
}

function countsOf(placement: Placement): Map<string, number> {
  const counts = new Map<string, number>();
  for (const id of placement.flat()) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}

/** On five nodes with 256 partitions. */
export function measureKeySpread(count: number): KeySpread {
  const keys = keysOf(count);
  const five = placed(nodesOf(5), 1, 256);
  const ownersIn = (placement: Placement): string[] => {
    const routing = routingOf(nodesOf(6), placement);
    return Array.from({ length: count }, (_, i) => {
      const partition = routing.partitionOf(keys, i * KEY_BYTES, KEY_BYTES);
      return routing.nodes[routing.primaryOf[partition]].nodeId;
    });
  };
  const before = ownersIn(five);
  const movedTo = (placement: Placement): number =>
    ownersIn(placement).filter((owner, i) => owner !== before[i]).length / count;
  const loads = [...countsOf(before.map((owner) => [owner])).values()];
  const mean = count / loads.length;
  return {
    loadFactor: Math.max(...loads) / mean,
    standardDeviation: Math.sqrt(loads.reduce((sum, load) => sum + (load - mean) ** 2, 0) / loads.length),
    movedByJoin: movedTo(placed(nodesOf(6), 1, 256, five)),
    movedByLeave: movedTo(placed(nodesOf(5).slice(1), 1, 256, five)),
  };
}

/** Of a ring that nodes of weight 1 have joined one by one; the largest over several sizes. */
export function measureBytesPerNode(): number {
  const sizes = [1, 5, MOST_NODES, 100];
  return Math.max(
    ...sizes.map((count) => {
      const ring = new HashRing();
      for (const node of nodesOf(count)) ring.add(node);
      return ring.bytes / count;
    }),
  );
}
