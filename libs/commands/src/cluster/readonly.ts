import { defineGatewayCommand } from '../define-command.js';

/** READONLY: nothing to do, since every gateway serves every key. */
export const readonly = defineGatewayCommand({
  id: 220,
  name: 'readonly',
  arity: 1,
  flags: ['loading', 'stale', 'fast'],
  group: 'cluster',
  since: '3.0.0',
  summary: 'Accepted without effect: every gateway serves every key.',
  complexity: 'O(1)',
  categories: ['connection'],
  run: ({ reply }) => reply.ok(),
});
