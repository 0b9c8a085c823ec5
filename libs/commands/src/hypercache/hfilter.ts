import { defineGatewayCommand } from '../define-command.js';
import type { GatewayContext } from '../gateway-context.js';
import { oneOf, word } from '../argument-docs.js';
import { failWith } from '../replies.js';
import { argumentIs, argumentText, quotedText } from '../request.js';
import { replyToChange } from '../store/change-reply.js';

/** HFILTER store enable|disable: switches a store's filter on every storage node. */
export const hfilter = defineGatewayCommand({
  id: 922,
  name: 'hfilter',
  arity: 3,
  flags: ['admin', 'noscript'],
  group: 'store',
  since: 'hypercache',
  summary: 'Switches the filter of a store on or off.',
  complexity: 'O(1); a filter that is switched on is built in steps.',
  arguments: [{ name: 'store', type: 'string' }, oneOf('enabled', [word('ENABLE'), word('DISABLE')])],
  run,
});

function run(context: GatewayContext): void {
  const { request } = context;
  const enabled = argumentIs(request, 2, 'enable');
  if (!enabled && !argumentIs(request, 2, 'disable')) {
    return void failWith(context, `ERR HFILTER: '${quotedText(request, 2, 64)}': use enable or disable`);
  }
  const name = argumentText(request, 1);
  context.changeCluster([{ type: 'AlterStore', name, changes: { filter: { enabled } } }], replyToChange);
}
