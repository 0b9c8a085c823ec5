import { REPLIES } from '#libs/resp';
import { wrongArityText } from '../command-errors.js';
import { defineGatewayCommand } from '../define-command.js';
import type { GatewayContext } from '../gateway-context.js';

/** PING [message]: PONG, or the message. */
export const ping = defineGatewayCommand({
  id: 1,
  name: 'ping',
  arity: -1,
  flags: ['fast'],
  group: 'connection',
  since: '1.0.0',
  summary: 'Returns PONG, or the given message.',
  complexity: 'O(1)',
  arguments: [{ name: 'message', type: 'string', optional: true }],
  run,
});

function run(context: GatewayContext): void {
  const { reply, request } = context;
  if (request.count > 2) reply.error(wrongArityText(ping));
  else if (request.count === 2) reply.bulk(request.buffer, request.offsets[1], request.lengths[1]);
  else reply.raw(REPLIES.pong);
}
