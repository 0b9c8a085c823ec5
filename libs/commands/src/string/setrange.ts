import { copyBytes } from '#libs/kernel';
import { KEY, VALUE } from '../argument-docs.js';
import { ONE_KEY } from '../command-row.js';
import type { Outcome } from '../command.js';
import { defineStorageCommand } from '../define-command.js';
import { integerArgument } from '../number-arguments.js';
import { fail, failWith } from '../replies.js';
import { ABSENT, KEEP_TTL, NO_EXPIRY, STRING_TYPE } from '../storage-context.js';
import type { StorageContext } from '../storage-context.js';

/** SETRANGE key offset value: overwrites from offset on, with zero bytes up to it; the new length. */
export const setrange = defineStorageCommand({
  id: 319,
  name: 'setrange',
  arity: 4,
  route: 'key',
  flags: ['write', 'denyoom'],
  keys: ONE_KEY,
  keyAccess: [['RW', 'update']],
  group: 'string',
  since: '2.2.0',
  summary: 'Overwrites a part of the string value of a key; creates the key where it does not exist.',
  complexity: 'O(N) where N is the length of the new value.',
  arguments: [KEY, { name: 'offset', type: 'integer' }, VALUE],
  execute,
});

function execute(context: StorageContext): Outcome {
  const { keyspace, reply, request } = context;
  const offset = integerArgument(request, 2);
  if (offset === undefined) return fail(context, 'NOT_AN_INTEGER');
  if (offset < 0) return failWith(context, 'ERR offset is out of range');
  const ref = keyspace.lookupForWrite(1);
  const view = ref === ABSENT ? undefined : keyspace.view(ref);
  if (view !== undefined && view.type !== STRING_TYPE) return fail(context, 'WRONG_TYPE');
  const oldLength = view === undefined ? 0 : view.valueLength;
  const addedLength = request.lengths[3];
  if (addedLength === 0) {
    reply.integer(oldLength);
    return 'done';
  }
  const length = Math.max(oldLength, offset + addedLength);
  if (length > context.limits.maxValueBytes) return fail(context, 'STRING_TOO_LONG');
  const changed = context.scratch(length);
  if (view !== undefined) copyBytes(view.buffer, view.valueOffset, changed, 0, oldLength);
  if (offset > oldLength) changed.fill(0, oldLength, offset);
  copyBytes(request.buffer, request.offsets[3], changed, offset, addedLength);
  const expiry = view === undefined ? NO_EXPIRY : KEEP_TTL;
  if (keyspace.setString(1, changed, 0, length, expiry)) reply.integer(length);
  return 'done';
}
