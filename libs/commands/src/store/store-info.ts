import { RespError } from '#libs/resp';
import { defineGatewayCommand } from '../define-command.js';
import type { GatewayContext } from '../gateway-context.js';
import { definitionFields, replyFields, type Field } from './definition-reply.js';
import { knownStore } from './known-store.js';
import { statisticsFields } from './statistics-reply.js';
import { StoreSummary, summariesOf } from './store-summary.js';

/** STORE INFO name: definition and statistics; without the latter where storage nodes are out of reach. */
export const storeInfo = defineGatewayCommand({
  id: 915,
  name: 'store|info',
  arity: 3,
  flags: [],
  group: 'store',
  since: 'hypercache',
  summary: 'Returns the definition of a store and its statistics over all storage nodes.',
  complexity: 'O(N) where N is the number of storage nodes.',
  arguments: [{ name: 'name', type: 'string' }],
  tips: ['nondeterministic_output'],
  run,
});

function run(context: GatewayContext): void {
  const store = knownStore(context, 2);
  if (store === undefined) return;
  const definition: readonly Field[] = [['id', store.id], ...definitionFields(store)];
  context.runCommand(['HC.STOREREPORT', store.name], (reply, value) => {
    const statistics: readonly Field[] =
      value instanceof RespError
        ? [['statistics_error', value.message]]
        : statisticsFields(summariesOf(value).get(store.name) ?? new StoreSummary());
    replyFields(reply, [...definition, ...statistics]);
  });
}
