import { defineContainerCommand } from '../define-command.js';

/** CLUSTER: holds the subcommands that Redis Cluster clients ask. */
export const cluster = defineContainerCommand({
  id: 200,
  name: 'cluster',
  flags: [],
  group: 'cluster',
  since: '3.0.0',
  summary: 'Holds the commands about the cluster.',
  complexity: 'Depends on the subcommand.',
});
