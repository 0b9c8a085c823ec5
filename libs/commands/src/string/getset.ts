import { KEY, VALUE } from '../argument-docs.js';
import { ONE_KEY } from '../command-row.js';
import { defineStorageCommand } from '../define-command.js';
import { NO_EXPIRY } from '../storage-context.js';
import { replaceAndGet } from './set.js';

/** GETSET key value: sets the value and answers the old one. */
export const getset = defineStorageCommand({
  id: 304,
  name: 'getset',
  arity: 3,
  route: 'key',
  flags: ['write', 'denyoom', 'fast'],
  keys: ONE_KEY,
  keyAccess: [['RW', 'access', 'update']],
  group: 'string',
  since: '1.0.0',
  summary: 'Sets the string value of a key and returns the old one.',
  complexity: 'O(1)',
  arguments: [KEY, VALUE],
  deprecated: { since: '6.2.0', replacedBy: '`SET` with the `GET` argument' },
  execute: (context) => replaceAndGet(context, NO_EXPIRY),
});
