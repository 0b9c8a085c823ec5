import { defineGatewayCommand } from '../define-command.js';

/** CONFIG RESETSTAT: the counters of INFO begin at zero again. */
export const configResetstat = defineGatewayCommand({
  id: 133,
  name: 'config|resetstat',
  arity: 2,
  flags: ['admin', 'noscript', 'loading', 'stale'],
  group: 'server',
  since: '2.0.0',
  summary: 'Resets the statistics of INFO.',
  complexity: 'O(1)',
  run: ({ reply, settings }) => {
    settings.resetStatistics();
    reply.ok();
  },
});
