import { KEYS } from '../argument-docs.js';
import { ALL_KEYS } from '../command-row.js';
import { defineStorageCommand } from '../define-command.js';
import { removeKeys } from './remove-keys.js';

/** DEL key…: how many keys were deleted. */
export const del = defineStorageCommand({
  id: 400,
  name: 'del',
  arity: -2,
  route: 'split',
  merge: 'sum',
  flags: ['write'],
  keys: ALL_KEYS,
  keyAccess: [['RM', 'delete']],
  group: 'generic',
  since: '1.0.0',
  summary: 'Deletes keys.',
  complexity: 'O(N) where N is the number of keys.',
  arguments: [KEYS],
  execute: removeKeys,
});
