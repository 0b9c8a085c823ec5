import type { Outcome } from '../command.js';
import { defineStorageCommand } from '../define-command.js';
import type { StorageContext } from '../storage-context.js';

/** DBSIZE: how many keys the database has. */
export const dbsize = defineStorageCommand({
  id: 150,
  name: 'dbsize',
  arity: 1,
  route: 'all',
  merge: 'sum',
  flags: ['readonly', 'fast'],
  group: 'server',
  since: '1.0.0',
  summary: 'Returns the number of keys in the database.',
  complexity: 'O(1)',
  categories: ['keyspace'],
  execute,
});

function execute(context: StorageContext): Outcome {
  context.reply.integer(context.keyspace.size());
  return 'done';
}
