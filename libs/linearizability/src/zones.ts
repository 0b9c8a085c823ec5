/**
 * A register that is only read and written, no value twice, is judged without a search (Gibbons and Korach, "Testing Shared
 * Memories", 1997): a write and the reads of its value form a cluster, and in any order each cluster is contiguous. So a
 * history is linearizable if and only if no read ends before its write starts, and the clusters can be put in an order in
 * which nothing starts after something of a later cluster has ended.
 *
 * With `lastStart` and `firstEnd` of a cluster, i may come before j where lastStart(i) <= firstEnd(j). Sorted by the smaller of
 * the two, and at a tie those with lastStart <= firstEnd before others, any two come in the order that is possible, if one is:
 * the check is then one pass. A write of unknown outcome that nobody has read can be left out of any order.
 *
 * Of other keys the values that are written once tell something too. Without all that concerns the others, and with
 * conditions and counting taken for plain writes, less is demanded: what has no order then, has none at all.
 */
import { KIND } from './history.js';
import { ANY_STATE, isBlind, type Item, type Items, NO_STATE, stateLeft } from './items.js';
import { UNSEEN } from './relevance.js';
import { NIL } from './values.js';

interface Cluster {
  readonly writeStart: number;
  readonly isOptional: boolean;
  firstEnd: number;
  lastStart: number;
  isRead: boolean;
}

/** Undefined where the key must be searched. */
export function checkZones(items: Items): 'linearizable' | 'violation' | undefined {
  if (items.some((item) => stateLeft(item) === ANY_STATE)) return undefined;
  const { clusters, others } = clustersOf(items);
  let isComplete = others.size === 0;
  for (const item of items) {
    const { kind, result, start, end } = item;
    if (kind !== KIND.read) isComplete &&= isBlind(item);
    if (kind !== KIND.read || others.has(result)) continue;
    const cluster = clusters.get(result);
    if (cluster === undefined || end < cluster.writeStart) return 'violation';
    cluster.firstEnd = Math.min(cluster.firstEnd, end);
    cluster.lastStart = Math.max(cluster.lastStart, start);
    cluster.isRead = true;
  }
  const placed = [...clusters.values()].filter(({ isRead, isOptional }) => isRead || !isOptional);
  if (!canBeOrdered(placed)) return 'violation';
  return isComplete ? 'linearizable' : undefined;
}

interface Clusters {
  /** By value; those of unseen writes have keys of their own. */
  readonly clusters: Map<number, Cluster>;
  /** Values that are written more than once. */
  readonly others: Set<number>;
}

function clustersOf(items: Items): Clusters {
  const clusters = new Map<number, Cluster>();
  const others = new Set<number>();
  // What was there before all.
  clusters.set(NIL, {
    writeStart: -Infinity,
    isOptional: false,
    firstEnd: -Infinity,
    lastStart: -Infinity,
    isRead: false,
  });
  let unseen = UNSEEN;
  for (const item of items) {
    const value = stateLeft(item);
    if (value === NO_STATE || others.has(value)) continue;
    if (value === UNSEEN) clusters.set((unseen -= 2), clusterOf(item));
    else if (!clusters.has(value)) clusters.set(value, clusterOf(item));
    else {
      clusters.delete(value);
      others.add(value);
    }
  }
  return { clusters, others };
}

function clusterOf({ start, end, isOptional }: Item): Cluster {
  return { writeStart: start, isOptional, firstEnd: end, lastStart: start, isRead: false };
}

function canBeOrdered(clusters: Cluster[]): boolean {
  clusters.sort((a, b) => sortKey(a) - sortKey(b) || Number(isForward(a)) - Number(isForward(b)));
  let lastStart = -Infinity;
  for (const cluster of clusters) {
    if (lastStart > cluster.firstEnd) return false;
    lastStart = Math.max(lastStart, cluster.lastStart);
  }
  return true;
}

const sortKey = ({ firstEnd, lastStart }: Cluster): number => Math.min(firstEnd, lastStart);
/** It takes at least from its first end to its last start; otherwise it fits any point from its last start to its first end. */
const isForward = ({ firstEnd, lastStart }: Cluster): boolean => firstEnd < lastStart;
