import { parseInt64, parseInteger } from '#libs/resp';
import type { Outcome } from '../command.js';
import { INT64_MAX, INT64_MIN, writeDecimal } from '../number-arguments.js';
import { fail } from '../replies.js';
import { ABSENT, KEEP_TTL, NO_EXPIRY, STRING_TYPE } from '../storage-context.js';
import type { StorageContext } from '../storage-context.js';

const MAX_INT64_CHARS = 20;

/**
 * INCR and its family: adds a safe integer to key 1. Sums within 53 bits are plain numbers; only the rest of the 64
 * bits that Redis has costs a BigInt.
 */
export function incrementBy(context: StorageContext, delta: number): Outcome {
  const { keyspace, reply } = context;
  const ref = keyspace.lookupForWrite(1);
  let current = 0;
  if (ref !== ABSENT) {
    const view = keyspace.view(ref);
    if (view.type !== STRING_TYPE) return fail(context, 'WRONG_TYPE');
    const parsed = parseInteger(view.buffer, view.valueOffset, view.valueLength);
    if (parsed === undefined) return incrementWide(context, BigInt(delta));
    current = parsed;
  }
  const sum = current + delta;
  if (!Number.isSafeInteger(sum)) return incrementWide(context, BigInt(delta));
  const digits = context.scratch(MAX_INT64_CHARS);
  const length = writeDecimal(digits, sum);
  if (keyspace.setString(1, digits, 0, length, ref === ABSENT ? NO_EXPIRY : KEEP_TTL)) reply.integer(sum);
  return 'done';
}

/** The same for any 64-bit number. */
export function incrementWide(context: StorageContext, delta: bigint): Outcome {
  const { keyspace, reply } = context;
  const ref = keyspace.lookupForWrite(1);
  let current: bigint | undefined = 0n;
  if (ref !== ABSENT) {
    const view = keyspace.view(ref);
    if (view.type !== STRING_TYPE) return fail(context, 'WRONG_TYPE');
    current = parseInt64(view.buffer, view.valueOffset, view.valueLength);
    if (current === undefined) return fail(context, 'NOT_AN_INTEGER');
  }
  const sum = current + delta;
  if (sum > INT64_MAX || sum < INT64_MIN) return fail(context, 'OVERFLOW');
  const text = sum.toString();
  const digits = context.scratch(MAX_INT64_CHARS);
  for (let i = 0; i < text.length; i++) digits[i] = text.charCodeAt(i);
  if (keyspace.setString(1, digits, 0, text.length, ref === ABSENT ? NO_EXPIRY : KEEP_TTL)) reply.integer(sum);
  return 'done';
}
