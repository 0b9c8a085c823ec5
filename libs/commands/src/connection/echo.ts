import { defineGatewayCommand } from '../define-command.js';

/** ECHO message: the message. */
export const echo = defineGatewayCommand({
  id: 2,
  name: 'echo',
  arity: 2,
  flags: ['loading', 'stale', 'fast'],
  group: 'connection',
  since: '1.0.0',
  summary: 'Returns the given message.',
  complexity: 'O(1)',
  arguments: [{ name: 'message', type: 'string' }],
  run: ({ reply, request }) => reply.bulk(request.buffer, request.offsets[1], request.lengths[1]),
});
