import { defineGatewayCommand } from '../define-command.js';
import type { GatewayContext } from '../gateway-context.js';
import { failWith } from '../replies.js';
import { argumentText } from '../request.js';
import { INVALID_CLIENT_NAME, isClientAttribute } from './client-attribute.js';

/** CLIENT SETNAME name: an empty name takes it away. */
export const clientSetname = defineGatewayCommand({
  id: 12,
  name: 'client|setname',
  arity: 3,
  flags: ['noscript', 'loading', 'stale'],
  group: 'connection',
  since: '2.6.9',
  summary: 'Names the connection.',
  complexity: 'O(1)',
  arguments: [{ name: 'connection-name', type: 'string' }],
  run,
});

function run(context: GatewayContext): void {
  if (!isClientAttribute(context.request, 2)) return void failWith(context, INVALID_CLIENT_NAME);
  context.session.name = argumentText(context.request, 2);
  context.reply.ok();
}
