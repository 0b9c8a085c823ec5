import { defineGatewayCommand } from '../define-command.js';
import { isClusterMode } from './cluster-mode.js';

/** CLUSTER MYID: this gateway's id, 40 hex digits. */
export const clusterMyid = defineGatewayCommand({
  id: 206,
  name: 'cluster|myid',
  arity: 2,
  flags: ['stale'],
  group: 'cluster',
  since: '3.0.0',
  summary: 'Returns the id of this gateway.',
  complexity: 'O(1)',
  run: (context) => {
    if (isClusterMode(context)) context.reply.bulkText(context.cluster.self.redisId);
  },
});
