/** What the members' heartbeats say of them beyond the table, the latest of each; for those who look at the cluster. */
import { CLUSTER_LIMITS, type Heartbeat, type RoutingTable } from '#libs/cluster';
import type { NodeReport } from '#libs/commands';

export class NodeReports {
  private readonly byId = new Map<string, NodeReport>();

  heard({ nodeId, stats, capabilities }: Heartbeat): void {
    if (this.byId.size >= CLUSTER_LIMITS.maxNodes && !this.byId.has(nodeId)) return;
    this.byId.set(nodeId, { capacityBytes: stats.limitBytes, capabilities });
  }

  of(nodeId: string): NodeReport | undefined {
    return this.byId.get(nodeId);
  }

  /** Forgets members that the table no longer has. */
  follow(routing: RoutingTable): void {
    for (const nodeId of this.byId.keys()) if (routing.nodeIndexOf(nodeId) < 0) this.byId.delete(nodeId);
  }
}
