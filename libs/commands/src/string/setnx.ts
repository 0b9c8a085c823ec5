import { KEY, VALUE } from '../argument-docs.js';
import { ONE_KEY } from '../command-row.js';
import type { Outcome } from '../command.js';
import { defineStorageCommand } from '../define-command.js';
import { ABSENT, NO_EXPIRY } from '../storage-context.js';
import type { StorageContext } from '../storage-context.js';
import { storeValue } from './store-value.js';

/** SETNX key value: 1 where the key was absent and is set, else 0. */
export const setnx = defineStorageCommand({
  id: 305,
  name: 'setnx',
  arity: 3,
  route: 'key',
  flags: ['write', 'denyoom', 'fast'],
  keys: ONE_KEY,
  keyAccess: [['OW', 'insert']],
  group: 'string',
  since: '1.0.0',
  summary: 'Sets the string value of a key only where the key does not exist.',
  complexity: 'O(1)',
  arguments: [KEY, VALUE],
  execute,
});

function execute(context: StorageContext): Outcome {
  const { keyspace, reply } = context;
  if (keyspace.lookupForWrite(1) !== ABSENT) reply.integer(0);
  else if (storeValue(context, 1, 2, NO_EXPIRY)) reply.integer(1);
  return 'done';
}
