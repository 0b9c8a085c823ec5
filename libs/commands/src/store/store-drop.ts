import { defineGatewayCommand } from '../define-command.js';
import type { GatewayContext } from '../gateway-context.js';
import { argumentText } from '../request.js';
import { replyToChange } from './change-reply.js';

/** STORE DROP name: the store goes, and its entries with it, on every node. */
export const storeDrop = defineGatewayCommand({
  id: 913,
  name: 'store|drop',
  arity: 3,
  flags: ['admin', 'noscript'],
  group: 'store',
  since: 'hypercache',
  summary: 'Drops a store and all its entries; `default` cannot be dropped.',
  complexity: 'O(1); memory is given back afterwards.',
  arguments: [{ name: 'name', type: 'string' }],
  run: (context: GatewayContext) =>
    context.changeCluster([{ type: 'DropStore', name: argumentText(context.request, 2) }], replyToChange),
});
