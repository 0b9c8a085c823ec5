import { KEYS } from '../argument-docs.js';
import { ALL_KEYS } from '../command-row.js';
import { defineStorageCommand } from '../define-command.js';
import { removeKeys } from './remove-keys.js';

/** UNLINK key…: DEL under another name: space is always reclaimed later. */
export const unlink = defineStorageCommand({
  id: 401,
  name: 'unlink',
  arity: -2,
  route: 'split',
  merge: 'sum',
  flags: ['write', 'fast'],
  keys: ALL_KEYS,
  keyAccess: [['RM', 'delete']],
  group: 'generic',
  since: '4.0.0',
  summary: 'Deletes keys; the same as DEL, since space is always reclaimed later.',
  complexity: 'O(N) where N is the number of keys.',
  arguments: [KEYS],
  execute: removeKeys,
});
