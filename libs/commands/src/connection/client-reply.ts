import { oneOf, word } from '../argument-docs.js';
import { defineGatewayCommand } from '../define-command.js';
import type { GatewayContext } from '../gateway-context.js';
import { fail } from '../replies.js';
import { argumentIs } from '../request.js';

/** CLIENT REPLY ON | OFF | SKIP: only ON is answered; SKIP drops the next command's reply. */
export const clientReply = defineGatewayCommand({
  id: 20,
  name: 'client|reply',
  arity: 3,
  flags: ['noscript', 'loading', 'stale'],
  group: 'connection',
  since: '3.2.0',
  summary: 'Tells the server whether to answer commands.',
  complexity: 'O(1)',
  arguments: [oneOf('on_off_skip', [word('ON'), word('OFF'), word('SKIP')])],
  run,
});

function run(context: GatewayContext): void {
  const { reply, request, session } = context;
  if (argumentIs(request, 2, 'on')) {
    session.replyMode = 'on';
    reply.ok();
  } else if (argumentIs(request, 2, 'off')) {
    session.replyMode = 'off';
  } else if (argumentIs(request, 2, 'skip')) {
    if (session.replyMode === 'on') session.replyMode = 'skip';
  } else {
    fail(context, 'SYNTAX');
  }
}
