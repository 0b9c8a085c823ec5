import { defineGatewayCommand } from '../define-command.js';
import type { GatewayContext } from '../gateway-context.js';
import { writeCommandInfo } from './write-command-info.js';

/** COMMAND: details about every command; it has subcommands, too. */
export const command = defineGatewayCommand({
  id: 100,
  name: 'command',
  arity: -1,
  flags: ['loading', 'stale'],
  group: 'server',
  since: '2.8.13',
  summary: 'Returns details about all commands.',
  complexity: 'O(N) where N is the number of commands.',
  categories: ['connection'],
  tips: ['nondeterministic_output_order'],
  run: replyAllCommands,
});

export function replyAllCommands({ reply, table }: GatewayContext): void {
  const commands = table.topLevel();
  reply.arrayHeader(commands.length);
  for (const row of commands) writeCommandInfo(reply, table, row);
}
