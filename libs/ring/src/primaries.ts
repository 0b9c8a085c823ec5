/**
 * Chooses the primary among each partition's owners, so that every node is primary of its share. A primary stays where
 * it can; an overfull node hands primaries on along the shortest chain of owners that ends at a node with room (an
 * augmenting path, as in Ford and Fulkerson's maximum flow). No data moves by it.
 */
import { quotasOf, type QuotaNode } from './quotas.js';

/** Reorders `owners` in place, the primary first; `previous` is by partition as well, the primary first. */
export function choosePrimaries(
  nodes: readonly QuotaNode[],
  owners: number[][],
  previous: readonly (readonly number[])[],
): void {
  owners.forEach((indexes, partition) => {
    const earlier = previous[partition][0];
    if (indexes.includes(earlier)) promote(indexes, earlier);
  });
  const loads = new Int32Array(nodes.length);
  for (const indexes of owners) loads[indexes[0]]++;
  const quotas = quotasOf(nodes, owners.length, owners.length, loads);
  for (let node = 0; node < nodes.length; node++) {
    while (loads[node] > quotas[node] && handOn(node, owners, loads, quotas));
  }
}

function promote(indexes: number[], node: number): void {
  indexes.splice(indexes.indexOf(node), 1);
  indexes.unshift(node);
}

/** Takes one primary from `start`; false where no chain leads to a node with room. */
function handOn(start: number, owners: number[][], loads: Int32Array, quotas: Int32Array): boolean {
  const primaries = primariesByNode(owners, loads.length);
  const reachedBy = new Int32Array(loads.length).fill(-1);
  const queue = [start];
  for (let at = 0; at < queue.length; at++) {
    for (const partition of primaries[queue[at]]) {
      for (const next of owners[partition]) {
        if (next === start || reachedBy[next] >= 0) continue;
        reachedBy[next] = partition;
        if (loads[next] < quotas[next]) {
          shift(start, next, reachedBy, owners);
          loads[start]--;
          loads[next]++;
          return true;
        }
        queue.push(next);
      }
    }
  }
  return false;
}

function shift(start: number, end: number, reachedBy: Int32Array, owners: number[][]): void {
  for (let node = end; node !== start;) {
    const indexes = owners[reachedBy[node]];
    const earlier = indexes[0];
    promote(indexes, node);
    node = earlier;
  }
}

function primariesByNode(owners: readonly number[][], nodeCount: number): number[][] {
  const primaries: number[][] = Array.from({ length: nodeCount }, () => []);
  owners.forEach((indexes, partition) => primaries[indexes[0]].push(partition));
  return primaries;
}
