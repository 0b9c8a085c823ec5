import { copyBytes } from '#libs/kernel';
import { KEY, VALUE } from '../argument-docs.js';
import { ONE_KEY } from '../command-row.js';
import type { Outcome } from '../command.js';
import { defineStorageCommand } from '../define-command.js';
import { fail } from '../replies.js';
import { ABSENT, KEEP_TTL, NO_EXPIRY, STRING_TYPE } from '../storage-context.js';
import type { StorageContext } from '../storage-context.js';
import { storeValue } from './store-value.js';

/** APPEND key value: the new length; the expiry stays. */
export const append = defineStorageCommand({
  id: 315,
  name: 'append',
  arity: 3,
  route: 'key',
  flags: ['write', 'denyoom', 'fast'],
  keys: ONE_KEY,
  keyAccess: [['RW', 'insert']],
  group: 'string',
  since: '2.0.0',
  summary: 'Appends to the string value of a key; creates the key where it does not exist.',
  complexity: 'O(N) where N is the length of the new value.',
  arguments: [KEY, VALUE],
  execute,
});

function execute(context: StorageContext): Outcome {
  const { keyspace, reply, request } = context;
  const addedLength = request.lengths[2];
  const ref = keyspace.lookupForWrite(1);
  if (ref === ABSENT) {
    if (storeValue(context, 1, 2, NO_EXPIRY)) reply.integer(addedLength);
    return 'done';
  }
  const view = keyspace.view(ref);
  if (view.type !== STRING_TYPE) return fail(context, 'WRONG_TYPE');
  const { valueLength } = view;
  const length = valueLength + addedLength;
  if (length > context.limits.maxValueBytes) return fail(context, 'STRING_TOO_LONG');
  const joined = context.scratch(length);
  copyBytes(view.buffer, view.valueOffset, joined, 0, valueLength);
  copyBytes(request.buffer, request.offsets[2], joined, valueLength, addedLength);
  if (keyspace.setString(1, joined, 0, length, KEEP_TTL)) reply.integer(length);
  return 'done';
}
