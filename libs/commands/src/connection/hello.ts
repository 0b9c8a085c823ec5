import { defineGatewayCommand } from '../define-command.js';
import type { GatewayContext } from '../gateway-context.js';
import { integerArgument } from '../number-arguments.js';
import { fail, failWith } from '../replies.js';
import { argumentIs, argumentText, quotedText } from '../request.js';
import { authenticate } from './authenticate.js';
import { INVALID_CLIENT_NAME, isClientAttribute } from './client-attribute.js';

/** HELLO [protover [AUTH username password] [SETNAME clientname]]: agrees on RESP2 or RESP3. */
export const hello = defineGatewayCommand({
  id: 3,
  name: 'hello',
  arity: -1,
  flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
  group: 'connection',
  since: '6.0.0',
  summary: 'Agrees on the protocol version; authenticates and names the connection.',
  complexity: 'O(1)',
  arguments: [
    {
      name: 'arguments',
      type: 'block',
      optional: true,
      arguments: [
        { name: 'protover', type: 'integer' },
        {
          name: 'username_password',
          type: 'block',
          token: 'AUTH',
          optional: true,
          arguments: [
            { name: 'username', type: 'string' },
            { name: 'password', type: 'string' },
          ],
        },
        { name: 'clientname', type: 'string', token: 'SETNAME', optional: true },
      ],
    },
  ],
  run,
});

const NOT_AUTHENTICATED =
  'NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> ' +
  'option can be used to authenticate the client and select the RESP protocol version at the same time';

/** Indexes of the arguments that were given, 0 where not. */
interface HelloOptions {
  user: number;
  name: number;
}

function run(context: GatewayContext): void {
  const { reply, request, session } = context;
  const version = request.count > 1 ? integerArgument(request, 1) : session.protocol;
  if (version === undefined) return void failWith(context, 'ERR Protocol version is not an integer or out of range');
  if (version !== 2 && version !== 3) return void fail(context, 'NO_PROTO');
  const options: HelloOptions = { user: 0, name: 0 };
  const unknown = parseOptions(context, options);
  if (unknown !== 0) {
    return void failWith(context, `ERR Syntax error in HELLO option '${quotedText(request, unknown)}'`);
  }
  if (options.user !== 0) {
    const { user } = options;
    if (!authenticate(context, user, user + 1)) return void fail(context, 'WRONG_PASS');
  }
  if (!session.authenticated) return void failWith(context, NOT_AUTHENTICATED);
  if (options.name !== 0) {
    if (!isClientAttribute(request, options.name)) return void failWith(context, INVALID_CLIENT_NAME);
    session.name = argumentText(request, options.name);
  }
  session.protocol = version;
  reply.version = version;
  writeGreeting(context);
}

/** Index of the argument that is no option, 0 where all are. */
function parseOptions(context: GatewayContext, options: HelloOptions): number {
  const { request } = context;
  for (let i = 2; i < request.count; i++) {
    if (argumentIs(request, i, 'auth') && i + 2 < request.count) {
      options.user = i + 1;
      i += 2;
    } else if (argumentIs(request, i, 'setname') && i + 1 < request.count) {
      options.name = ++i;
    } else {
      return i;
    }
  }
  return 0;
}

/** The server calls itself redis: clients look for it. */
function writeGreeting(context: GatewayContext): void {
  const { reply, session } = context;
  reply.mapHeader(7);
  reply.bulkText('server');
  reply.bulkText('redis');
  reply.bulkText('version');
  reply.bulkText(context.serverVersion);
  reply.bulkText('proto');
  reply.integer(session.protocol);
  reply.bulkText('id');
  reply.integer(session.id);
  reply.bulkText('mode');
  reply.bulkText(context.cluster.mode);
  reply.bulkText('role');
  reply.bulkText('master');
  reply.bulkText('modules');
  reply.arrayHeader(0);
}
