import { KEYS } from '../argument-docs.js';
import { ALL_KEYS } from '../command-row.js';
import { defineStorageCommand } from '../define-command.js';
import { touchKeys } from './count-keys.js';

/** TOUCH key…: as EXISTS; the look-up itself marks a key as used. */
export const touch = defineStorageCommand({
  id: 403,
  name: 'touch',
  arity: -2,
  route: 'split',
  merge: 'sum',
  flags: ['readonly', 'fast'],
  keys: ALL_KEYS,
  keyAccess: [['RO']],
  group: 'generic',
  since: '3.2.1',
  summary: 'Marks keys as used just now and returns how many of them exist.',
  complexity: 'O(N) where N is the number of keys.',
  arguments: [KEYS],
  execute: touchKeys,
});
