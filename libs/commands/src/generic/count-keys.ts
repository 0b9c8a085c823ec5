import type { Outcome } from '../command.js';
import { ABSENT } from '../storage-context.js';
import type { StorageContext } from '../storage-context.js';

/** EXISTS: how many of the request's keys exist; a key named twice counts twice. */
export function countKeys({ keyspace, request, reply }: StorageContext): Outcome {
  let found = 0;
  for (let i = 1; i < request.count; i++) if (keyspace.peek(i) !== ABSENT) found++;
  reply.integer(found);
  return 'done';
}

/** TOUCH: as EXISTS, and counts the keys as used. */
export function touchKeys({ keyspace, request, reply }: StorageContext): Outcome {
  let found = 0;
  for (let i = 1; i < request.count; i++) if (keyspace.lookup(i) !== ABSENT) found++;
  reply.integer(found);
  return 'done';
}
