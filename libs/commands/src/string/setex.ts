import { KEY, VALUE } from '../argument-docs.js';
import { ONE_KEY } from '../command-row.js';
import { defineStorageCommand } from '../define-command.js';
import { setWithExpiry } from './set-with-expiry.js';

/** SETEX key seconds value: sets the value with an expiry. */
export const setex = defineStorageCommand({
  id: 306,
  name: 'setex',
  arity: 4,
  route: 'key',
  flags: ['write', 'denyoom'],
  keys: ONE_KEY,
  keyAccess: [['OW', 'update']],
  group: 'string',
  since: '2.0.0',
  summary: 'Sets the string value of a key with an expiry in seconds.',
  complexity: 'O(1)',
  arguments: [KEY, { name: 'seconds', type: 'integer' }, VALUE],
  execute: (context) => setWithExpiry(context, 1000, 'setex'),
});
