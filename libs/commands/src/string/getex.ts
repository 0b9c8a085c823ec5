import { expirationDoc, KEY, word } from '../argument-docs.js';
import { ONE_KEY } from '../command-row.js';
import type { Outcome } from '../command.js';
import { defineStorageCommand } from '../define-command.js';
import { dropReply, fail } from '../replies.js';
import { ABSENT, NO_EXPIRY, STRING_TYPE } from '../storage-context.js';
import type { EntryRef, StorageContext } from '../storage-context.js';
import {
  expiryOfOptions,
  failExpiry,
  GETEX_OPTIONS,
  isExpiryError,
  OPTION,
  parseStringOptions,
  SYNTAX_ERROR,
} from './string-options.js';

/** GETEX key [EX s | PX ms | EXAT s | PXAT ms | PERSIST]: the value, and a change of its expiry. */
export const getex = defineStorageCommand({
  id: 302,
  name: 'getex',
  arity: -2,
  route: 'key',
  flags: ['write', 'fast'],
  keys: ONE_KEY,
  keyAccess: [['RW', 'access', 'update']],
  group: 'string',
  since: '6.2.0',
  summary: 'Returns the string value of a key and sets or removes its expiry.',
  complexity: 'O(1)',
  arguments: [KEY, expirationDoc(word('PERSIST'))],
  execute,
});

function execute(context: StorageContext): Outcome {
  const { keyspace, reply, request } = context;
  const options = parseStringOptions(request, 2, GETEX_OPTIONS);
  if (options === SYNTAX_ERROR) return fail(context, 'SYNTAX');
  const ref = keyspace.lookup(1);
  if (ref === ABSENT) {
    reply.nullBulk();
    return 'done';
  }
  const view = keyspace.view(ref);
  if (view.type !== STRING_TYPE) return fail(context, 'WRONG_TYPE');
  const expiresAtMs = expiryOfOptions(context, options);
  if (isExpiryError(expiresAtMs)) return failExpiry(context, expiresAtMs, 'getex');
  const start = reply.length;
  const hadExpiry = view.expiresAtMs !== NO_EXPIRY;
  reply.bulk(view.buffer, view.valueOffset, view.valueLength);
  const end = reply.length;
  const removesExpiry = (options & OPTION.persist) !== 0 && hadExpiry;
  if (expiresAtMs === NO_EXPIRY && !removesExpiry) return 'done';
  if (!changeExpiry(context, ref, expiresAtMs)) dropReply(reply, start, end);
  return 'done';
}

function changeExpiry(context: StorageContext, ref: EntryRef, expiresAtMs: number): boolean {
  if (expiresAtMs === NO_EXPIRY || expiresAtMs > context.nowMs) {
    return context.keyspace.setExpiry(1, ref, expiresAtMs);
  }
  context.keyspace.remove(1, ref, 'deleted');
  return true;
}
