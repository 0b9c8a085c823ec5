import { KEY } from '../argument-docs.js';
import { TWO_KEYS } from '../command-row.js';
import type { Outcome } from '../command.js';
import { defineStorageCommand } from '../define-command.js';
import { fail } from '../replies.js';
import { ABSENT } from '../storage-context.js';
import type { StorageContext } from '../storage-context.js';
import { moveEntry, sameArguments } from './move-entry.js';

/** RENAME key newkey: replaces what newkey held; the expiry moves along. */
export const rename = defineStorageCommand({
  id: 420,
  name: 'rename',
  arity: 3,
  route: 'key',
  flags: ['write'],
  keys: TWO_KEYS,
  keyAccess: [
    ['RW', 'access', 'delete'],
    ['OW', 'update'],
  ],
  group: 'generic',
  since: '1.0.0',
  summary: 'Renames a key and overwrites the destination.',
  complexity: 'O(N) where N is the length of the value.',
  arguments: [KEY, { name: 'newkey', type: 'key', keySpec: 1 }],
  execute,
});

function execute(context: StorageContext): Outcome {
  const { keyspace, reply, request } = context;
  if (keyspace.lookupForWrite(1) === ABSENT) return fail(context, 'NO_SUCH_KEY');
  if (sameArguments(request, 1, 2) || moveEntry(context)) reply.ok();
  return 'done';
}
