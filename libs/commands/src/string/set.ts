import { expirationDoc, KEY, oneOf, VALUE, word } from '../argument-docs.js';
import { ONE_KEY } from '../command-row.js';
import type { Outcome } from '../command.js';
import { defineStorageCommand } from '../define-command.js';
import { dropReply, fail } from '../replies.js';
import { ABSENT, STRING_TYPE } from '../storage-context.js';
import type { StorageContext } from '../storage-context.js';
import { storeValue } from './store-value.js';
import {
  expiryOfOptions,
  failExpiry,
  isExpiryError,
  OPTION,
  parseStringOptions,
  SET_OPTIONS,
  SYNTAX_ERROR,
} from './string-options.js';

/** SET key value [NX | XX] [GET] [EX s | PX ms | EXAT s | PXAT ms | KEEPTTL]: options in any order. */
export const set = defineStorageCommand({
  id: 301,
  name: 'set',
  arity: -3,
  route: 'key',
  flags: ['write', 'denyoom'],
  keys: ONE_KEY,
  keyAccess: [['RW', 'access', 'update', 'variable_flags']],
  group: 'string',
  since: '1.0.0',
  summary: 'Sets the string value of a key, whatever it held; with options only on a condition, or with an expiry.',
  complexity: 'O(1)',
  arguments: [
    KEY,
    VALUE,
    oneOf('condition', [word('NX'), word('XX')], { optional: true, since: '2.6.12' }),
    word('GET', { optional: true, since: '6.2.0' }),
    expirationDoc(word('KEEPTTL', { since: '6.0.0' })),
  ],
  execute,
});

function execute(context: StorageContext): Outcome {
  const options = parseStringOptions(context.request, 3, SET_OPTIONS);
  if (options === SYNTAX_ERROR) return fail(context, 'SYNTAX');
  const expiresAtMs = expiryOfOptions(context, options);
  if (isExpiryError(expiresAtMs)) return failExpiry(context, expiresAtMs, 'set');
  if ((options & OPTION.get) !== 0) return setAndGet(context, options, expiresAtMs);
  if ((options & (OPTION.nx | OPTION.xx)) !== 0) {
    const present = context.keyspace.lookupForWrite(1) !== ABSENT;
    if (!conditionHolds(options, present)) {
      context.reply.nullBulk();
      return 'done';
    }
  }
  if (storeValue(context, 1, 2, expiresAtMs)) context.reply.ok();
  return 'done';
}

function conditionHolds(options: number, present: boolean): boolean {
  return (options & (present ? OPTION.nx : OPTION.xx)) === 0;
}

/** The old value is written first, since the change takes it away; an error of the change takes its place. */
function setAndGet(context: StorageContext, options: number, expiresAtMs: number): Outcome {
  const { keyspace, reply } = context;
  const start = reply.length;
  const ref = keyspace.lookup(1);
  if (ref === ABSENT) {
    reply.nullBulk();
  } else {
    const view = keyspace.view(ref);
    if (view.type !== STRING_TYPE) return fail(context, 'WRONG_TYPE');
    reply.bulk(view.buffer, view.valueOffset, view.valueLength);
  }
  if (!conditionHolds(options, ref !== ABSENT)) return 'done';
  const end = reply.length;
  if (!storeValue(context, 1, 2, expiresAtMs)) dropReply(reply, start, end);
  return 'done';
}

/** GETSET and `SET … GET` are the same. */
export function replaceAndGet(context: StorageContext, expiresAtMs: number): Outcome {
  return setAndGet(context, OPTION.get, expiresAtMs);
}
