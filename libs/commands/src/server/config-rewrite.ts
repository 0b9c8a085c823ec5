import { defineGatewayCommand } from '../define-command.js';
import { failWith } from '../replies.js';

/** CONFIG REWRITE: refused as by a Redis without a configuration file, since the file belongs to the operator. */
export const configRewrite = defineGatewayCommand({
  id: 134,
  name: 'config|rewrite',
  arity: 2,
  flags: ['admin', 'noscript', 'loading', 'stale'],
  group: 'server',
  since: '2.8.0',
  summary: 'Always fails: the configuration file is never rewritten.',
  complexity: 'O(1)',
  run: (context) => void failWith(context, 'ERR The server is running without a config file'),
});
