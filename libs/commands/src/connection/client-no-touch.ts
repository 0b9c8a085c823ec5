import { ON_OFF } from '../argument-docs.js';
import { defineGatewayCommand } from '../define-command.js';
import type { GatewayContext } from '../gateway-context.js';
import { onOffArgument } from '../on-off-argument.js';
import { fail } from '../replies.js';

/** CLIENT NO-TOUCH ON | OFF */
export const clientNoTouch = defineGatewayCommand({
  id: 19,
  name: 'client|no-touch',
  arity: 3,
  flags: ['noscript', 'loading', 'stale'],
  group: 'connection',
  since: '7.2.0',
  summary: 'Keeps the reads of the connection from marking keys as used.',
  complexity: 'O(1)',
  arguments: [ON_OFF],
  run,
});

function run(context: GatewayContext): void {
  const enabled = onOffArgument(context.request, 2);
  if (enabled === undefined) return void fail(context, 'SYNTAX');
  context.session.noTouch = enabled;
  context.reply.ok();
}
