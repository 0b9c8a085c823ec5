import { RespError } from '#libs/resp';
import { defineGatewayCommand } from '../define-command.js';
import type { GatewayContext } from '../gateway-context.js';

/** CONFIG RESETSTAT: the counters of INFO and of stores begin at zero again, here and at every storage node. */
export const configResetstat = defineGatewayCommand({
  id: 133,
  name: 'config|resetstat',
  arity: 2,
  flags: ['admin', 'noscript', 'loading', 'stale'],
  group: 'server',
  since: '2.0.0',
  summary: 'Resets the statistics of INFO and of all stores.',
  complexity: 'O(N) where N is the number of storage nodes.',
  run,
});

function run(context: GatewayContext): void {
  const { settings } = context;
  context.runCommand(['HC.RESETSTAT'], (reply, value) => {
    settings.resetStatistics();
    if (value instanceof RespError) return reply.error(value.message);
    reply.ok();
  });
}
