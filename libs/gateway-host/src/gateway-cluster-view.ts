import { sha256 } from '@noble/hashes/sha2.js';
import type {
  AbsentMember,
  ClusterNodeView,
  ClusterView,
  LeaderView,
  MoveView,
  NodeReport,
  SlotRange,
} from '#libs/commands';
import {
  type Heartbeat,
  isLive,
  NO_NODE,
  type NodeStatus,
  replicationReport,
  type ReplicationReport,
  type RoutingTable,
} from '#libs/cluster';
import { hexText, SLOT_COUNT, utf8Bytes } from '#libs/kernel';
import type { Clock } from '#libs/ports';
import { ringReport, type RingReport } from '#libs/ring';
import { LeaderReport } from './leader-report.js';
import { MovesUnderWay } from './moves-under-way.js';
import { NodeReports } from './node-reports.js';
import type { GatewayOptions } from './options.js';

/**
 * The cluster as clients are told. Redis Cluster clients see the gateways alone, each with a share of the slots, since
 * any gateway serves any key: they spread their load and never meet a redirection.
 */
export class GatewayClusterView implements ClusterView {
  private routing: RoutingTable | undefined;
  nodes: readonly ClusterNodeView[] = [];
  absent: readonly AbsentMember[];
  currentEpoch = 0;
  private readonly reports = new NodeReports();
  private readonly leaderReport: LeaderReport;
  private readonly movesUnderWay: MovesUnderWay;

  constructor(
    private readonly options: GatewayOptions,
    clock: Clock,
  ) {
    this.movesUnderWay = new MovesUnderWay(clock);
    this.leaderReport = new LeaderReport(clock, options.heartbeatMs);
    this.nodes = [this.self];
    this.absent = absentOf(options.members, () => false);
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

  get defaultReplicas(): number {
    return this.options.replicationFactor;
  }

  get partitionCount(): number {
    return this.routing?.partitionCount ?? 0;
  }

  get servedSlots(): number {
    if (this.routing === undefined) return 0;
    const served = this.routing.servingOf.reduce((sum, node) => sum + (node === NO_NODE ? 0 : 1), 0);
    return (served * SLOT_COUNT) / this.routing.partitionCount;
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

  onHeartbeat(heartbeat: Heartbeat): void {
    this.reports.heard(heartbeat);
    this.leaderReport.heard(heartbeat);
    this.movesUnderWay.heard(heartbeat);
  }

  reportOf(nodeId: string): NodeReport | undefined {
    return this.reports.of(nodeId);
  }

  onTable(routing: RoutingTable): void {
    this.routing = routing;
    this.reports.follow(routing);
    this.movesUnderWay.follow(routing);
    this.absent = absentOf(this.options.members, (nodeId) => routing.nodeIndexOf(nodeId) >= 0);
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

  leader(): LeaderView | undefined {
    return this.leaderReport.current;
  }

  moves(): readonly MoveView[] {
    return this.movesUnderWay.all();
  }

  replication(): ReplicationReport | undefined {
    return this.routing && replicationReport(this.routing.table);
  }

  ring(): RingReport | undefined {
    return this.routing && ringReport(this.routing.table);
  }
}

function stateOf(status: NodeStatus): ClusterNodeView['state'] {
  if (isLive(status)) return 'up';
  return status === 'suspect' ? 'suspect' : 'down';
}

function absentOf(members: readonly string[], isPresent: (nodeId: string) => boolean): AbsentMember[] {
  return members.filter((id) => !isPresent(id)).map((id) => ({ id, redisId: redisIdOf(id) }));
}

/** 40 hex digits, always the same for a node id. */
function redisIdOf(nodeId: string): string {
  return hexText(sha256(utf8Bytes(nodeId)).subarray(0, 20));
}
