import { KEYS } from '../argument-docs.js';
import { ALL_KEYS } from '../command-row.js';
import type { Outcome } from '../command.js';
import { defineStorageCommand } from '../define-command.js';
import { ABSENT, STRING_TYPE } from '../storage-context.js';
import type { StorageContext } from '../storage-context.js';

/** MGET key…: the values in the order of the keys; nil where a key is absent or holds no string. */
export const mget = defineStorageCommand({
  id: 310,
  name: 'mget',
  arity: -2,
  route: 'split',
  merge: 'keyed',
  flags: ['readonly', 'fast'],
  keys: ALL_KEYS,
  keyAccess: [['RO', 'access']],
  group: 'string',
  since: '1.0.0',
  summary: 'Returns the string values of several keys.',
  complexity: 'O(N) where N is the number of keys.',
  arguments: [KEYS],
  execute,
});

function execute(context: StorageContext): Outcome {
  const { keyspace, reply, request } = context;
  reply.arrayHeader(request.count - 1);
  for (let i = 1; i < request.count; i++) {
    const ref = keyspace.lookup(i);
    const view = ref === ABSENT ? undefined : keyspace.view(ref);
    if (view === undefined || view.type !== STRING_TYPE) reply.nullBulk();
    else reply.bulk(view.buffer, view.valueOffset, view.valueLength);
  }
  return 'done';
}
