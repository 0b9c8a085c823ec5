import { REPLIES } from '#libs/resp';
import { KEY } from '../argument-docs.js';
import { ONE_KEY } from '../command-row.js';
import type { Outcome } from '../command.js';
import { defineStorageCommand } from '../define-command.js';
import { integerArgument } from '../number-arguments.js';
import { fail } from '../replies.js';
import { ABSENT, STRING_TYPE } from '../storage-context.js';
import type { StorageContext } from '../storage-context.js';

/** GETRANGE key start end: the bytes from start to end inclusive; negative positions count from the end. */
export const getrange = defineStorageCommand({
  id: 317,
  name: 'getrange',
  arity: 4,
  route: 'key',
  flags: ['readonly'],
  keys: ONE_KEY,
  keyAccess: [['RO', 'access']],
  group: 'string',
  since: '2.4.0',
  summary: 'Returns a part of the string value of a key.',
  complexity: 'O(N) where N is the length of the returned part.',
  arguments: [KEY, { name: 'start', type: 'integer' }, { name: 'end', type: 'integer' }],
  execute,
});

function execute(context: StorageContext): Outcome {
  const { keyspace, reply, request } = context;
  const start = integerArgument(request, 2);
  const end = integerArgument(request, 3);
  if (start === undefined || end === undefined) return fail(context, 'NOT_AN_INTEGER');
  const ref = keyspace.lookup(1);
  if (ref === ABSENT) {
    reply.raw(REPLIES.emptyBulk);
    return 'done';
  }
  const view = keyspace.view(ref);
  if (view.type !== STRING_TYPE) return fail(context, 'WRONG_TYPE');
  const { valueLength } = view;
  const from = Math.max(start < 0 ? valueLength + start : start, 0);
  const to = Math.min(Math.max(end < 0 ? valueLength + end : end, 0), valueLength - 1);
  const inverted = start < 0 && end < 0 && start > end;
  if (inverted || from > to) reply.raw(REPLIES.emptyBulk);
  else reply.bulk(view.buffer, view.valueOffset + from, to - from + 1);
  return 'done';
}
