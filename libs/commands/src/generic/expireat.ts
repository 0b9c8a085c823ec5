import { EXPIRE_CONDITION, KEY } from '../argument-docs.js';
import { ONE_KEY } from '../command-row.js';
import { defineStorageCommand } from '../define-command.js';
import { executeExpire } from './expire-time.js';

/** EXPIREAT key unix-time-seconds [NX | XX | GT | LT]: 1 where the expiry was set; a time in the past deletes the key. */
export const expireat = defineStorageCommand({
  id: 412,
  name: 'expireat',
  arity: -3,
  route: 'key',
  flags: ['write', 'fast'],
  keys: ONE_KEY,
  keyAccess: [['RW', 'update']],
  group: 'generic',
  since: '1.2.0',
  summary: 'Sets the expiry of a key as a Unix time in seconds.',
  complexity: 'O(1)',
  arguments: [KEY, { name: 'unix-time-seconds', type: 'unix-time' }, EXPIRE_CONDITION],
  execute: (context) => executeExpire(context, 1000, false, 'expireat'),
});
