/** What is known of members beyond the table: their last heartbeats, and how suspicious their silence is. */
import type { ClusterTable, Heartbeat, Member, TableNode } from '#libs/cluster';
import type { MemberMonitor } from '#libs/membership';

export class MemberRegistry {
  private readonly heartbeats = new Map<string, Heartbeat>();

  constructor(private readonly monitor: MemberMonitor) {}

  heard(heartbeat: Heartbeat, nowMs: number): void {
    this.heartbeats.set(heartbeat.nodeId, heartbeat);
    this.monitor.heard(heartbeat.nodeId, nowMs);
  }

  /** Watches exactly the table's members; those that are new to this process count as heard now. */
  follow(table: ClusterTable, nowMs: number): void {
    const present = new Set(table.nodes.map((node) => node.nodeId));
    this.monitor.follow(present, nowMs);
    for (const nodeId of this.heartbeats.keys()) if (!present.has(nodeId)) this.heartbeats.delete(nodeId);
  }

  startAfresh(nowMs: number): void {
    this.monitor.startAfresh(nowMs);
  }

  silentMs(nodeId: string, nowMs: number): number {
    return this.monitor.silentMs(nodeId, nowMs);
  }

  view(node: TableNode, nowMs: number): Member {
    return {
      node,
      heartbeat: this.current(node),
      silentMs: this.monitor.silentMs(node.nodeId, nowMs),
      phi: this.monitor.phi(node.nodeId, nowMs),
    };
  }

  /** The last heartbeat of the process that the table counts as the node. */
  current(node: TableNode): Heartbeat | undefined {
    const heartbeat = this.heartbeats.get(node.nodeId);
    return heartbeat?.incarnation === node.incarnation ? heartbeat : undefined;
  }
}
