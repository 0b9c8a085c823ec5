import { defineGatewayCommand } from '../define-command.js';
import type { GatewayContext } from '../gateway-context.js';
import { failWith } from '../replies.js';
import { argumentText } from '../request.js';
import { replyToChange } from '../store/change-reply.js';

/**
 * CLUSTER FAILOVER partition [node] | node: another node becomes the primary of a partition, or of all of a node's. An owner
 * takes over at once, any other node once it has a copy; OK when that has begun. What a whole node gives up it does not get
 * back by itself: that is CLUSTER DRAIN.
 */
export const clusterFailover = defineGatewayCommand({
  id: 232,
  name: 'cluster|failover',
  arity: -3,
  flags: ['admin', 'noscript', 'stale'],
  group: 'cluster',
  since: 'hypercache',
  summary: 'Moves a partition to another storage node, or everything off a node.',
  complexity: 'O(P) where P is the number of partitions.',
  arguments: [
    { name: 'partition-or-node-id', type: 'string' },
    { name: 'target-node-id', type: 'string', optional: true },
  ],
  run,
});

const PARTITION = /^[0-9]{1,5}$/;

function run(context: GatewayContext): void {
  const { request } = context;
  const what = argumentText(request, 2);
  const target = request.count > 3 ? argumentText(request, 3) : '';
  if (PARTITION.test(what) && request.count <= 4) {
    return context.changeCluster([{ type: 'MovePrimary', partition: Number(what), target }], replyToChange);
  }
  if (request.count > 3) {
    return void failWith(context, 'ERR CLUSTER FAILOVER: give a partition and the node to take it, or one node alone');
  }
  context.changeCluster([{ type: 'DrainNode', nodeId: what }], replyToChange);
}
