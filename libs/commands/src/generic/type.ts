import { latin1Bytes } from '#libs/kernel';
import { KEY } from '../argument-docs.js';
import { ONE_KEY } from '../command-row.js';
import type { Outcome } from '../command.js';
import { defineStorageCommand } from '../define-command.js';
import { ABSENT, VALUE_TYPES } from '../storage-context.js';
import type { StorageContext } from '../storage-context.js';

/** TYPE key: `string`, …, or `none` where the key is absent. */
export const type = defineStorageCommand({
  id: 404,
  name: 'type',
  arity: 2,
  route: 'key',
  absentReply: 'none',
  flags: ['readonly', 'fast'],
  keys: ONE_KEY,
  keyAccess: [['RO']],
  group: 'generic',
  since: '1.0.0',
  summary: 'Returns the type of the value of a key.',
  complexity: 'O(1)',
  arguments: [KEY],
  execute,
});

const TYPE_REPLIES = VALUE_TYPES.map((name) => latin1Bytes(`+${name}\r\n`));
const NONE_REPLY = latin1Bytes('+none\r\n');

function execute(context: StorageContext): Outcome {
  const ref = context.keyspace.peek(1);
  context.reply.raw(ref === ABSENT ? NONE_REPLY : TYPE_REPLIES[context.keyspace.view(ref).type]);
  return 'done';
}
