import { KEY } from '../argument-docs.js';
import { ONE_KEY } from '../command-row.js';
import type { Outcome } from '../command.js';
import { defineStorageCommand } from '../define-command.js';
import { fail } from '../replies.js';
import { argumentIs } from '../request.js';
import { ABSENT, STRING_TYPE } from '../storage-context.js';
import type { StorageContext } from '../storage-context.js';
import { tagMatches } from './entity-tag.js';

/** HC.DEL key [IFTAG tag]: 1 where deleted, 0 where absent; with a tag an absent key fails the precondition. */
export const hcDel = defineStorageCommand({
  id: 902,
  name: 'hc.del',
  arity: -2,
  route: 'key',
  flags: ['write'],
  keys: ONE_KEY,
  keyAccess: [['RW', 'delete']],
  group: 'hypercache',
  since: 'hypercache',
  summary: 'Deletes a key, with a tag only where it is still the expected version.',
  complexity: 'O(1), with a tag O(N) where N is the length of the value.',
  arguments: [KEY, { name: 'tag', type: 'string', token: 'IFTAG', optional: true }],
  execute,
});

function execute(context: StorageContext): Outcome {
  const { keyspace, reply, request } = context;
  const conditional = request.count > 2;
  if (conditional && (request.count !== 4 || !argumentIs(request, 2, 'iftag'))) return fail(context, 'SYNTAX');
  const ref = keyspace.lookupForWrite(1);
  if (ref === ABSENT) {
    if (conditional) return fail(context, 'PRECONDITION_FAILED');
    reply.integer(0);
    return 'done';
  }
  if (conditional) {
    const view = keyspace.view(ref);
    if (view.type !== STRING_TYPE) return fail(context, 'WRONG_TYPE');
    if (!tagMatches(request, 3, view)) return fail(context, 'PRECONDITION_FAILED');
  }
  keyspace.remove(1, ref, 'deleted');
  reply.integer(1);
  return 'done';
}
