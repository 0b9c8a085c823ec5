import { RespError } from '#libs/resp';
import { defineGatewayCommand } from '../define-command.js';
import type { GatewayContext } from '../gateway-context.js';
import { filterFields, replyFields } from '../store/definition-reply.js';
import { knownStore } from '../store/known-store.js';
import { nearFilterStatistics, statisticsFields } from '../store/statistics-reply.js';
import { StoreSummary, summariesOf } from '../store/store-summary.js';

/** HSTATS store: a store's statistics, added up over all storage nodes. */
export const hstats = defineGatewayCommand({
  id: 920,
  name: 'hstats',
  arity: 2,
  flags: [],
  group: 'store',
  since: 'hypercache',
  summary: 'Returns the statistics of a store over all storage nodes.',
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
    if (value instanceof RespError) return reply.error(value.message);
    const summary = summariesOf(value).get(store.name) ?? new StoreSummary();
    replyFields(reply, [['store', store.name], ...statisticsFields(summary), ...filterFields(store), ...near]);
  });
}
