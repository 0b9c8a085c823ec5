import { FLUSH_MODE } from '../argument-docs.js';
import { defineStorageCommand } from '../define-command.js';
import { flush } from './flush.js';

/** FLUSHALL [ASYNC | SYNC] */
export const flushall = defineStorageCommand({
  id: 152,
  name: 'flushall',
  arity: -1,
  route: 'all',
  merge: 'ok',
  flags: ['write'],
  group: 'server',
  since: '1.0.0',
  summary: 'Removes all keys of all databases of the store.',
  complexity: 'O(N) where N is the number of removed keys.',
  arguments: [FLUSH_MODE],
  categories: ['keyspace', 'dangerous'],
  execute: (context) => flush(context, 'store'),
});
