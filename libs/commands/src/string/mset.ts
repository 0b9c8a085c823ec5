import { KEY_VALUES } from '../argument-docs.js';
import { KEY_VALUE_PAIRS } from '../command-row.js';
import type { Outcome } from '../command.js';
import { defineStorageCommand } from '../define-command.js';
import { NO_EXPIRY } from '../storage-context.js';
import type { StorageContext } from '../storage-context.js';
import { storeValue } from './store-value.js';

/**
 * MSET key value…: not atomic over partitions, and where room runs out the pairs before stay set. An odd count of
 * arguments never comes here: `arityMatches` refuses it.
 */
export const mset = defineStorageCommand({
  id: 311,
  name: 'mset',
  arity: -3,
  route: 'split',
  merge: 'ok',
  flags: ['write', 'denyoom'],
  keys: KEY_VALUE_PAIRS,
  keyAccess: [['OW', 'update']],
  group: 'string',
  since: '1.0.1',
  summary: 'Sets the string values of several keys.',
  complexity: 'O(N) where N is the number of keys.',
  arguments: [KEY_VALUES],
  execute,
});

function execute(context: StorageContext): Outcome {
  for (let i = 1; i < context.request.count; i += 2) {
    if (!storeValue(context, i, i + 1, NO_EXPIRY)) return 'done';
  }
  context.reply.ok();
  return 'done';
}
