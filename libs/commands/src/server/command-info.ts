import { defineGatewayCommand } from '../define-command.js';
import type { GatewayContext } from '../gateway-context.js';
import { replyAllCommands } from './command.js';
import { namedCommand } from './named-command.js';
import { writeCommandInfo } from './write-command-info.js';

/** COMMAND INFO [name…]: details in the order of the names; nil for an unknown one. */
export const commandInfo = defineGatewayCommand({
  id: 103,
  name: 'command|info',
  arity: -2,
  flags: ['loading', 'stale'],
  group: 'server',
  since: '2.8.13',
  summary: 'Returns details about commands.',
  complexity: 'O(N) where N is the number of commands.',
  arguments: [{ name: 'command-name', type: 'string', optional: true, multiple: true }],
  categories: ['connection'],
  tips: ['nondeterministic_output_order'],
  run,
});

function run(context: GatewayContext): void {
  const { reply, request, table } = context;
  if (request.count === 2) return replyAllCommands(context);
  reply.arrayHeader(request.count - 2);
  for (let i = 2; i < request.count; i++) {
    const row = namedCommand(context, i);
    if (row === undefined) reply.nullBulk();
    else writeCommandInfo(reply, table, row);
  }
}
