import { BOUNDS } from '#libs/kernel';
import type { Outcome } from '../command.js';
import { defineStorageCommand } from '../define-command.js';
import { quotedText } from '../request.js';
import type { StorageContext } from '../storage-context.js';

const MAX_VERSION_CHARS = 64;

/**
 * HC.FILTERCOPY version: a copy of the table of the store's filter for the operation's partition, as libs/filter encodes
 * it; `same` where it still has that version, nil where there is none, or one too large to copy. Gateways ask each
 * partition alone; of several, a node answers for the first.
 */
export const hcFiltercopy = defineStorageCommand({
  id: 927,
  name: 'hc.filtercopy',
  arity: 2,
  route: 'all',
  merge: 'nodes',
  flags: ['readonly'],
  group: 'store',
  since: 'hypercache',
  summary: 'Returns a copy of the filter of a partition: what gateways ask for themselves.',
  complexity: 'O(N) where N is the size of the table.',
  arguments: [{ name: 'version', type: 'string' }],
  tips: ['nondeterministic_output'],
  execute,
});

function execute({ request, reply, keyspace }: StorageContext): Outcome {
  const known = quotedText(request, 1, MAX_VERSION_CHARS);
  const copy = keyspace.filterCopy(known, BOUNDS.maxNearFilterTableBytes);
  if (copy === undefined) reply.nullBulk();
  else if (copy === 'same') reply.simple('same');
  else reply.bulk(copy);
  return 'done';
}
