import { defineGatewayCommand } from '../define-command.js';
import type { GatewayContext } from '../gateway-context.js';
import { filterFields, replyFields } from '../store/definition-reply.js';
import { knownStore } from '../store/known-store.js';

/** HGET_FILTER store: how a store's filter is set. */
export const hgetFilter = defineGatewayCommand({
  id: 923,
  name: 'hget_filter',
  arity: 2,
  flags: ['fast'],
  group: 'store',
  since: 'hypercache',
  summary: 'Returns the settings of the filter of a store.',
  complexity: 'O(1)',
  arguments: [{ name: 'store', type: 'string' }],
  run: (context: GatewayContext) => {
    const store = knownStore(context, 1);
    if (store !== undefined) replyFields(context.reply, filterFields(store));
  },
});
