import { defineGatewayCommand } from '../define-command.js';
import { failWith } from '../replies.js';

/** CONFIG REWRITE: writes what was changed at run time into the YAML file that the gateway was started with. */
export const configRewrite = defineGatewayCommand({
  id: 134,
  name: 'config|rewrite',
  arity: 2,
  flags: ['admin', 'noscript', 'loading', 'stale'],
  group: 'server',
  since: '2.8.0',
  summary: 'Writes changed settings into the configuration file.',
  complexity: 'O(1)',
  run: (context) => {
    const reason = context.settings.rewrite();
    if (reason === undefined) context.reply.ok();
    else failWith(context, `ERR ${reason}`);
  },
});
