import { globMatch } from '#libs/resp';
import type { Outcome } from '../command.js';
import { defineStorageCommand } from '../define-command.js';
import { fail, moveHeaderBefore } from '../replies.js';
import type { StorageContext } from '../storage-context.js';
import { isPatternTooLong, patternArgument } from './pattern-argument.js';

/** KEYS pattern: every matching key of the database, in no order. */
export const keys = defineStorageCommand({
  id: 431,
  name: 'keys',
  arity: 2,
  route: 'all',
  merge: 'concat',
  flags: ['readonly'],
  group: 'generic',
  since: '1.0.0',
  summary: 'Returns all keys that match a pattern.',
  complexity: 'O(N) where N is the number of keys in the database.',
  arguments: [{ name: 'pattern', type: 'pattern' }],
  categories: ['dangerous'],
  tips: ['nondeterministic_output_order'],
  execute,
});

function execute(context: StorageContext): Outcome {
  const { keyspace, reply } = context;
  if (isPatternTooLong(context.request, 1)) return fail(context, 'SYNTAX');
  const pattern = patternArgument(context.request, 1);
  const start = reply.length;
  let found = 0;
  keyspace.forEach((view) => {
    if (pattern !== undefined && !globMatch(pattern, view.buffer, view.keyOffset, view.keyLength)) return;
    reply.bulk(view.buffer, view.keyOffset, view.keyLength);
    found++;
  });
  const end = reply.length;
  reply.arrayHeader(found);
  moveHeaderBefore(reply, start, end);
  return 'done';
}
