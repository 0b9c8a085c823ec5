import { FLUSH_MODE } from '../argument-docs.js';
import { defineStorageCommand } from '../define-command.js';
import { flush } from './flush.js';

/** FLUSHDB [ASYNC | SYNC] */
export const flushdb = defineStorageCommand({
  id: 151,
  name: 'flushdb',
  arity: -1,
  route: 'all',
  merge: 'ok',
  flags: ['write'],
  group: 'server',
  since: '1.0.0',
  summary: 'Removes all keys of the database.',
  complexity: 'O(N) where N is the number of removed keys.',
  arguments: [FLUSH_MODE],
  categories: ['keyspace', 'dangerous'],
  execute: (context) => flush(context, 'database'),
});
