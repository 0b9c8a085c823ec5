import { defineGatewayCommand } from '../define-command.js';

/** ASKING: nothing to do, since no gateway answers -ASK. */
export const asking = defineGatewayCommand({
  id: 222,
  name: 'asking',
  arity: 1,
  flags: ['fast'],
  group: 'cluster',
  since: '3.0.0',
  summary: 'Accepted without effect: no gateway answers with a redirection.',
  complexity: 'O(1)',
  categories: ['connection'],
  run: ({ reply }) => reply.ok(),
});
