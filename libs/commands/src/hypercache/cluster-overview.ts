import { RespError } from '#libs/resp';
import { defineGatewayCommand } from '../define-command.js';
import type { ClusterView, GatewayContext } from '../gateway-context.js';
import { replyFields, type Field } from '../store/definition-reply.js';
import { ratioText } from '../store/statistics-reply.js';
import { StoreSummary, summariesOf } from '../store/store-summary.js';

/** CLUSTER_INFO: the cluster in one reply: nodes, partitions, and what the stores hold together. */
export const clusterOverview = defineGatewayCommand({
  id: 921,
  name: 'cluster_info',
  arity: 1,
  flags: [],
  group: 'store',
  since: 'hypercache',
  summary: 'Returns an overview of the cluster: nodes, partitions, stores, memory and hits.',
  complexity: 'O(N) where N is the number of storage nodes.',
  tips: ['nondeterministic_output'],
  run,
});

function run(context: GatewayContext): void {
  const fields = clusterFields(context.cluster);
  const stores = context.stores();
  context.runCommand(['HC.STOREREPORT'], (reply, value) => {
    const statistics: readonly Field[] =
      value instanceof RespError ? [['statistics_error', value.message]] : totalFields(summariesOf(value));
    replyFields(reply, [...fields, ['stores', stores.length], ...statistics]);
  });
}

function clusterFields({ mode, clusterId, state, tableVersion, partitionCount, nodes }: ClusterView): Field[] {
  const count = (role: string, state?: string): number =>
    nodes.filter((node) => node.role === role && (state === undefined || node.state === state)).length;
  return [
    ['mode', mode],
    ['cluster_id', clusterId],
    ['state', state],
    ['table_version', tableVersion],
    ['partitions', partitionCount],
    ['storage_nodes', count('storage-node')],
    ['storage_nodes_up', count('storage-node', 'up')],
    ['gateways', count('gateway')],
    ['gateways_up', count('gateway', 'up')],
    ['coordinators', count('coordinator')],
    ['coordinators_up', count('coordinator', 'up')],
  ];
}

function totalFields(summaries: ReadonlyMap<string, StoreSummary>): Field[] {
  const all = [...summaries.values()];
  const sum = (pick: (summary: StoreSummary) => number): number =>
    all.reduce((total, summary) => total + pick(summary), 0);
  const hits = sum(({ values }) => values.hits);
  const lookups = hits + sum(({ values }) => values.misses);
  return [
    ['items', sum(({ values }) => values.items)],
    ['used_bytes', sum(({ values }) => values.used_bytes)],
    ['limit_bytes', sum(({ values }) => values.limit_bytes)],
    ['hits', hits],
    ['misses', lookups - hits],
    ['hit_ratio', ratioText(lookups === 0 ? 0 : hits / lookups)],
    ['evicted', sum(({ evicted }) => evicted)],
    ['expired', sum(({ values }) => values.expired)],
    ['refused_writes', sum(({ values }) => values.refused_writes)],
    ['items_by_store', [...summaries].map(([name, { values }]) => [name, values.items] as const)],
  ];
}
