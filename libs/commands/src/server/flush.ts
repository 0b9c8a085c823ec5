import type { Outcome } from '../command.js';
import { fail } from '../replies.js';
import { argumentIs } from '../request.js';
import type { StorageContext } from '../storage-context.js';

/** FLUSHDB and FLUSHALL: ASYNC and SYNC are read and mean the same, since space is always reclaimed later. */
export function flush(context: StorageContext, scope: 'database' | 'store'): Outcome {
  const { request } = context;
  const valid =
    request.count === 1 || (request.count === 2 && (argumentIs(request, 1, 'async') || argumentIs(request, 1, 'sync')));
  if (!valid) return fail(context, 'SYNTAX');
  context.keyspace.clear(scope);
  context.reply.ok();
  return 'done';
}
