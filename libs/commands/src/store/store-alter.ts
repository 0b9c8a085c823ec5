import { defineGatewayCommand } from '../define-command.js';
import type { GatewayContext } from '../gateway-context.js';
import { failWith } from '../replies.js';
import { argumentText } from '../request.js';
import { replyToChange } from './change-reply.js';
import { STORE_OPTION_DOCS, storeOptions } from './store-options.js';

/** STORE ALTER name option value …: changes a store on every node while it is in use. */
export const storeAlter = defineGatewayCommand({
  id: 912,
  name: 'store|alter',
  arity: -5,
  flags: ['admin', 'noscript'],
  group: 'store',
  since: 'hypercache',
  summary: 'Changes a store; what is not given stays as it is.',
  complexity: 'O(1); a lower limit or another policy takes effect in steps.',
  arguments: [{ name: 'name', type: 'string' }, ...STORE_OPTION_DOCS],
  run,
});

function run(context: GatewayContext): void {
  const { request } = context;
  const changes = storeOptions(request, 3);
  if (typeof changes === 'string') return void failWith(context, `ERR STORE ALTER: ${changes}`);
  context.changeCluster([{ type: 'AlterStore', name: argumentText(request, 2), changes }], replyToChange);
}
