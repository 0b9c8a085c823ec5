/**
 * A register that is only read and written, no value twice, is judged without a search (Gibbons and Korach, "Testing Shared
 * Memories", 1997): a write and the reads of its value form a cluster, and in any order each cluster is contiguous. So a
 * history is linearizable if and only if no read ends before its write starts, and the clusters can be put in an order in
 * which nothing starts after something of a later cluster has ended.
 *
 * With `last` the last start and `first` the first end in a cluster, i may come before j where last(i) <= first(j). Sorted by
 * the smaller of the two, at a tie those with last <= first before others, any two come in the order that is possible, if
 * one is: the check is then one pass. A write of unknown outcome that nobody has read can be left out of any order.
 */
import { KIND } from './history.js';
import type { Item, Items } from './items.js';
import { NIL } from './values.js';

interface Cluster {
  readonly write: Item | undefined;
  firstEnd: number;
  lastStart: number;
  isRead: boolean;
}

/** Undefined where the key's operations are not of this kind. */
export function checkZones(items: Items): 'linearizable' | 'violation' | undefined {
  const clusters = clustersOf(items);
  if (clusters === undefined) return undefined;
  for (const read of items) {
    if (read.kind !== KIND.read) continue;
    const cluster = clusters.get(read.result);
    if (cluster === undefined || (cluster.write !== undefined && read.end < cluster.write.start)) return 'violation';
    cluster.firstEnd = Math.min(cluster.firstEnd, read.end);
    cluster.lastStart = Math.max(cluster.lastStart, read.start);
    cluster.isRead = true;
  }
  const placed = [...clusters.values()].filter(({ write, isRead }) => isRead || write?.isOptional !== true);
  return canBeOrdered(placed) ? 'linearizable' : 'violation';
}

/** By value; nil is what was there before all. Undefined where a value is written twice, or something else is done. */
function clustersOf(items: Items): Map<number, Cluster> | undefined {
  const clusters = new Map<number, Cluster>();
  clusters.set(NIL, { write: undefined, firstEnd: -Infinity, lastStart: -Infinity, isRead: false });
  for (const item of items) {
    if (item.kind === KIND.read) continue;
    if (item.kind !== KIND.write || clusters.has(item.argument)) return undefined;
    clusters.set(item.argument, { write: item, firstEnd: item.end, lastStart: item.start, isRead: false });
  }
  return clusters;
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
