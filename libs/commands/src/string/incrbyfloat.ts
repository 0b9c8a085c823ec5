import { latin1Bytes, latin1Text } from '#libs/kernel';
import { KEY } from '../argument-docs.js';
import { ONE_KEY } from '../command-row.js';
import type { Outcome } from '../command.js';
import { defineStorageCommand } from '../define-command.js';
import { fail } from '../replies.js';
import { ABSENT, KEEP_TTL, NO_EXPIRY, STRING_TYPE } from '../storage-context.js';
import type { StorageContext } from '../storage-context.js';
import { addLongDoubles, formatLongDouble, parseLongDouble } from './long-double.js';

/** INCRBYFLOAT key increment: the new number as a string, never in exponent form; the expiry stays. */
export const incrbyfloat = defineStorageCommand({
  id: 324,
  name: 'incrbyfloat',
  arity: 3,
  route: 'key',
  flags: ['write', 'denyoom', 'fast'],
  keys: ONE_KEY,
  keyAccess: [['RW', 'access', 'update']],
  group: 'string',
  since: '2.6.0',
  summary: 'Adds to the floating point value of a key; an absent key counts as 0.',
  complexity: 'O(1)',
  arguments: [KEY, { name: 'increment', type: 'double' }],
  execute,
});

/** Longer values are no numbers that Redis would read. */
const MAX_NUMBER_CHARS = 5 * 1024;

function execute(context: StorageContext): Outcome {
  const { keyspace, reply, request } = context;
  const ref = keyspace.lookupForWrite(1);
  let currentText = '0';
  if (ref !== ABSENT) {
    const view = keyspace.view(ref);
    if (view.type !== STRING_TYPE) return fail(context, 'WRONG_TYPE');
    if (view.valueLength > MAX_NUMBER_CHARS) return fail(context, 'NOT_A_FLOAT');
    currentText = latin1Text(view.buffer, view.valueOffset, view.valueLength);
  }
  if (request.lengths[2] > MAX_NUMBER_CHARS) return fail(context, 'NOT_A_FLOAT');
  const current = parseLongDouble(currentText);
  const increment = parseLongDouble(latin1Text(request.buffer, request.offsets[2], request.lengths[2]));
  if (current === undefined || increment === undefined) return fail(context, 'NOT_A_FLOAT');
  if (current.kind === 'infinite' || increment.kind === 'infinite') return fail(context, 'NAN_OR_INFINITY');
  const sum = addLongDoubles(current, increment);
  if (sum.kind === 'infinite') return fail(context, 'NAN_OR_INFINITY');
  const digits = latin1Bytes(formatLongDouble(sum));
  const expiry = ref === ABSENT ? NO_EXPIRY : KEEP_TTL;
  if (keyspace.setString(1, digits, 0, digits.length, expiry)) reply.bulk(digits);
  return 'done';
}
