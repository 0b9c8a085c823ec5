import { arityMatches, keyIndexes } from '../command-keys.js';
import { defineGatewayCommand } from '../define-command.js';
import type { GatewayContext } from '../gateway-context.js';
import { failWith } from '../replies.js';
import { tailRequest } from '../request.js';

/** COMMAND GETKEYS command…: the keys of a full command. */
export const commandGetkeys = defineGatewayCommand({
  id: 105,
  name: 'command|getkeys',
  arity: -4,
  flags: ['loading', 'stale'],
  group: 'server',
  since: '2.8.13',
  summary: 'Returns the keys of a full command.',
  complexity: 'O(N) where N is the number of arguments of the command.',
  arguments: [
    { name: 'command', type: 'string' },
    { name: 'arg', type: 'string', optional: true, multiple: true },
  ],
  categories: ['connection'],
  run,
});

function run(context: GatewayContext): void {
  const { reply } = context;
  const request = tailRequest(context.request, 2);
  const row = context.table.lookup(request);
  if (row === undefined) return void failWith(context, 'ERR Invalid command specified');
  if (row.keys.first === 0) return void failWith(context, 'ERR The command has no key arguments');
  if (!arityMatches(row, request.count)) {
    return void failWith(context, 'ERR Invalid number of arguments specified for command');
  }
  const indexes = new Int32Array(request.count);
  const found = keyIndexes(row, request, indexes);
  reply.arrayHeader(found);
  for (const index of indexes.subarray(0, found)) {
    reply.bulk(request.buffer, request.offsets[index], request.lengths[index]);
  }
}
