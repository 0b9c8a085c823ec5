import type { Outcome } from '../command.js';
import { defineStorageCommand } from '../define-command.js';
import { argumentText } from '../request.js';
import type { StorageContext } from '../storage-context.js';
import { STORE_VALUE_NAMES } from '../store/store-report.js';

/**
 * HC.STOREREPORT [store]: for each storage node its name and, for each store or the one named, name, values and latency
 * counts. HSTATS and STORE INFO add them up; this shows how nodes differ.
 */
export const hcStorereport = defineStorageCommand({
  id: 925,
  name: 'hc.storereport',
  arity: -1,
  route: 'all',
  merge: 'nodes',
  flags: ['readonly'],
  group: 'store',
  since: 'hypercache',
  summary: 'Returns what each storage node counts of each store.',
  complexity: 'O(N) where N is the number of stores.',
  arguments: [{ name: 'store', type: 'string', optional: true }],
  tips: ['nondeterministic_output'],
  execute,
});

function execute({ request, reply, nodeId, storeReports }: StorageContext): Outcome {
  const name = request.count > 1 ? argumentText(request, 1) : undefined;
  const reports = storeReports().filter((report) => name === undefined || report.name === name);
  reply.arrayHeader(2);
  reply.bulkText(nodeId);
  reply.arrayHeader(reports.length);
  for (const report of reports) {
    reply.arrayHeader(3);
    reply.bulkText(report.name);
    reply.arrayHeader(STORE_VALUE_NAMES.length * 2);
    for (const field of STORE_VALUE_NAMES) {
      reply.bulkText(field);
      reply.integer(Math.round(report.values[field]));
    }
    reply.arrayHeader(report.latencyCounts.length);
    for (let i = 0; i < report.latencyCounts.length; i++) reply.integer(report.latencyCounts[i]);
  }
  return 'done';
}
