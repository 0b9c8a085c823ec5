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
  'DRAIN <node> [UNDO]',
  '    Have a storage node hand its partitions over, or take that back.',
  'EPOCH',
  '    Return the term of the coordinators, the version of the table and the highest epoch of a partition.',
  'EVENTS [SINCE <index>] [COUNT <n>]',
  '    Return the last events of the cluster, or those from an index on.',
  'FAILOVER <partition> [<node>] | <node>',
  '    Move a partition to another storage node, or everything off a node.',
  'FORGET <node>',
  '    Remove a member that is gone and owns nothing.',
  'INFO',
  '    Return the state of the cluster.',
  'KEYSLOT <key>',
  '    Return the hash slot of a key.',
  'LEADER',
  '    Return the coordinator that leads.',
  'MOVES',
  '    Return the partitions that are on their way to another node.',
  'MYID',
  '    Return the id of this gateway.',
  'NODES',
  '    Return the gateways and their slots in the format of cluster nodes.',
  'REBALANCE [STOP]',
  '    Move partitions to where they should be now, or stop that.',
  'RING',
  '    Return how evenly the partitions lie on the storage nodes, and what is still to move.',
  'SHARDS',
  '    Return the slots with the gateways that serve them.',
  'SLOTS',
  '    Return the slot ranges with the gateways that serve them.',
];
