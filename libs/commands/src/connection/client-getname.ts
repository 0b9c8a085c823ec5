import { defineGatewayCommand } from '../define-command.js';

/** CLIENT GETNAME: the connection's name, nil where it has none. */
export const clientGetname = defineGatewayCommand({
  id: 13,
  name: 'client|getname',
  arity: 2,
  flags: ['noscript', 'loading', 'stale'],
  group: 'connection',
  since: '2.6.9',
  summary: 'Returns the name of the connection.',
  complexity: 'O(1)',
  run: ({ reply, session }) => {
    if (session.name === '') reply.nullBulk();
    else reply.bulkText(session.name);
  },
});
