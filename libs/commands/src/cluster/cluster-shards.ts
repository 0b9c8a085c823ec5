import type { ReplyWriter } from '#libs/resp';
import { defineGatewayCommand } from '../define-command.js';
import type { ClusterNodeView, GatewayContext, SlotRange } from '../gateway-context.js';
import { isClusterMode } from './cluster-mode.js';
import { rangesByGateway } from './ranges-by-gateway.js';

/**
 * CLUSTER SHARDS: each gateway with the slots that it is asked for first. A node may stand in one shard only, so the
 * other gateways that serve the same slots are left out here.
 */
export const clusterShards = defineGatewayCommand({
  id: 204,
  name: 'cluster|shards',
  arity: 2,
  flags: ['stale'],
  group: 'cluster',
  since: '7.0.0',
  summary: 'Returns the gateways with the slots that they serve.',
  complexity: 'O(N) where N is the number of slot ranges.',
  tips: ['nondeterministic_output'],
  run,
});

function run(context: GatewayContext): void {
  const { reply } = context;
  if (!isClusterMode(context)) return;
  const shards = rangesByGateway(context.cluster.slotRanges());
  reply.arrayHeader(shards.size);
  for (const ranges of shards.values()) writeShard(reply, ranges);
}

function writeShard(reply: ReplyWriter, ranges: readonly SlotRange[]): void {
  reply.mapHeader(2);
  reply.bulkText('slots');
  reply.arrayHeader(ranges.length * 2);
  for (const range of ranges) {
    reply.integer(range.first);
    reply.integer(range.last);
  }
  reply.bulkText('nodes');
  reply.arrayHeader(1);
  writeNode(reply, ranges[0].gateway);
}

function writeNode(reply: ReplyWriter, node: ClusterNodeView): void {
  reply.mapHeader(7);
  reply.bulkText('id');
  reply.bulkText(node.redisId);
  reply.bulkText('port');
  reply.integer(node.respPort);
  reply.bulkText('ip');
  reply.bulkText(node.host);
  reply.bulkText('endpoint');
  reply.bulkText(node.host);
  reply.bulkText('role');
  reply.bulkText('master');
  reply.bulkText('replication-offset');
  reply.integer(0);
  reply.bulkText('health');
  reply.bulkText(node.state === 'down' ? 'failed' : 'online');
}
