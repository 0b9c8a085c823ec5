import type { ReplicationReport } from '#libs/cluster';
import { latin1Bytes, SLOT_COUNT } from '#libs/kernel';
import { defineGatewayCommand } from '../define-command.js';
import type { ClusterView, GatewayContext } from '../gateway-context.js';
import { isClusterMode } from './cluster-mode.js';

/** CLUSTER INFO: Redis's fields about the cluster, then our own. */
export const clusterInfo = defineGatewayCommand({
  id: 201,
  name: 'cluster|info',
  arity: 2,
  flags: ['stale'],
  group: 'cluster',
  since: '3.0.0',
  summary: 'Returns the state of the cluster.',
  complexity: 'O(1)',
  tips: ['nondeterministic_output'],
  run,
});

function run(context: GatewayContext): void {
  if (isClusterMode(context)) context.reply.verbatim('txt', latin1Bytes(renderClusterInfo(context.cluster)));
}

/** The copies that stores ask for, those that there can be, and why they are fewer. */
function replicationFields(report: ReplicationReport | undefined): readonly (readonly [string, string | number])[] {
  if (report === undefined) return [];
  return [
    ['hypercache_copies_wanted', report.wanted],
    ['hypercache_copies_possible', report.possible],
    ['hypercache_copies_shortage', report.shortage ?? ''],
    ['hypercache_partitions_under_replicated', report.underReplicated],
    ['hypercache_partitions_changing_owners', report.changing],
  ];
}

function renderClusterInfo(cluster: ClusterView): string {
  const assigned = cluster.slotRanges().reduce((sum, range) => sum + range.last - range.first + 1, 0);
  // A slot is well where a gateway answers for it and the storage node behind it is there.
  const ok = Math.min(assigned, cluster.servedSlots);
  const fields: readonly (readonly [string, string | number])[] = [
    ['cluster_state', cluster.state],
    ['cluster_slots_assigned', assigned],
    ['cluster_slots_ok', ok],
    ['cluster_slots_pfail', 0],
    ['cluster_slots_fail', SLOT_COUNT - ok],
    ['cluster_known_nodes', cluster.nodes.length],
    ['cluster_size', cluster.nodes.filter((node) => node.role === 'gateway').length],
    ['cluster_current_epoch', cluster.currentEpoch],
    ['cluster_my_epoch', cluster.currentEpoch],
    ['cluster_stats_messages_sent', 0],
    ['cluster_stats_messages_received', 0],
    ['total_cluster_links_buffer_limit_exceeded', 0],
    ['hypercache_cluster_id', cluster.clusterId],
    ['hypercache_partitions', cluster.partitionCount],
    ['hypercache_table_version', cluster.tableVersion],
    ['hypercache_absent_members', cluster.absent.length],
    ...replicationFields(cluster.replication()),
  ];
  return fields.map(([name, value]) => `${name}:${value}\r\n`).join('');
}
