import { defineGatewayCommand } from '../define-command.js';
import type { GatewayContext } from '../gateway-context.js';
import { namedCommand } from './named-command.js';
import { writeCommandDocs } from './write-command-docs.js';

/** COMMAND DOCS [name…]: a map of names to documentation; unknown names are left out. */
export const commandDocs = defineGatewayCommand({
  id: 102,
  name: 'command|docs',
  arity: -2,
  flags: ['loading', 'stale'],
  group: 'server',
  since: '7.0.0',
  summary: 'Returns the documentation of commands.',
  complexity: 'O(N) where N is the number of commands.',
  arguments: [{ name: 'command-name', type: 'string', optional: true, multiple: true }],
  categories: ['connection'],
  tips: ['nondeterministic_output_order'],
  run,
});

function run(context: GatewayContext): void {
  const { reply, request, table } = context;
  const rows = [];
  for (let i = 2; i < request.count; i++) {
    const row = namedCommand(context, i);
    if (row !== undefined) rows.push(row);
  }
  const shown = request.count === 2 ? table.topLevel() : rows;
  reply.mapHeader(shown.length);
  for (const row of shown) writeCommandDocs(reply, table, row);
}
