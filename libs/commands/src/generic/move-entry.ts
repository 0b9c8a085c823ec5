import { equalBytes } from '#libs/kernel';
import type { Request } from '../request.js';
import { ABSENT } from '../storage-context.js';
import type { StorageContext } from '../storage-context.js';

/** What RENAME, RENAMENX and COPY share. */

export function sameArguments(request: Request, a: number, b: number): boolean {
  const { buffer, lengths, offsets } = request;
  return lengths[a] === lengths[b] && equalBytes(buffer, offsets[a], buffer, offsets[b], lengths[a]);
}

/**
 * Moves the entry of key 1, which exists, to key 2 with its expiry. False where it did not happen: then an error was
 * answered and both keys are as before. The copy may have needed room and evicted the original.
 */
export function moveEntry(context: StorageContext): boolean {
  const { keyspace } = context;
  if (!keyspace.copy(1, keyspace.lookupForWrite(1), 2, context.database)) return false;
  const original = keyspace.lookupForWrite(1);
  if (original !== ABSENT) keyspace.remove(1, original, 'deleted');
  return true;
}
