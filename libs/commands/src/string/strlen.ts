import { KEY } from '../argument-docs.js';
import { ONE_KEY } from '../command-row.js';
import type { Outcome } from '../command.js';
import { defineStorageCommand } from '../define-command.js';
import { fail } from '../replies.js';
import { ABSENT, STRING_TYPE } from '../storage-context.js';
import type { StorageContext } from '../storage-context.js';

/** STRLEN key: the value's bytes, 0 where the key is absent. */
export const strlen = defineStorageCommand({
  id: 316,
  name: 'strlen',
  arity: 2,
  route: 'key',
  absentReply: 'zero',
  flags: ['readonly', 'fast'],
  keys: ONE_KEY,
  keyAccess: [['RO']],
  group: 'string',
  since: '2.2.0',
  summary: 'Returns the length of the string value of a key, in bytes.',
  complexity: 'O(1)',
  arguments: [KEY],
  execute,
});

function execute(context: StorageContext): Outcome {
  const { keyspace, reply } = context;
  const ref = keyspace.lookup(1);
  const view = ref === ABSENT ? undefined : keyspace.view(ref);
  if (view !== undefined && view.type !== STRING_TYPE) return fail(context, 'WRONG_TYPE');
  reply.integer(view === undefined ? 0 : view.valueLength);
  return 'done';
}
