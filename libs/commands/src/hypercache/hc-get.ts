import { KEY, word } from '../argument-docs.js';
import { ONE_KEY } from '../command-row.js';
import type { Outcome } from '../command.js';
import { defineStorageCommand } from '../define-command.js';
import { fail } from '../replies.js';
import { argumentIs } from '../request.js';
import { ABSENT, NO_EXPIRY, STRING_TYPE } from '../storage-context.js';
import type { StorageContext } from '../storage-context.js';
import { entityTag } from './entity-tag.js';
import { replyTime } from './reply-time.js';

/**
 * HC.GET key [TIMES]: [value, entity tag, milliseconds left or -1], or nil: what a REST read needs in one step. TIMES adds when
 * the entry was created and changed last, in milliseconds since 1970, each nil where the store does not keep it.
 */
export const hcGet = defineStorageCommand({
  id: 900,
  name: 'hc.get',
  arity: -2,
  route: 'key',
  absentReply: 'null-array',
  flags: ['readonly', 'fast'],
  keys: ONE_KEY,
  keyAccess: [['RO', 'access']],
  group: 'hypercache',
  since: 'hypercache',
  summary: 'Returns the string value of a key with its entity tag and its time to live.',
  complexity: 'O(N) where N is the length of the value.',
  arguments: [KEY, word('TIMES', { optional: true })],
  execute,
});

function execute(context: StorageContext): Outcome {
  const { keyspace, reply, request } = context;
  const withTimes = request.count === 3 && argumentIs(request, 2, 'times');
  if (request.count > 2 && !withTimes) return fail(context, 'SYNTAX');
  const ref = keyspace.lookup(1);
  if (ref === ABSENT) {
    reply.nullArray();
    return 'done';
  }
  const createdAtMs = withTimes ? keyspace.createdAtMs(1, ref) : 0;
  const modifiedAtMs = withTimes ? keyspace.modifiedAtMs(1, ref) : 0;
  const goesAtMs = keyspace.goesAtMs(1, ref);
  const view = keyspace.view(ref);
  if (view.type !== STRING_TYPE) return fail(context, 'WRONG_TYPE');
  reply.arrayHeader(withTimes ? 5 : 3);
  reply.bulk(view.buffer, view.valueOffset, view.valueLength);
  reply.bulkText(entityTag(view));
  reply.integer(goesAtMs === NO_EXPIRY ? -1 : Math.max(0, goesAtMs - context.nowMs));
  if (withTimes) {
    replyTime(reply, createdAtMs);
    replyTime(reply, modifiedAtMs);
  }
  return 'done';
}
