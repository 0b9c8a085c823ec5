import { KEY } from '../argument-docs.js';
import { ONE_KEY } from '../command-row.js';
import { defineStorageCommand } from '../define-command.js';
import type { Outcome } from '../command.js';
import { fail } from '../replies.js';
import { ABSENT, STRING_TYPE } from '../storage-context.js';
import type { StorageContext } from '../storage-context.js';

/** GETDEL key: the value, and the key is gone. */
export const getdel = defineStorageCommand({
  id: 303,
  name: 'getdel',
  arity: 2,
  route: 'key',
  flags: ['write', 'fast'],
  keys: ONE_KEY,
  keyAccess: [['RW', 'access', 'delete']],
  group: 'string',
  since: '6.2.0',
  summary: 'Returns the string value of a key and deletes the key.',
  complexity: 'O(1)',
  arguments: [KEY],
  execute,
});

function execute(context: StorageContext): Outcome {
  const { keyspace, reply } = context;
  const ref = keyspace.lookup(1);
  if (ref === ABSENT) {
    reply.nullBulk();
    return 'done';
  }
  const view = keyspace.view(ref);
  if (view.type !== STRING_TYPE) return fail(context, 'WRONG_TYPE');
  reply.bulk(view.buffer, view.valueOffset, view.valueLength);
  keyspace.remove(1, ref, 'deleted');
  return 'done';
}
