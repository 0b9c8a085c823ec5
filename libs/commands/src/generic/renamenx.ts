import { KEY } from '../argument-docs.js';
import { TWO_KEYS } from '../command-row.js';
import type { Outcome } from '../command.js';
import { defineStorageCommand } from '../define-command.js';
import { fail } from '../replies.js';
import { ABSENT } from '../storage-context.js';
import type { StorageContext } from '../storage-context.js';
import { moveEntry, sameArguments } from './move-entry.js';

/** RENAMENX key newkey: 1 where renamed, 0 where newkey exists. */
export const renamenx = defineStorageCommand({
  id: 421,
  name: 'renamenx',
  arity: 3,
  route: 'key',
  flags: ['write', 'fast'],
  keys: TWO_KEYS,
  keyAccess: [
    ['RW', 'access', 'delete'],
    ['OW', 'insert'],
  ],
  group: 'generic',
  since: '1.0.0',
  summary: 'Renames a key only where the destination does not exist.',
  complexity: 'O(N) where N is the length of the value.',
  arguments: [KEY, { name: 'newkey', type: 'key', keySpec: 1 }],
  execute,
});

function execute(context: StorageContext): Outcome {
  const { keyspace, reply, request } = context;
  if (keyspace.lookupForWrite(1) === ABSENT) return fail(context, 'NO_SUCH_KEY');
  if (sameArguments(request, 1, 2) || keyspace.lookupForWrite(2) !== ABSENT) reply.integer(0);
  else if (moveEntry(context)) reply.integer(1);
  return 'done';
}
