import { RespError } from '#libs/resp';
import { defineGatewayCommand } from '../define-command.js';
import type { GatewayContext } from '../gateway-context.js';
import { filterFields, replyFields, type Field } from '../store/definition-reply.js';
import { knownStore } from '../store/known-store.js';
import { filterStatistics, nearFilterStatistics } from '../store/statistics-reply.js';
import { StoreSummary, summariesOf } from '../store/store-summary.js';

/** HGET_FILTER store: how a store's filter is set, and what it does; the latter only where storage nodes are in reach. */
export const hgetFilter = defineGatewayCommand({
  id: 923,
  name: 'hget_filter',
  arity: 2,
  flags: [],
  group: 'store',
  since: 'hypercache',
  summary: 'Returns the settings of the filter of a store, and its statistics over all storage nodes.',
  complexity: 'O(N) where N is the number of storage nodes.',
  arguments: [{ name: 'store', type: 'string' }],
  tips: ['nondeterministic_output'],
  run,
});

function run(context: GatewayContext): void {
  const store = knownStore(context, 1);
  if (store === undefined) return;
  const near = nearFilterStatistics(context.nearFilter(store.id));
  context.runCommand(['HC.STOREREPORT', store.name], (reply, value) => {
    const statistics: readonly Field[] =
      value instanceof RespError
        ? [['statistics_error', value.message]]
        : filterStatistics(summariesOf(value).get(store.name) ?? new StoreSummary());
    replyFields(reply, [...filterFields(store), ...statistics, ...near]);
  });
}
