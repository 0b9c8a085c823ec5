import { latin1Bytes } from '#libs/kernel';
import { defineGatewayCommand } from '../define-command.js';
import { clientLine } from './client-line.js';

/** CLIENT INFO: this connection as a line of CLIENT LIST. */
export const clientInfo = defineGatewayCommand({
  id: 16,
  name: 'client|info',
  arity: 2,
  flags: ['noscript', 'loading', 'stale'],
  group: 'connection',
  since: '6.2.0',
  summary: 'Returns what CLIENT LIST shows about the connection.',
  complexity: 'O(1)',
  tips: ['nondeterministic_output'],
  run: ({ nowMs, reply, session }) => reply.verbatim('txt', latin1Bytes(`${clientLine(session, nowMs)}\n`)),
});
