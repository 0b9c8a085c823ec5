import { word } from '../argument-docs.js';
import { TWO_KEYS } from '../command-row.js';
import type { Outcome } from '../command.js';
import { databaseArgument, DATABASE_ERRORS, isDatabaseError } from '../database-argument.js';
import { defineStorageCommand } from '../define-command.js';
import { fail, failWith } from '../replies.js';
import { argumentIs } from '../request.js';
import { ABSENT } from '../storage-context.js';
import type { StorageContext } from '../storage-context.js';
import { sameArguments } from './move-entry.js';

/** COPY source destination [DB n] [REPLACE]: 1 where copied, with the expiry. */
export const copy = defineStorageCommand({
  id: 422,
  name: 'copy',
  arity: -3,
  route: 'key',
  flags: ['write', 'denyoom'],
  keys: TWO_KEYS,
  keyAccess: [
    ['RO', 'access'],
    ['OW', 'update'],
  ],
  group: 'generic',
  since: '6.2.0',
  summary: 'Copies the value and the expiry of a key to another key.',
  complexity: 'O(N) where N is the length of the value.',
  arguments: [
    { name: 'source', type: 'key' },
    { name: 'destination', type: 'key', keySpec: 1 },
    { name: 'destination-db', type: 'integer', token: 'DB', optional: true },
    word('REPLACE', { optional: true }),
  ],
  execute,
});

function execute(context: StorageContext): Outcome {
  const { keyspace, reply, request } = context;
  let { database } = context;
  let replace = false;
  for (let i = 3; i < request.count; i++) {
    if (argumentIs(request, i, 'replace')) {
      replace = true;
    } else if (argumentIs(request, i, 'db') && i + 1 < request.count) {
      database = databaseArgument(request, ++i);
      if (isDatabaseError(database)) return failWith(context, DATABASE_ERRORS[database]);
    } else {
      return fail(context, 'SYNTAX');
    }
  }
  if (database === context.database && sameArguments(request, 1, 2)) {
    return failWith(context, 'ERR source and destination objects are the same');
  }
  // The destination first: its look-up may remove an expired entry, after which the source's handle would be void.
  const taken = keyspace.lookupInDatabase(2, database) !== ABSENT;
  const ref = keyspace.lookup(1);
  if (ref === ABSENT || (taken && !replace)) reply.integer(0);
  else if (keyspace.copy(1, ref, 2, database)) reply.integer(1);
  return 'done';
}
