import { globMatch, parseInteger } from '#libs/resp';
import type { Outcome } from '../command.js';
import { defineStorageCommand } from '../define-command.js';
import { integerArgument } from '../number-arguments.js';
import { fail, failWith, moveHeaderBefore } from '../replies.js';
import { argumentIs, argumentText } from '../request.js';
import type { Request } from '../request.js';
import { VALUE_TYPES } from '../storage-context.js';
import type { StorageContext } from '../storage-context.js';
import { isPatternTooLong, patternArgument } from './pattern-argument.js';

/** SCAN cursor [MATCH pattern] [COUNT n] [TYPE type]: the next cursor (0 at the end) and some keys. */
export const scan = defineStorageCommand({
  id: 432,
  name: 'scan',
  arity: -2,
  route: 'cursor',
  flags: ['readonly'],
  group: 'generic',
  since: '2.8.0',
  summary: 'Iterates over the keys of the database, some at a time.',
  complexity: 'O(1) for every call, O(N) for a whole iteration over N keys.',
  arguments: [
    { name: 'cursor', type: 'integer' },
    { name: 'pattern', type: 'pattern', token: 'MATCH', optional: true },
    { name: 'count', type: 'integer', token: 'COUNT', optional: true },
    { name: 'type', type: 'string', token: 'TYPE', optional: true, since: '6.0.0' },
  ],
  tips: ['nondeterministic_output', 'request_policy:special'],
  execute,
});

const DEFAULT_COUNT = 10;
/** COUNT is a hint; this bounds the work of one call. */
const MAX_COUNT = 100_000;
/** Stands for a type that no entry has, which matches nothing. */
const NO_SUCH_TYPE = -1;

interface ScanOptions {
  pattern: Uint8Array | undefined;
  count: number;
  /** Index into VALUE_TYPES or {@link NO_SUCH_TYPE}; undefined for every type. */
  type: number | undefined;
}

function execute(context: StorageContext): Outcome {
  const { reply, request } = context;
  const cursor = parseInteger(request.buffer, request.offsets[1], request.lengths[1]);
  if (cursor === undefined || cursor < 0) return failWith(context, 'ERR invalid cursor');
  const options: ScanOptions = { pattern: undefined, count: DEFAULT_COUNT, type: undefined };
  const error = parseOptions(request, options);
  if (error !== undefined) return fail(context, error);
  const { pattern, type } = options;
  const start = reply.length;
  let found = 0;
  const next = context.keyspace.scan(cursor, options.count, (view) => {
    if (type !== undefined && view.type !== type) return;
    if (pattern !== undefined && !globMatch(pattern, view.buffer, view.keyOffset, view.keyLength)) return;
    reply.bulk(view.buffer, view.keyOffset, view.keyLength);
    found++;
  });
  const end = reply.length;
  reply.arrayHeader(2);
  reply.bulkText(String(next));
  reply.arrayHeader(found);
  moveHeaderBefore(reply, start, end);
  return 'done';
}

function parseOptions(request: Request, options: ScanOptions): 'SYNTAX' | 'NOT_AN_INTEGER' | undefined {
  for (let i = 2; i < request.count; i += 2) {
    if (i + 1 >= request.count) return 'SYNTAX';
    if (argumentIs(request, i, 'count')) {
      const count = integerArgument(request, i + 1);
      if (count === undefined) return 'NOT_AN_INTEGER';
      if (count < 1) return 'SYNTAX';
      options.count = Math.min(count, MAX_COUNT);
    } else if (argumentIs(request, i, 'match')) {
      if (isPatternTooLong(request, i + 1)) return 'SYNTAX';
      options.pattern = patternArgument(request, i + 1);
    } else if (argumentIs(request, i, 'type')) {
      options.type = typeIndex(argumentText(request, i + 1));
    } else {
      return 'SYNTAX';
    }
  }
  return undefined;
}

function typeIndex(name: string): number {
  const index = VALUE_TYPES.findIndex((type) => type === name.toLowerCase());
  return index < 0 ? NO_SUCH_TYPE : index;
}
