import { defineGatewayCommand } from '../define-command.js';

/** CLIENT ID: the number of this connection. */
export const clientId = defineGatewayCommand({
  id: 11,
  name: 'client|id',
  arity: 2,
  flags: ['noscript', 'loading', 'stale'],
  group: 'connection',
  since: '5.0.0',
  summary: 'Returns the id of the connection.',
  complexity: 'O(1)',
  run: (context) => context.reply.integer(context.session.id),
});
