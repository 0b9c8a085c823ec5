import { defineGatewayCommand } from '../define-command.js';
import type { GatewayContext } from '../gateway-context.js';
import { fail, failWith } from '../replies.js';
import { authenticate, DEFAULT_USER } from './authenticate.js';

/** AUTH [username] password */
export const auth = defineGatewayCommand({
  id: 4,
  name: 'auth',
  arity: -2,
  flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
  group: 'connection',
  since: '1.0.0',
  summary: 'Authenticates the connection.',
  complexity: 'O(1)',
  arguments: [
    { name: 'username', type: 'string', optional: true, since: '6.0.0' },
    { name: 'password', type: 'string' },
  ],
  run,
});

const NO_PASSWORD_TEXT =
  'ERR AUTH <password> called without any password configured for the default user. ' +
  'Are you sure your configuration is correct?';

function run(context: GatewayContext): void {
  const { reply, request } = context;
  if (request.count > 3) {
    fail(context, 'SYNTAX');
  } else if (request.count === 2 && !context.passwordRequired) {
    failWith(context, NO_PASSWORD_TEXT);
  } else {
    const accepted = request.count === 2 ? authenticate(context, DEFAULT_USER, 1) : authenticate(context, 1, 2);
    if (accepted) reply.ok();
    else fail(context, 'WRONG_PASS');
  }
}
