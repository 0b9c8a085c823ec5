import { defineGatewayCommand } from '../define-command.js';
import type { GatewayContext } from '../gateway-context.js';
import { argumentText } from '../request.js';
import { replyToChange } from '../store/change-reply.js';

/** CLUSTER FORGET node: strikes a member that is gone off the table, where others have all that it owns. */
export const clusterForget = defineGatewayCommand({
  id: 231,
  name: 'cluster|forget',
  arity: 3,
  flags: ['admin', 'no_async_loading', 'stale'],
  group: 'cluster',
  since: '3.0.0',
  summary: 'Removes a member that is gone from the cluster table.',
  complexity: 'O(P) where P is the number of partitions.',
  arguments: [{ name: 'node-id', type: 'string' }],
  run: (context: GatewayContext) =>
    context.changeCluster([{ type: 'ForgetNode', nodeId: argumentText(context.request, 2) }], replyToChange),
});
