import { sha256 } from '@noble/hashes/sha2.js';
import type { ClusterNodeView, ClusterView, SlotRange } from '#libs/commands';
import { isLive, NO_NODE, type NodeStatus, type RoutingTable } from '#libs/cluster';
import { hexText, SLOT_COUNT, utf8Bytes } from '#libs/kernel';
import type { GatewayOptions } from './options.js';

/**
 * The cluster as clients are told. Redis Cluster clients see the gateways alone, each with a share of the slots, since
 * any gateway serves any key: they spread their load and never meet a redirection.
 */
export class GatewayClusterView implements ClusterView {
  private routing: RoutingTable | undefined;
  nodes: readonly ClusterNodeView[] = [];
  currentEpoch = 0;

  constructor(private readonly options: GatewayOptions) {
    this.nodes = [this.self];
  }

  get mode(): 'standalone' | 'cluster' {
    return this.options.mode;
  }

  get clusterId(): string {
    return this.routing?.table.clusterId ?? '';
  }

  get tableVersion(): number {
    return this.routing?.tableVersion ?? 0;
  }

  get partitionCount(): number {
    return this.routing?.partitionCount ?? 0;
  }

  get state(): 'ok' | 'fail' {
    return this.routing !== undefined && !this.routing.servingOf.includes(NO_NODE) ? 'ok' : 'fail';
  }

  get self(): ClusterNodeView {
    const { nodeId, advertise } = this.options;
    return {
      id: nodeId,
      redisId: redisIdOf(nodeId),
      role: 'gateway',
      host: advertise.host,
      respPort: advertise.respPort,
      state: 'up',
      isSelf: true,
      partitionCount: 0,
    };
  }

  onTable(routing: RoutingTable): void {
    this.routing = routing;
    this.currentEpoch = routing.epochOf.reduce((highest, epoch) => Math.max(highest, epoch), 0);
    const others = routing.nodes.map((node, index): ClusterNodeView => {
      return {
        id: node.nodeId,
        redisId: redisIdOf(node.nodeId),
        role: node.role,
        host: node.endpoints.host,
        respPort: node.endpoints.respPort,
        state: stateOf(node.status),
        isSelf: false,
        partitionCount: routing.partitionsOf(index).length,
      };
    });
    const self = this.self;
    this.nodes = [self, ...others.filter((node) => node.role !== 'gateway' || node.id !== self.id)];
  }

  slotRanges(): readonly SlotRange[] {
    const gateways = this.nodes
      .filter((node) => node.role === 'gateway' && node.state !== 'down' && node.respPort > 0)
      .toSorted((a, b) => (a.id < b.id ? -1 : 1));
    return gateways.map((gateway, index) => ({
      first: Math.floor((index * SLOT_COUNT) / gateways.length),
      last: Math.floor(((index + 1) * SLOT_COUNT) / gateways.length) - 1,
      gateway,
      otherGateways: gateways.filter((other) => other !== gateway),
    }));
  }
}

function stateOf(status: NodeStatus): ClusterNodeView['state'] {
  if (isLive(status)) return 'up';
  return status === 'suspect' ? 'suspect' : 'down';
}

/** 40 hex digits, always the same for a node id. */
function redisIdOf(nodeId: string): string {
  return hexText(sha256(utf8Bytes(nodeId)).subarray(0, 20));
}
