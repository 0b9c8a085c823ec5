import { defineGatewayCommand } from '../define-command.js';
import type { GatewayContext } from '../gateway-context.js';
import { definitionFields, replyFields } from './definition-reply.js';

/** STORE LIST: every store's definition. */
export const storeList = defineGatewayCommand({
  id: 914,
  name: 'store|list',
  arity: 2,
  flags: ['loading', 'stale'],
  group: 'store',
  since: 'hypercache',
  summary: 'Returns the definitions of all stores.',
  complexity: 'O(N) where N is the number of stores.',
  run: (context: GatewayContext) => {
    const { reply } = context;
    const stores = context.stores();
    reply.arrayHeader(stores.length);
    for (const store of stores) replyFields(reply, definitionFields(store));
  },
});
