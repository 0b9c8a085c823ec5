/**
 * A register that is only read and written, no value twice, is judged without a search (Gibbons and Korach, "Testing Shared
 * Memories", 1997): a write and the reads of its value form a cluster, and in any order each cluster is contiguous. So a
 * history is linearizable if and only if no read ends before its write starts, and the clusters can be put in an order in
 * which nothing starts after something of a later cluster has ended.
 *
 * With `lastStart` and `firstEnd` of a cluster, i may come before j where lastStart(i) <= firstEnd(j). Sorted by the smaller of
 * the two, and at a tie those with lastStart <= firstEnd before others, any two come in the order that is possible, if one is:
 * the check is then one pass. A write of unknown outcome that nobody has read has no end, and so it is never in the way.
 *
 * Of other keys the values that are written once tell something too. Without the reads of the others, and with conditions and
 * counting taken for plain writes, less is demanded: what has no order then, has none at all.
 */
import { KIND } from './history.js';
import { ANY_STATE, isBlind, type Items, NO_STATE, stateLeft } from './items.js';
import { UNSEEN } from './relevance.js';
import { NIL } from './values.js';

interface Cluster {
  readonly writeStart: number;
  firstEnd: number;
  lastStart: number;
}

/** Undefined where the key must be searched. */
export function checkZones(items: Items): 'linearizable' | 'violation' | undefined {
  if (items.some((item) => stateLeft(item) === ANY_STATE)) return undefined;
  const { clusters, byValue, isUnique } = clustersOf(items);
  let isComplete = isUnique;
  for (const item of items) {
    const { kind, result, start, end } = item;
    if (kind !== KIND.read) {
      isComplete &&= isBlind(item);
      continue;
    }
    const cluster = byValue.get(result);
    if (cluster === SEVERAL) continue;
    if (cluster === undefined || end < cluster.writeStart) return 'violation';
    cluster.firstEnd = Math.min(cluster.firstEnd, end);
    cluster.lastStart = Math.max(cluster.lastStart, start);
  }
  if (!canBeOrdered(clusters)) return 'violation';
  return isComplete ? 'linearizable' : undefined;
}

/** In place of the cluster of a value that is written more than once. */
const SEVERAL = 'several';

interface Clusters {
  /** Of every write one; a loss may not have happened, and nothing is sure to come from it. */
  readonly clusters: Cluster[];
  readonly byValue: ReadonlyMap<number, Cluster | typeof SEVERAL>;
  /** Whether no value that can have been read is written twice. */
  readonly isUnique: boolean;
}

function clustersOf(items: Items): Clusters {
  // What was there before all.
  const initial = { writeStart: -Infinity, firstEnd: -Infinity, lastStart: -Infinity };
  const clusters: Cluster[] = [initial];
  const byValue = new Map<number, Cluster | typeof SEVERAL>([[NIL, initial]]);
  let isUnique = true;
  for (const item of items) {
    const value = stateLeft(item);
    if (value === NO_STATE) continue;
    const cluster = { writeStart: item.start, firstEnd: item.end, lastStart: item.start };
    if (item.kind !== KIND.loss) clusters.push(cluster);
    if (value === UNSEEN) continue;
    const isKnown = byValue.has(value);
    byValue.set(value, isKnown ? SEVERAL : cluster);
    isUnique &&= !isKnown;
  }
  return { clusters, byValue, isUnique };
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
