import { defineGatewayCommand } from '../define-command.js';
import type { GatewayContext } from '../gateway-context.js';

/** TIME: [Unix time in seconds, microseconds of that second]. */
export const time = defineGatewayCommand({
  id: 140,
  name: 'time',
  arity: 1,
  flags: ['loading', 'stale', 'fast'],
  group: 'server',
  since: '2.6.0',
  summary: 'Returns the time of the server.',
  complexity: 'O(1)',
  tips: ['nondeterministic_output'],
  run,
});

function run({ nowMicros, nowMs, reply }: GatewayContext): void {
  reply.arrayHeader(2);
  reply.bulkText(String(Math.floor(nowMs / 1000)));
  reply.bulkText(String((nowMs % 1000) * 1000 + nowMicros));
}
