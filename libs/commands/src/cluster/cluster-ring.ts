import type { ReplyWriter } from '#libs/resp';
import type { RingNodeReport } from '#libs/ring';
import { defineGatewayCommand } from '../define-command.js';
import type { GatewayContext } from '../gateway-context.js';
import { fail } from '../replies.js';

/** CLUSTER RING: how evenly the partitions lie on the storage nodes, and what is still to move; in every mode. */
export const clusterRing = defineGatewayCommand({
  id: 219,
  name: 'cluster|ring',
  arity: 2,
  flags: ['stale'],
  group: 'cluster',
  since: 'hypercache',
  summary: 'Returns how evenly the partitions lie on the storage nodes.',
  complexity: 'O(P) where P is the number of partitions.',
  tips: ['nondeterministic_output'],
  run,
});

const DIGITS = 3;

function run(context: GatewayContext): void {
  const { reply } = context;
  const ring = context.cluster.ring();
  if (ring === undefined) return void fail(context, 'CLUSTER_DOWN');
  const { underReplicated = 0, changing = 0 } = context.cluster.replication() ?? {};
  reply.mapHeader(12);
  integer(reply, 'table-version', ring.tableVersion);
  integer(reply, 'partitions', ring.partitions);
  integer(reply, 'copies', ring.copies);
  integer(reply, 'unowned', ring.unowned);
  integer(reply, 'under-replicated', underReplicated);
  integer(reply, 'changing-owners', changing);
  number(reply, 'load-factor', ring.loadFactor);
  number(reply, 'standard-deviation', ring.standardDeviation);
  number(reply, 'max-deviation-percent', ring.maxDeviation * 100);
  integer(reply, 'moves-active', ring.movesActive);
  integer(reply, 'moves-pending', ring.movesPending);
  reply.bulkText('nodes');
  reply.arrayHeader(ring.nodes.length);
  for (const node of ring.nodes) writeNode(reply, node);
}

function writeNode(reply: ReplyWriter, node: RingNodeReport): void {
  reply.mapHeader(9);
  text(reply, 'id', node.id);
  text(reply, 'zone', node.zone);
  integer(reply, 'weight', node.weight);
  text(reply, 'state', node.state);
  integer(reply, 'partitions', node.partitions);
  integer(reply, 'primaries', node.primaries);
  number(reply, 'share', node.share);
  number(reply, 'deviation-percent', node.deviation * 100);
  integer(reply, 'moves-pending', node.movesPending);
}

function text(reply: ReplyWriter, name: string, value: string): void {
  reply.bulkText(name);
  reply.bulkText(value);
}

function integer(reply: ReplyWriter, name: string, value: number): void {
  reply.bulkText(name);
  reply.integer(value);
}

function number(reply: ReplyWriter, name: string, value: number): void {
  reply.bulkText(name);
  reply.double(String(Number(value.toFixed(DIGITS))));
}
