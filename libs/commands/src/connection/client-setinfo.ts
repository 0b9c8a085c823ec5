import { oneOf } from '../argument-docs.js';
import { defineGatewayCommand } from '../define-command.js';
import type { GatewayContext } from '../gateway-context.js';
import { failWith } from '../replies.js';
import { argumentIs, argumentText, quotedText } from '../request.js';
import { isClientAttribute } from './client-attribute.js';

/** CLIENT SETINFO LIB-NAME name | LIB-VER version: what client libraries tell about themselves. */
export const clientSetinfo = defineGatewayCommand({
  id: 14,
  name: 'client|setinfo',
  arity: 4,
  flags: ['noscript', 'loading', 'stale'],
  group: 'connection',
  since: '7.2.0',
  summary: 'Sets what the connection tells about its client library.',
  complexity: 'O(1)',
  arguments: [
    oneOf('attr', [
      { name: 'libname', type: 'string', token: 'LIB-NAME' },
      { name: 'libver', type: 'string', token: 'LIB-VER' },
    ]),
  ],
  run,
});

function run(context: GatewayContext): void {
  const { reply, request, session } = context;
  const isName = argumentIs(request, 2, 'lib-name');
  if (!isName && !argumentIs(request, 2, 'lib-ver')) {
    return void failWith(context, `ERR Unrecognized option '${quotedText(request, 2)}'`);
  }
  if (!isClientAttribute(request, 3)) {
    const attribute = isName ? 'lib-name' : 'lib-ver';
    return void failWith(context, `ERR ${attribute} cannot contain spaces, newlines or special characters.`);
  }
  if (isName) session.libraryName = argumentText(request, 3);
  else session.libraryVersion = argumentText(request, 3);
  reply.ok();
}
