import { EXPIRE_CONDITION, KEY } from '../argument-docs.js';
import { ONE_KEY } from '../command-row.js';
import { defineStorageCommand } from '../define-command.js';
import { executeExpire } from './expire-time.js';

/** PEXPIREAT key unix-time-milliseconds [NX | XX | GT | LT]: 1 where the expiry was set; a time in the past deletes the key. */
export const pexpireat = defineStorageCommand({
  id: 413,
  name: 'pexpireat',
  arity: -3,
  route: 'key',
  flags: ['write', 'fast'],
  keys: ONE_KEY,
  keyAccess: [['RW', 'update']],
  group: 'generic',
  since: '2.6.0',
  summary: 'Sets the expiry of a key as a Unix time in milliseconds.',
  complexity: 'O(1)',
  arguments: [KEY, { name: 'unix-time-milliseconds', type: 'unix-time' }, EXPIRE_CONDITION],
  execute: (context) => executeExpire(context, 1, false, 'pexpireat'),
});
