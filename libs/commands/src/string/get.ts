import { KEY } from '../argument-docs.js';
import { ONE_KEY } from '../command-row.js';
import type { Outcome } from '../command.js';
import { defineStorageCommand } from '../define-command.js';
import { fail } from '../replies.js';
import { ABSENT, STRING_TYPE } from '../storage-context.js';
import type { StorageContext } from '../storage-context.js';

/** GET key: the value, or nil. */
export const get = defineStorageCommand({
  id: 300,
  name: 'get',
  arity: 2,
  route: 'key',
  absentReply: 'null',
  flags: ['readonly', 'fast'],
  keys: ONE_KEY,
  keyAccess: [['RO', 'access']],
  group: 'string',
  since: '1.0.0',
  summary: 'Returns the string value of a key.',
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
  return 'done';
}
