/** How many copies a configuration may ask for. */
import { CLUSTER_LIMITS, RELEASE_REPLICATES } from '#libs/cluster';
import type { Fault } from './fault.js';
import type { HyperCacheConfig } from './hypercache-config.js';

/** Why more than so many copies are not taken. */
interface Bound {
  readonly copies: number;
  readonly allowed: string;
}

/** `replicates`: whether storage nodes of this release can keep more than one. */
export function replicationRelations(
  { cluster, stores }: HyperCacheConfig,
  fault: Fault,
  replicates = RELEASE_REPLICATES,
): string[] {
  const bound = replicates
    ? boundOfTable(cluster.partitions)
    : { copies: 1, allowed: '1: storage nodes do not replicate yet' };
  const factors = [
    ['cluster.replication_factor', cluster.replicationFactor] as const,
    ...stores.map(({ replicas = 1 }, i) => [`stores[${i}].replicas`, replicas] as const),
  ];
  return factors.flatMap(([path, copies]) => (copies > bound.copies ? [fault(path, copies, bound.allowed)] : []));
}

function boundOfTable(partitions: number): Bound {
  const copies = Math.floor(CLUSTER_LIMITS.maxCopies / partitions);
  return { copies, allowed: `at most ${copies}, as cluster.partitions is ${partitions}` };
}
