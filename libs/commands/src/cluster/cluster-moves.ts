import { defineGatewayCommand } from '../define-command.js';
import type { GatewayContext } from '../gateway-context.js';
import { replyFields } from '../store/definition-reply.js';

/**
 * CLUSTER MOVES: partitions on their way from one storage node to another, and the owner that each is to replace, empty
 * where there will be one owner more; in every mode.
 */
export const clusterMoves = defineGatewayCommand({
  id: 234,
  name: 'cluster|moves',
  arity: 2,
  flags: ['stale'],
  group: 'cluster',
  since: 'hypercache',
  summary: 'Returns the partitions that are on their way to another node.',
  complexity: 'O(N) where N is the number of moves.',
  tips: ['nondeterministic_output'],
  run,
});

function run({ cluster, reply }: GatewayContext): void {
  const moves = cluster.moves();
  reply.arrayHeader(moves.length);
  for (const move of moves) {
    replyFields(reply, [
      ['partition', move.partition],
      ['from', move.source],
      ['to', move.target],
      ['replaces', move.replaces],
      ['bytes', move.bytesCopied],
      ['since_ms', move.sinceMs],
      ['state', move.state],
    ]);
  }
}
