import { defineContainerCommand } from '../define-command.js';

/** CONFIG: holds the subcommands about settings. */
export const config = defineContainerCommand({
  id: 130,
  name: 'config',
  flags: [],
  group: 'server',
  since: '2.0.0',
  summary: 'Holds the commands about settings.',
  complexity: 'Depends on the subcommand.',
});
