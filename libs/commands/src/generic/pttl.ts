import { KEY } from '../argument-docs.js';
import { ONE_KEY } from '../command-row.js';
import { defineStorageCommand } from '../define-command.js';
import { replyExpiry } from './read-expiry.js';

/** PTTL key: milliseconds left; -1 without an expiry, -2 without the key. */
export const pttl = defineStorageCommand({
  id: 415,
  name: 'pttl',
  arity: 2,
  route: 'key',
  absentReply: 'minus-two',
  flags: ['readonly', 'fast'],
  keys: ONE_KEY,
  keyAccess: [['RO', 'access']],
  group: 'generic',
  since: '2.6.0',
  summary: 'Returns the time to live of a key, in milliseconds.',
  complexity: 'O(1)',
  arguments: [KEY],
  tips: ['nondeterministic_output'],
  execute: (context) => replyExpiry(context, 1, context.nowMs),
});
