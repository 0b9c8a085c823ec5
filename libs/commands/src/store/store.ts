import { defineContainerCommand } from '../define-command.js';

/** STORE: holds the subcommands about stores. */
export const store = defineContainerCommand({
  id: 910,
  name: 'store',
  flags: [],
  group: 'store',
  since: 'hypercache',
  summary: 'Holds the commands about stores.',
  complexity: 'Depends on the subcommand.',
});
