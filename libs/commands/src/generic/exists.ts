import { KEYS } from '../argument-docs.js';
import { ALL_KEYS } from '../command-row.js';
import { defineStorageCommand } from '../define-command.js';
import { countKeys } from './count-keys.js';

/** EXISTS key…: how many of the keys exist. */
export const exists = defineStorageCommand({
  id: 402,
  name: 'exists',
  arity: -2,
  route: 'split',
  merge: 'sum',
  absentReply: 'zero',
  flags: ['readonly', 'fast'],
  keys: ALL_KEYS,
  keyAccess: [['RO']],
  group: 'generic',
  since: '1.0.0',
  summary: 'Returns how many of the keys exist.',
  complexity: 'O(N) where N is the number of keys.',
  arguments: [KEYS],
  execute: countKeys,
});
