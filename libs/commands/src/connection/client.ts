import { defineContainerCommand } from '../define-command.js';

/** CLIENT: holds the subcommands about connections. */
export const client = defineContainerCommand({
  id: 10,
  name: 'client',
  flags: [],
  group: 'connection',
  since: '2.4.0',
  summary: 'Holds the commands about client connections.',
  complexity: 'Depends on the subcommand.',
});
