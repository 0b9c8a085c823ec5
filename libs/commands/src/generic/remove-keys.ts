import type { Outcome } from '../command.js';
import { ABSENT } from '../storage-context.js';
import type { StorageContext } from '../storage-context.js';

/** DEL and UNLINK: removes every key of the request; how many there were. */
export function removeKeys(context: StorageContext): Outcome {
  const { keyspace, request } = context;
  let removed = 0;
  for (let i = 1; i < request.count; i++) {
    const ref = keyspace.lookupForWrite(i);
    if (ref === ABSENT) continue;
    keyspace.remove(i, ref, 'deleted');
    removed++;
  }
  context.reply.integer(removed);
  return 'done';
}
