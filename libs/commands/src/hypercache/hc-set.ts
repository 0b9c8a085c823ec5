import { KEY, oneOf, VALUE, word } from '../argument-docs.js';
import { ONE_KEY } from '../command-row.js';
import type { Outcome } from '../command.js';
import { defineStorageCommand } from '../define-command.js';
import { expiryArgument } from '../number-arguments.js';
import { fail } from '../replies.js';
import { argumentIs } from '../request.js';
import { ABSENT, KEEP_TTL, NO_EXPIRY, STRING_TYPE } from '../storage-context.js';
import type { StorageContext } from '../storage-context.js';
import { storeValue } from '../string/store-value.js';
import { failExpiry, isExpiryError } from '../string/string-options.js';
import { entityTag, tagMatches } from './entity-tag.js';

/**
 * HC.SET key value [PX ms | KEEPTTL] [IFTAG tag | IFABSENT | IFPRESENT]: [new entity tag, 1 where created else 0], or
 * a PRECONDITION error where the condition does not hold. REST writes are made of it.
 */
export const hcSet = defineStorageCommand({
  id: 901,
  name: 'hc.set',
  arity: -3,
  route: 'key',
  flags: ['write', 'denyoom'],
  keys: ONE_KEY,
  keyAccess: [['RW', 'access', 'update']],
  group: 'hypercache',
  since: 'hypercache',
  summary: 'Sets the string value of a key, on a condition, and returns its new entity tag.',
  complexity: 'O(N) where N is the length of the old and the new value.',
  arguments: [
    KEY,
    VALUE,
    oneOf('expiration', [{ name: 'milliseconds', type: 'integer', token: 'PX' }, word('KEEPTTL')], { optional: true }),
    oneOf('condition', [{ name: 'tag', type: 'string', token: 'IFTAG' }, word('IFABSENT'), word('IFPRESENT')], {
      optional: true,
    }),
  ],
  execute,
});

interface HcSetOptions {
  expiresAtMs: number;
  condition: 'none' | 'absent' | 'present' | 'tag';
  tagIndex: number;
}

function execute(context: StorageContext): Outcome {
  const { keyspace, reply } = context;
  const options: HcSetOptions = { expiresAtMs: NO_EXPIRY, condition: 'none', tagIndex: 0 };
  if (!parseOptions(context, options)) return fail(context, 'SYNTAX');
  if (isExpiryError(options.expiresAtMs)) return failExpiry(context, options.expiresAtMs, 'hc.set');
  const ref = keyspace.lookupForWrite(1);
  if (ref !== ABSENT && keyspace.view(ref).type !== STRING_TYPE) return fail(context, 'WRONG_TYPE');
  if (!conditionHolds(context, options, ref)) return fail(context, 'PRECONDITION_FAILED');
  if (!storeValue(context, 1, 2, options.expiresAtMs)) return 'done';
  reply.arrayHeader(2);
  reply.bulkText(entityTag(keyspace.view(keyspace.lookupForWrite(1))));
  reply.integer(ref === ABSENT ? 1 : 0);
  return 'done';
}

function parseOptions(context: StorageContext, options: HcSetOptions): boolean {
  const { nowMs, request } = context;
  for (let i = 3; i < request.count; i++) {
    const hasNext = i + 1 < request.count;
    const freeExpiry = options.expiresAtMs === NO_EXPIRY;
    const freeCondition = options.condition === 'none';
    if (freeExpiry && hasNext && argumentIs(request, i, 'px')) {
      options.expiresAtMs = expiryArgument(request, ++i, 1, nowMs, true);
    } else if (freeExpiry && argumentIs(request, i, 'keepttl')) {
      options.expiresAtMs = KEEP_TTL;
    } else if (freeCondition && hasNext && argumentIs(request, i, 'iftag')) {
      options.condition = 'tag';
      options.tagIndex = ++i;
    } else if (freeCondition && argumentIs(request, i, 'ifabsent')) {
      options.condition = 'absent';
    } else if (freeCondition && argumentIs(request, i, 'ifpresent')) {
      options.condition = 'present';
    } else {
      return false;
    }
  }
  return true;
}

function conditionHolds(context: StorageContext, options: HcSetOptions, ref: number): boolean {
  switch (options.condition) {
    case 'none':
      return true;
    case 'absent':
      return ref === ABSENT;
    case 'present':
      return ref !== ABSENT;
    case 'tag':
      return ref !== ABSENT && tagMatches(context.request, options.tagIndex, context.keyspace.view(ref));
  }
}
