import { KEY_VALUES } from '../argument-docs.js';
import { KEY_VALUE_PAIRS } from '../command-row.js';
import type { Outcome } from '../command.js';
import { defineStorageCommand } from '../define-command.js';
import { ABSENT, NO_EXPIRY } from '../storage-context.js';
import type { StorageContext } from '../storage-context.js';
import { storeValue } from './store-value.js';

/** MSETNX key value…: all or none, so all keys must lie in one partition; 1 where set, 0 where any key existed. */
export const msetnx = defineStorageCommand({
  id: 312,
  name: 'msetnx',
  arity: -3,
  route: 'key',
  flags: ['write', 'denyoom'],
  keys: KEY_VALUE_PAIRS,
  keyAccess: [['OW', 'insert']],
  group: 'string',
  since: '1.0.1',
  summary: 'Sets the string values of several keys only where none of them exists.',
  complexity: 'O(N) where N is the number of keys.',
  arguments: [KEY_VALUES],
  execute,
});

function execute(context: StorageContext): Outcome {
  const { keyspace, reply, request } = context;
  for (let i = 1; i < request.count; i += 2) {
    if (keyspace.lookupForWrite(i) === ABSENT) continue;
    reply.integer(0);
    return 'done';
  }
  for (let i = 1; i < request.count; i += 2) {
    if (!storeValue(context, i, i + 1, NO_EXPIRY)) return 'done';
  }
  reply.integer(1);
  return 'done';
}
