import type { Outcome } from '../command.js';
import { ABSENT, NO_EXPIRY } from '../storage-context.js';
import type { StorageContext } from '../storage-context.js';

const NO_KEY_REPLY = -2;
const NO_EXPIRY_REPLY = -1;

/**
 * TTL and its family: -2 without the key, -1 without an expiry. `baseMs` is subtracted (now for a time to live, 0 for
 * the time itself); seconds are rounded to the nearest, as in Redis.
 */
export function replyExpiry(context: StorageContext, unitMs: 1 | 1000, baseMs: number): Outcome {
  const ref = context.keyspace.peek(1);
  const expiresAtMs = ref === ABSENT ? NO_EXPIRY : context.keyspace.goesAtMs(1, ref);
  if (expiresAtMs === NO_EXPIRY) {
    context.reply.integer(ref === ABSENT ? NO_KEY_REPLY : NO_EXPIRY_REPLY);
    return 'done';
  }
  const leftMs = Math.max(0, expiresAtMs - baseMs);
  context.reply.integer(unitMs === 1 ? leftMs : Math.floor((leftMs + 500) / 1000));
  return 'done';
}
