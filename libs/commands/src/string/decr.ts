import { KEY } from '../argument-docs.js';
import { ONE_KEY } from '../command-row.js';
import { defineStorageCommand } from '../define-command.js';
import { incrementBy } from './increment.js';

/** DECR key: the new number. */
export const decr = defineStorageCommand({
  id: 321,
  name: 'decr',
  arity: 2,
  route: 'key',
  flags: ['write', 'denyoom', 'fast'],
  keys: ONE_KEY,
  keyAccess: [['RW', 'access', 'update']],
  group: 'string',
  since: '1.0.0',
  summary: 'Subtracts one from the integer value of a key; an absent key counts as 0.',
  complexity: 'O(1)',
  arguments: [KEY],
  execute: (context) => incrementBy(context, -1),
});
