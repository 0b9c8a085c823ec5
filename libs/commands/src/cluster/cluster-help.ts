import { defineGatewayCommand } from '../define-command.js';
import { replyHelp } from '../help-reply.js';

/** CLUSTER HELP */
export const clusterHelp = defineGatewayCommand({
  id: 207,
  name: 'cluster|help',
  arity: 2,
  flags: ['loading', 'stale'],
  group: 'cluster',
  since: '5.0.0',
  summary: 'Returns a text about the subcommands.',
  complexity: 'O(1)',
  run: (context) => replyHelp(context, 'CLUSTER', LINES),
});

const LINES = [
  'INFO',
  '    Return the state of the cluster.',
  'KEYSLOT <key>',
  '    Return the hash slot of a key.',
  'MYID',
  '    Return the id of this gateway.',
  'NODES',
  '    Return the gateways and their slots in the format of cluster nodes.',
  'RING',
  '    Return how evenly the partitions lie on the storage nodes, and what is still to move.',
  'SHARDS',
  '    Return the slots with the gateways that serve them.',
  'SLOTS',
  '    Return the slot ranges with the gateways that serve them.',
];
