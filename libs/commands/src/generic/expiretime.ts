import { KEY } from '../argument-docs.js';
import { ONE_KEY } from '../command-row.js';
import { defineStorageCommand } from '../define-command.js';
import { replyExpiry } from './read-expiry.js';

/** EXPIRETIME key: the expiry in Unix seconds; -1 without an expiry, -2 without the key. */
export const expiretime = defineStorageCommand({
  id: 416,
  name: 'expiretime',
  arity: 2,
  route: 'key',
  absentReply: 'minus-two',
  flags: ['readonly', 'fast'],
  keys: ONE_KEY,
  keyAccess: [['RO', 'access']],
  group: 'generic',
  since: '7.0.0',
  summary: 'Returns the expiry of a key as a Unix time in seconds.',
  complexity: 'O(1)',
  arguments: [KEY],
  execute: (context) => replyExpiry(context, 1000, 0),
});
