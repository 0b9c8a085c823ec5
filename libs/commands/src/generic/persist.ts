import { KEY } from '../argument-docs.js';
import { ONE_KEY } from '../command-row.js';
import type { Outcome } from '../command.js';
import { defineStorageCommand } from '../define-command.js';
import { ABSENT, NO_EXPIRY } from '../storage-context.js';
import type { StorageContext } from '../storage-context.js';

/** PERSIST key: 1 where an expiry was taken away. */
export const persist = defineStorageCommand({
  id: 418,
  name: 'persist',
  arity: 2,
  route: 'key',
  flags: ['write', 'fast'],
  keys: ONE_KEY,
  keyAccess: [['RW', 'update']],
  group: 'generic',
  since: '2.2.0',
  summary: 'Removes the expiry of a key.',
  complexity: 'O(1)',
  arguments: [KEY],
  execute,
});

function execute(context: StorageContext): Outcome {
  const { keyspace, reply } = context;
  const ref = keyspace.lookupForWrite(1);
  if (ref === ABSENT || keyspace.view(ref).expiresAtMs === NO_EXPIRY) reply.integer(0);
  else if (keyspace.setExpiry(1, ref, NO_EXPIRY)) reply.integer(1);
  return 'done';
}
