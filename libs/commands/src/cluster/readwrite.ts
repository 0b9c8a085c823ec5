import { defineGatewayCommand } from '../define-command.js';

/** READWRITE: nothing to do, since every gateway serves every key. */
export const readwrite = defineGatewayCommand({
  id: 221,
  name: 'readwrite',
  arity: 1,
  flags: ['loading', 'stale', 'fast'],
  group: 'cluster',
  since: '3.0.0',
  summary: 'Accepted without effect: every gateway serves every key.',
  complexity: 'O(1)',
  categories: ['connection'],
  run: ({ reply }) => reply.ok(),
});
