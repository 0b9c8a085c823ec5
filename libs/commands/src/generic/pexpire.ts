import { EXPIRE_CONDITION, KEY } from '../argument-docs.js';
import { ONE_KEY } from '../command-row.js';
import { defineStorageCommand } from '../define-command.js';
import { executeExpire } from './expire-time.js';

/** PEXPIRE key milliseconds [NX | XX | GT | LT]: 1 where the expiry was set; a time in the past deletes the key. */
export const pexpire = defineStorageCommand({
  id: 411,
  name: 'pexpire',
  arity: -3,
  route: 'key',
  flags: ['write', 'fast'],
  keys: ONE_KEY,
  keyAccess: [['RW', 'update']],
  group: 'generic',
  since: '2.6.0',
  summary: 'Sets the time to live of a key, in milliseconds.',
  complexity: 'O(1)',
  arguments: [KEY, { name: 'milliseconds', type: 'integer' }, EXPIRE_CONDITION],
  execute: (context) => executeExpire(context, 1, true, 'pexpire'),
});
