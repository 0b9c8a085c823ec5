import { defineGatewayCommand } from '../define-command.js';

/** RESET: the connection is as new: RESP2, database 0, no name, to be authenticated again. */
export const reset = defineGatewayCommand({
  id: 7,
  name: 'reset',
  arity: 1,
  flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
  group: 'connection',
  since: '6.2.0',
  summary: 'Resets the connection to the state of a new one.',
  complexity: 'O(1)',
  run: (context) => {
    context.resetSession();
    context.reply.simple('RESET');
  },
});
