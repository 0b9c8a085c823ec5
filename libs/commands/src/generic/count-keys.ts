import type { Outcome } from '../command.js';
import { ABSENT } from '../storage-context.js';
import type { StorageContext } from '../storage-context.js';

/** EXISTS and TOUCH: how many of the request's keys exist; a key named twice counts twice. */
export function countKeys(context: StorageContext): Outcome {
  const { keyspace, request } = context;
  let found = 0;
  for (let i = 1; i < request.count; i++) if (keyspace.lookup(i) !== ABSENT) found++;
  context.reply.integer(found);
  return 'done';
}
