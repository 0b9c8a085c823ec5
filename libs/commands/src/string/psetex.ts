import { KEY, VALUE } from '../argument-docs.js';
import { ONE_KEY } from '../command-row.js';
import { defineStorageCommand } from '../define-command.js';
import { setWithExpiry } from './set-with-expiry.js';

/** PSETEX key milliseconds value: sets the value with an expiry. */
export const psetex = defineStorageCommand({
  id: 307,
  name: 'psetex',
  arity: 4,
  route: 'key',
  flags: ['write', 'denyoom'],
  keys: ONE_KEY,
  keyAccess: [['OW', 'update']],
  group: 'string',
  since: '2.6.0',
  summary: 'Sets the string value of a key with an expiry in milliseconds.',
  complexity: 'O(1)',
  arguments: [KEY, { name: 'milliseconds', type: 'integer' }, VALUE],
  execute: (context) => setWithExpiry(context, 1, 'psetex'),
});
