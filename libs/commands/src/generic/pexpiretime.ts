import { KEY } from '../argument-docs.js';
import { ONE_KEY } from '../command-row.js';
import { defineStorageCommand } from '../define-command.js';
import { replyExpiry } from './read-expiry.js';

/** PEXPIRETIME key: the expiry in Unix milliseconds; -1 without an expiry, -2 without the key. */
export const pexpiretime = defineStorageCommand({
  id: 417,
  name: 'pexpiretime',
  arity: 2,
  route: 'key',
  absentReply: 'minus-two',
  flags: ['readonly', 'fast'],
  keys: ONE_KEY,
  keyAccess: [['RO', 'access']],
  group: 'generic',
  since: '7.0.0',
  summary: 'Returns the expiry of a key as a Unix time in milliseconds.',
  complexity: 'O(1)',
  arguments: [KEY],
  execute: (context) => replyExpiry(context, 1, 0),
});
