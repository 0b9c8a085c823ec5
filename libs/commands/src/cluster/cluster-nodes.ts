import { latin1Bytes } from '#libs/kernel';
import { defineGatewayCommand } from '../define-command.js';
import type { AbsentMember, ClusterNodeView, ClusterView, GatewayContext, SlotRange } from '../gateway-context.js';
import { isClusterMode } from './cluster-mode.js';
import { rangesByGateway } from './ranges-by-gateway.js';

/**
 * CLUSTER NODES: the gateways as masters, a line each; the other roles speak no RESP, so clients do not see them. Members
 * that are configured and have not joined have a line without an address, whatever they are.
 */
export const clusterNodes = defineGatewayCommand({
  id: 205,
  name: 'cluster|nodes',
  arity: 2,
  flags: ['stale'],
  group: 'cluster',
  since: '3.0.0',
  summary: 'Returns the gateways and their slots.',
  complexity: 'O(N) where N is the number of nodes.',
  tips: ['nondeterministic_output'],
  run,
});

function run(context: GatewayContext): void {
  if (isClusterMode(context)) context.reply.verbatim('txt', latin1Bytes(renderNodes(context.cluster)));
}

function renderNodes(cluster: ClusterView): string {
  const grouped = rangesByGateway(cluster.slotRanges());
  return cluster.nodes
    .filter((node) => node.role === 'gateway')
    .map((node) => nodeLine(node, cluster.currentEpoch, grouped.get(node.redisId) ?? []))
    .concat(cluster.absent.map(absentLine))
    .join('');
}

/** Id, address with the bus port (there is none), flags, master, last ping and pong, epoch, link, slots. */
function nodeLine(node: ClusterNodeView, epoch: number, ranges: readonly SlotRange[]): string {
  const flags = (node.isSelf ? 'myself,' : '') + STATE_FLAGS[node.state];
  const link = node.state === 'down' ? 'disconnected' : 'connected';
  const slots = ranges.map(({ first, last }) => (first === last ? ` ${first}` : ` ${first}-${last}`)).join('');
  return `${node.redisId} ${node.host}:${node.respPort}@0 ${flags} - 0 0 ${epoch} ${link}${slots}\n`;
}

/** As Redis shows a node that it knows of and has not met: clients pass it over. */
function absentLine({ redisId }: AbsentMember): string {
  return `${redisId} :0@0 handshake,noaddr - 0 0 0 disconnected\n`;
}

const STATE_FLAGS = { up: 'master', suspect: 'master,fail?', down: 'master,fail' } as const;
