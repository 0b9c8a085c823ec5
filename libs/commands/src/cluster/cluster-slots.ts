import type { ReplyWriter } from '#libs/resp';
import { defineGatewayCommand } from '../define-command.js';
import type { ClusterNodeView, GatewayContext } from '../gateway-context.js';
import { isClusterMode } from './cluster-mode.js';

/** CLUSTER SLOTS: slot ranges, each with the gateway to ask and then others that serve it as well. */
export const clusterSlots = defineGatewayCommand({
  id: 203,
  name: 'cluster|slots',
  arity: 2,
  flags: ['stale'],
  group: 'cluster',
  since: '3.0.0',
  summary: 'Returns the slot ranges and the gateways that serve them.',
  complexity: 'O(N) where N is the number of slot ranges.',
  deprecated: { since: '7.0.0', replacedBy: '`CLUSTER SHARDS`' },
  tips: ['nondeterministic_output'],
  run,
});

function run(context: GatewayContext): void {
  const { reply } = context;
  if (!isClusterMode(context)) return;
  const ranges = context.cluster.slotRanges();
  reply.arrayHeader(ranges.length);
  for (const range of ranges) {
    reply.arrayHeader(3 + range.otherGateways.length);
    reply.integer(range.first);
    reply.integer(range.last);
    writeNode(reply, range.gateway);
    for (const gateway of range.otherGateways) writeNode(reply, gateway);
  }
}

/** Host, port, id, and a map of further addresses, of which there are none. */
function writeNode(reply: ReplyWriter, node: ClusterNodeView): void {
  reply.arrayHeader(4);
  reply.bulkText(node.host);
  reply.integer(node.respPort);
  reply.bulkText(node.redisId);
  reply.mapHeader(0);
}
