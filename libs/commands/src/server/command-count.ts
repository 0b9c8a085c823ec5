import { defineGatewayCommand } from '../define-command.js';

/** COMMAND COUNT: how many commands there are, subcommands not counted. */
export const commandCount = defineGatewayCommand({
  id: 101,
  name: 'command|count',
  arity: 2,
  flags: ['loading', 'stale'],
  group: 'server',
  since: '2.8.13',
  summary: 'Returns the number of commands.',
  complexity: 'O(1)',
  categories: ['connection'],
  run: ({ reply, table }) => reply.integer(table.topLevel().length),
});
