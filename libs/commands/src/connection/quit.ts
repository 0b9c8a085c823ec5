import { defineGatewayCommand } from '../define-command.js';

/** QUIT: OK, and the connection is closed after it. */
export const quit = defineGatewayCommand({
  id: 6,
  name: 'quit',
  arity: -1,
  flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
  group: 'connection',
  since: '1.0.0',
  summary: 'Closes the connection.',
  complexity: 'O(1)',
  run: (context) => {
    context.reply.ok();
    context.closeClient(context.session.id);
  },
});
