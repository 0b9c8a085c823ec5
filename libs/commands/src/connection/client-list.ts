import { latin1Bytes } from '#libs/kernel';
import { oneOf, word } from '../argument-docs.js';
import { defineGatewayCommand } from '../define-command.js';
import type { ClientSession, GatewayContext } from '../gateway-context.js';
import { integerArgument } from '../number-arguments.js';
import { fail, failWith } from '../replies.js';
import { argumentIs } from '../request.js';
import { clientLine } from './client-line.js';
import { clientTypeArgument } from './client-type.js';

/** CLIENT LIST [TYPE type | ID id…]: the clients of this gateway, a line each. */
export const clientList = defineGatewayCommand({
  id: 15,
  name: 'client|list',
  arity: -2,
  flags: ['admin', 'noscript', 'loading', 'stale'],
  group: 'connection',
  since: '2.4.0',
  summary: 'Lists the client connections of this gateway.',
  complexity: 'O(N) where N is the number of client connections.',
  arguments: [
    oneOf('client-type', [word('NORMAL'), word('MASTER'), word('REPLICA'), word('PUBSUB')], {
      token: 'TYPE',
      optional: true,
      since: '5.0.0',
    }),
    {
      name: 'id',
      type: 'block',
      token: 'ID',
      optional: true,
      since: '6.2.0',
      arguments: [{ name: 'client-id', type: 'integer', multiple: true }],
    },
  ],
  tips: ['nondeterministic_output'],
  run,
});

function run(context: GatewayContext): void {
  const { request } = context;
  if (request.count === 2) {
    writeClients(context, () => true);
  } else if (request.count === 4 && argumentIs(request, 2, 'type')) {
    const type = clientTypeArgument(context, 3);
    if (type !== undefined) writeClients(context, () => type === 'normal');
  } else if (request.count > 3 && argumentIs(request, 2, 'id')) {
    const ids = idArguments(context);
    if (ids === undefined) failWith(context, 'ERR Invalid client ID');
    else writeClients(context, (session) => ids.has(session.id));
  } else {
    fail(context, 'SYNTAX');
  }
}

function idArguments(context: GatewayContext): ReadonlySet<number> | undefined {
  const ids = new Set<number>();
  for (let i = 3; i < context.request.count; i++) {
    const id = integerArgument(context.request, i);
    if (id === undefined) return undefined;
    ids.add(id);
  }
  return ids;
}

function writeClients(context: GatewayContext, isShown: (session: ClientSession) => boolean): void {
  let text = '';
  for (const session of context.clients()) {
    if (isShown(session)) text += `${clientLine(session, context.nowMs)}\n`;
  }
  context.reply.verbatim('txt', latin1Bytes(text));
}
