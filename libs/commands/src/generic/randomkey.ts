import type { Outcome } from '../command.js';
import { defineStorageCommand } from '../define-command.js';
import { ABSENT } from '../storage-context.js';
import type { StorageContext } from '../storage-context.js';

/** RANDOMKEY: any key of the database, nil where it is empty. */
export const randomkey = defineStorageCommand({
  id: 430,
  name: 'randomkey',
  arity: 1,
  route: 'all',
  merge: 'pick',
  flags: ['readonly'],
  group: 'generic',
  since: '1.0.0',
  summary: 'Returns a random key of the database.',
  complexity: 'O(1)',
  tips: ['nondeterministic_output'],
  execute,
});

function execute(context: StorageContext): Outcome {
  const { keyspace, reply } = context;
  const ref = keyspace.random();
  if (ref === ABSENT) {
    reply.nullBulk();
    return 'done';
  }
  const view = keyspace.view(ref);
  reply.bulk(view.buffer, view.keyOffset, view.keyLength);
  return 'done';
}
