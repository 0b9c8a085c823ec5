import { EXPIRE_CONDITION, KEY } from '../argument-docs.js';
import { ONE_KEY } from '../command-row.js';
import { defineStorageCommand } from '../define-command.js';
import { executeExpire } from './expire-time.js';

/** EXPIRE key seconds [NX | XX | GT | LT]: 1 where the expiry was set; a time in the past deletes the key. */
export const expire = defineStorageCommand({
  id: 410,
  name: 'expire',
  arity: -3,
  route: 'key',
  flags: ['write', 'fast'],
  keys: ONE_KEY,
  keyAccess: [['RW', 'update']],
  group: 'generic',
  since: '1.0.0',
  summary: 'Sets the time to live of a key, in seconds.',
  complexity: 'O(1)',
  arguments: [KEY, { name: 'seconds', type: 'integer' }, EXPIRE_CONDITION],
  execute: (context) => executeExpire(context, 1000, true, 'expire'),
});
