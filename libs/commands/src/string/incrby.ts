import { parseInt64, parseInteger } from '#libs/resp';
import { KEY } from '../argument-docs.js';
import { ONE_KEY } from '../command-row.js';
import type { Outcome } from '../command.js';
import { defineStorageCommand } from '../define-command.js';
import { fail } from '../replies.js';
import type { StorageContext } from '../storage-context.js';
import { incrementBy, incrementWide } from './increment.js';

/** INCRBY key increment: the new number. */
export const incrby = defineStorageCommand({
  id: 322,
  name: 'incrby',
  arity: 3,
  route: 'key',
  flags: ['write', 'denyoom', 'fast'],
  keys: ONE_KEY,
  keyAccess: [['RW', 'access', 'update']],
  group: 'string',
  since: '1.0.0',
  summary: 'Adds a number to the integer value of a key; an absent key counts as 0.',
  complexity: 'O(1)',
  arguments: [KEY, { name: 'increment', type: 'integer' }],
  execute,
});

function execute(context: StorageContext): Outcome {
  const { buffer, offsets, lengths } = context.request;
  const delta = parseInteger(buffer, offsets[2], lengths[2]);
  if (delta !== undefined) return incrementBy(context, delta);
  const wide = parseInt64(buffer, offsets[2], lengths[2]);
  return wide === undefined ? fail(context, 'NOT_AN_INTEGER') : incrementWide(context, wide);
}
