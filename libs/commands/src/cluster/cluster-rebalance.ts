import { word } from '../argument-docs.js';
import { defineGatewayCommand } from '../define-command.js';
import type { GatewayContext } from '../gateway-context.js';
import { failWith } from '../replies.js';
import { argumentIs } from '../request.js';
import { replyToChange } from '../store/change-reply.js';

/** CLUSTER REBALANCE [STOP]: looks at once where partitions should be, or ends moves and begins no others. */
export const clusterRebalance = defineGatewayCommand({
  id: 233,
  name: 'cluster|rebalance',
  arity: -2,
  flags: ['admin', 'noscript', 'stale'],
  group: 'cluster',
  since: 'hypercache',
  summary: 'Has partitions moved to where they should be now, or stops that until it is asked for again.',
  complexity: 'O(P) where P is the number of partitions.',
  arguments: [word('STOP', { optional: true })],
  run,
});

function run(context: GatewayContext): void {
  const { request } = context;
  if (request.count === 2) return context.changeCluster([{ type: 'Rebalance' }], replyToChange);
  if (request.count > 3 || !argumentIs(request, 2, 'stop')) {
    return void failWith(context, 'ERR CLUSTER REBALANCE: nothing but STOP may follow');
  }
  context.changeCluster([{ type: 'CancelMoves', nodeId: '' }], replyToChange);
}
