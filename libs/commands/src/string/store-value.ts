import { fail } from '../replies.js';
import { ABSENT } from '../storage-context.js';
import type { StorageContext } from '../storage-context.js';

/**
 * Sets a key to the value that argument `valueIndex` holds. An expiry in the past leaves the key absent, as it would
 * be at the next look in Redis. False where it did not happen: then an error was answered.
 */
export function storeValue(
  context: StorageContext,
  keyIndex: number,
  valueIndex: number,
  expiresAtMs: number,
): boolean {
  const { request, keyspace } = context;
  const length = request.lengths[valueIndex];
  if (length > context.limits.maxValueBytes) {
    fail(context, 'STRING_TOO_LONG');
    return false;
  }
  if (expiresAtMs > 0 && expiresAtMs <= context.nowMs) {
    const ref = keyspace.lookupForWrite(keyIndex);
    if (ref !== ABSENT) keyspace.remove(keyIndex, ref, 'deleted');
    return true;
  }
  return keyspace.setString(keyIndex, request.buffer, request.offsets[valueIndex], length, expiresAtMs);
}
