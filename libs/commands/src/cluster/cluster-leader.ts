import { defineGatewayCommand } from '../define-command.js';
import type { GatewayContext } from '../gateway-context.js';

/** CLUSTER LEADER: the coordinator that leads, as its heartbeats tell; nil while none does. In every mode. */
export const clusterLeader = defineGatewayCommand({
  id: 223,
  name: 'cluster|leader',
  arity: 2,
  flags: ['stale'],
  group: 'cluster',
  since: 'hypercache',
  summary: 'Returns the coordinator that leads.',
  complexity: 'O(1)',
  tips: ['nondeterministic_output'],
  run,
});

function run({ reply, cluster }: GatewayContext): void {
  const leader = cluster.leader();
  if (leader === undefined) return reply.nullBulk();
  reply.mapHeader(4);
  for (const [name, text] of [
    ['id', leader.nodeId],
    ['host', leader.host],
  ] as const) {
    reply.bulkText(name);
    reply.bulkText(text);
  }
  for (const [name, number] of [
    ['raft-id', leader.raftId],
    ['term', leader.term],
  ] as const) {
    reply.bulkText(name);
    reply.integer(number);
  }
}
