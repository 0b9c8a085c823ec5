import { parseInt64, parseInteger } from '#libs/resp';
import { KEY } from '../argument-docs.js';
import { ONE_KEY } from '../command-row.js';
import type { Outcome } from '../command.js';
import { defineStorageCommand } from '../define-command.js';
import { INT64_MIN } from '../number-arguments.js';
import { fail, failWith } from '../replies.js';
import type { StorageContext } from '../storage-context.js';
import { incrementBy, incrementWide } from './increment.js';

/** DECRBY key decrement: the new number. */
export const decrby = defineStorageCommand({
  id: 323,
  name: 'decrby',
  arity: 3,
  route: 'key',
  flags: ['write', 'denyoom', 'fast'],
  keys: ONE_KEY,
  keyAccess: [['RW', 'access', 'update']],
  group: 'string',
  since: '1.0.0',
  summary: 'Subtracts a number from the integer value of a key; an absent key counts as 0.',
  complexity: 'O(1)',
  arguments: [KEY, { name: 'decrement', type: 'integer' }],
  execute,
});

function execute(context: StorageContext): Outcome {
  const { buffer, offsets, lengths } = context.request;
  const delta = parseInteger(buffer, offsets[2], lengths[2]);
  if (delta !== undefined) return incrementBy(context, -delta);
  const wide = parseInt64(buffer, offsets[2], lengths[2]);
  if (wide === undefined) return fail(context, 'NOT_AN_INTEGER');
  if (wide === INT64_MIN) return failWith(context, 'ERR decrement would overflow');
  return incrementWide(context, -wide);
}
