import { KEY } from '../argument-docs.js';
import { ONE_KEY } from '../command-row.js';
import { defineStorageCommand } from '../define-command.js';
import { replyExpiry } from './read-expiry.js';

/** TTL key: seconds left; -1 without an expiry, -2 without the key. */
export const ttl = defineStorageCommand({
  id: 414,
  name: 'ttl',
  arity: 2,
  route: 'key',
  absentReply: 'minus-two',
  flags: ['readonly', 'fast'],
  keys: ONE_KEY,
  keyAccess: [['RO', 'access']],
  group: 'generic',
  since: '1.0.0',
  summary: 'Returns the time to live of a key, in seconds.',
  complexity: 'O(1)',
  arguments: [KEY],
  tips: ['nondeterministic_output'],
  execute: (context) => replyExpiry(context, 1000, context.nowMs),
});
