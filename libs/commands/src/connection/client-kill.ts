import { oneOf, word } from '../argument-docs.js';
import { defineGatewayCommand } from '../define-command.js';
import type { ClientSession, GatewayContext } from '../gateway-context.js';
import { integerArgument } from '../number-arguments.js';
import { fail, failWith } from '../replies.js';
import { argumentIs, argumentText } from '../request.js';
import { clientTypeArgument } from './client-type.js';

/** CLIENT KILL address, or CLIENT KILL with filters that must all hold: how many clients were closed. */
export const clientKill = defineGatewayCommand({
  id: 17,
  name: 'client|kill',
  arity: -3,
  flags: ['admin', 'noscript', 'loading', 'stale'],
  group: 'connection',
  since: '2.4.0',
  summary: 'Closes client connections of this gateway.',
  complexity: 'O(N) where N is the number of client connections.',
  arguments: [
    oneOf('filter', [
      { name: 'old-format', type: 'string' },
      oneOf(
        'new-format',
        [
          { name: 'client-id', type: 'integer', token: 'ID', optional: true, since: '2.8.12' },
          oneOf('client-type', [word('NORMAL'), word('MASTER'), word('REPLICA'), word('PUBSUB')], {
            token: 'TYPE',
            optional: true,
            since: '2.8.12',
          }),
          { name: 'username', type: 'string', token: 'USER', optional: true },
          { name: 'addr', type: 'string', token: 'ADDR', optional: true },
          { name: 'laddr', type: 'string', token: 'LADDR', optional: true, since: '6.2.0' },
          { name: 'skipme', type: 'string', token: 'SKIPME', optional: true },
        ],
        { multiple: true },
      ),
    ]),
  ],
  run,
});

interface KillFilter {
  id?: number;
  type?: string;
  user?: string;
  address?: string;
  localAddress?: string;
  skipSelf: boolean;
}

function run(context: GatewayContext): void {
  const { reply, request } = context;
  if (request.count === 3) {
    const killed = killMatching(context, { address: argumentText(request, 2), skipSelf: false });
    if (killed === 0) failWith(context, 'ERR No such client');
    else reply.ok();
    return;
  }
  const filter = parseFilter(context);
  if (filter !== undefined) reply.integer(killMatching(context, filter));
}

/** Undefined after an error was answered. */
function parseFilter(context: GatewayContext): KillFilter | undefined {
  const { request } = context;
  const filter: KillFilter = { skipSelf: true };
  for (let i = 2; i < request.count; i += 2) {
    if (i + 1 >= request.count) return syntaxError(context);
    const value = argumentText(request, i + 1);
    if (argumentIs(request, i, 'id')) {
      const id = integerArgument(request, i + 1);
      if (id === undefined || id < 1) {
        failWith(context, 'ERR client-id should be greater than 0');
        return undefined;
      }
      filter.id = id;
    } else if (argumentIs(request, i, 'type')) {
      const type = clientTypeArgument(context, i + 1);
      if (type === undefined) return undefined;
      filter.type = type;
    } else if (argumentIs(request, i, 'user')) {
      filter.user = value;
    } else if (argumentIs(request, i, 'addr')) {
      filter.address = value;
    } else if (argumentIs(request, i, 'laddr')) {
      filter.localAddress = value;
    } else if (argumentIs(request, i, 'skipme') && /^(yes|no)$/i.test(value)) {
      filter.skipSelf = value.toLowerCase() === 'yes';
    } else {
      return syntaxError(context);
    }
  }
  return filter;
}

function syntaxError(context: GatewayContext): undefined {
  fail(context, 'SYNTAX');
  return undefined;
}

function killMatching(context: GatewayContext, filter: KillFilter): number {
  // Collected first: closing a client may change what clients() walks over.
  const killed = [...context.clients()].filter(
    (session) => matches(session, filter) && !(filter.skipSelf && session.id === context.session.id),
  );
  for (const session of killed) context.closeClient(session.id);
  return killed.length;
}

function matches(session: ClientSession, filter: KillFilter): boolean {
  if (filter.id !== undefined && session.id !== filter.id) return false;
  if (filter.type !== undefined && filter.type !== 'normal') return false;
  if (filter.user !== undefined && session.user !== filter.user) return false;
  if (filter.address !== undefined && session.remoteAddress !== filter.address) return false;
  return filter.localAddress === undefined || session.localAddress === filter.localAddress;
}
