import { ON_OFF } from '../argument-docs.js';
import { defineGatewayCommand } from '../define-command.js';
import type { GatewayContext } from '../gateway-context.js';
import { onOffArgument } from '../on-off-argument.js';
import { fail } from '../replies.js';

/** CLIENT NO-EVICT ON | OFF */
export const clientNoEvict = defineGatewayCommand({
  id: 18,
  name: 'client|no-evict',
  arity: 3,
  flags: ['admin', 'noscript', 'loading', 'stale'],
  group: 'connection',
  since: '7.0.0',
  summary: 'Protects the connection from being closed for its memory.',
  complexity: 'O(1)',
  arguments: [ON_OFF],
  run,
});

function run(context: GatewayContext): void {
  const enabled = onOffArgument(context.request, 2);
  if (enabled === undefined) return void fail(context, 'SYNTAX');
  context.session.noEvict = enabled;
  context.reply.ok();
}
