import { KEY } from '../argument-docs.js';
import { ONE_KEY } from '../command-row.js';
import { defineStorageCommand } from '../define-command.js';
import { incrementBy } from './increment.js';

/** INCR key: the new number. */
export const incr = defineStorageCommand({
  id: 320,
  name: 'incr',
  arity: 2,
  route: 'key',
  flags: ['write', 'denyoom', 'fast'],
  keys: ONE_KEY,
  keyAccess: [['RW', 'access', 'update']],
  group: 'string',
  since: '1.0.0',
  summary: 'Adds one to the integer value of a key; an absent key counts as 0.',
  complexity: 'O(1)',
  arguments: [KEY],
  execute: (context) => incrementBy(context, 1),
});
