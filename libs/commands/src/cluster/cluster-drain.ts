import { word } from '../argument-docs.js';
import { defineGatewayCommand } from '../define-command.js';
import type { GatewayContext } from '../gateway-context.js';
import { failWith } from '../replies.js';
import { argumentIs, argumentText } from '../request.js';
import { replyToChange } from '../store/change-reply.js';

/** CLUSTER DRAIN node [UNDO]: a storage node hands all its partitions over; OK once it has begun to. */
export const clusterDrain = defineGatewayCommand({
  id: 230,
  name: 'cluster|drain',
  arity: -3,
  flags: ['admin', 'noscript', 'stale'],
  group: 'cluster',
  since: 'hypercache',
  summary: 'Has a storage node hand its partitions over to the others, or takes that back.',
  complexity: 'O(P) where P is the number of partitions.',
  arguments: [{ name: 'node-id', type: 'string' }, word('UNDO', { optional: true })],
  run,
});

function run(context: GatewayContext): void {
  const { request } = context;
  const nodeId = argumentText(request, 2);
  if (request.count === 3) return context.changeCluster([{ type: 'DrainNode', nodeId }], replyToChange);
  if (request.count > 4 || !argumentIs(request, 3, 'undo')) {
    return void failWith(context, 'ERR CLUSTER DRAIN: after the node nothing but UNDO may follow');
  }
  context.changeCluster([{ type: 'UndrainNode', nodeId }], replyToChange);
}
