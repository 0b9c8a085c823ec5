import { latin1Bytes } from '#libs/kernel';
import { globMatch } from '#libs/resp';
import { aclCategories } from '../acl-categories.js';
import { oneOf } from '../argument-docs.js';
import type { CommandRow } from '../command-row.js';
import { defineGatewayCommand } from '../define-command.js';
import type { GatewayContext } from '../gateway-context.js';
import { fail } from '../replies.js';
import { argumentIs, argumentText } from '../request.js';

/** COMMAND LIST [FILTERBY MODULE name | ACLCAT category | PATTERN pattern]: names; filters see subcommands, too. */
export const commandList = defineGatewayCommand({
  id: 104,
  name: 'command|list',
  arity: -2,
  flags: ['loading', 'stale'],
  group: 'server',
  since: '7.0.0',
  summary: 'Returns the names of commands.',
  complexity: 'O(N) where N is the number of commands.',
  arguments: [
    oneOf(
      'filterby',
      [
        { name: 'module-name', type: 'string', token: 'MODULE' },
        { name: 'category', type: 'string', token: 'ACLCAT' },
        { name: 'pattern', type: 'pattern', token: 'PATTERN' },
      ],
      { token: 'FILTERBY', optional: true },
    ),
  ],
  categories: ['connection'],
  tips: ['nondeterministic_output_order'],
  run,
});

function run(context: GatewayContext): void {
  const { reply, request, table } = context;
  const filtered = request.count === 5 && argumentIs(request, 2, 'filterby') ? filterRows(context) : undefined;
  if (request.count !== 2 && filtered === undefined) return void fail(context, 'SYNTAX');
  const rows = filtered ?? table.topLevel();
  reply.arrayHeader(rows.length);
  for (const row of rows) reply.bulkText(row.name);
}

/** Undefined where the filter is none. */
function filterRows(context: GatewayContext): readonly CommandRow[] | undefined {
  const { request, table } = context;
  if (argumentIs(request, 3, 'module')) return [];
  if (argumentIs(request, 3, 'aclcat')) {
    return table.all().filter((row) => aclCategories(row).some((category) => argumentIs(request, 4, category)));
  }
  if (!argumentIs(request, 3, 'pattern')) return undefined;
  const pattern = latin1Bytes(argumentText(request, 4));
  return table.all().filter((row) => globMatch(pattern, latin1Bytes(row.name), 0, row.name.length));
}
