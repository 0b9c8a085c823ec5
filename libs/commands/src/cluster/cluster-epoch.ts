import { defineGatewayCommand } from '../define-command.js';
import type { GatewayContext } from '../gateway-context.js';

/** CLUSTER EPOCH: how far the cluster's history has come, as this gateway knows it. In every mode. */
export const clusterEpoch = defineGatewayCommand({
  id: 224,
  name: 'cluster|epoch',
  arity: 2,
  flags: ['stale'],
  group: 'cluster',
  since: 'hypercache',
  summary: 'Returns the term of the coordinators, the version of the table and the highest epoch of a partition.',
  complexity: 'O(1)',
  tips: ['nondeterministic_output'],
  run,
});

function run({ reply, cluster }: GatewayContext): void {
  reply.mapHeader(3);
  for (const [name, number] of [
    ['term', cluster.leader()?.term ?? 0],
    ['table-version', cluster.tableVersion],
    ['partition-epoch', cluster.currentEpoch],
  ] as const) {
    reply.bulkText(name);
    reply.integer(number);
  }
}
