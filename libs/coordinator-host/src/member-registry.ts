/** What is known of members beyond the table: their last heartbeats, and for how long they have been silent. */
import type { ClusterTable, Heartbeat, Member, TableNode } from '#libs/cluster';
import { FailureDetector, type DetectorOptions } from './failure-detector.js';

export class MemberRegistry {
  private readonly heartbeats = new Map<string, Heartbeat>();
  private readonly detector: FailureDetector;

  constructor(options: DetectorOptions) {
    this.detector = new FailureDetector(options);
  }

  heard(heartbeat: Heartbeat, nowMs: number): void {
    this.heartbeats.set(heartbeat.nodeId, heartbeat);
    this.detector.heard(heartbeat.nodeId, nowMs);
  }

  /** Watches exactly the table's members; those that are new to this process count as heard now. */
  follow(table: ClusterTable, nowMs: number): void {
    const present = new Set(table.nodes.map((node) => node.nodeId));
    for (const nodeId of present) if (!this.detector.isWatched(nodeId)) this.detector.heard(nodeId, nowMs);
    for (const nodeId of this.detector.watched()) {
      if (present.has(nodeId)) continue;
      this.detector.forget(nodeId);
      this.heartbeats.delete(nodeId);
    }
  }

  startAfresh(nowMs: number): void {
    this.detector.startAfresh(nowMs);
  }

  silentMs(nodeId: string, nowMs: number): number {
    return this.detector.silentMs(nodeId, nowMs);
  }

  verdict(nodeId: string, nowMs: number): ReturnType<FailureDetector['verdict']> {
    return this.detector.verdict(nodeId, nowMs);
  }

  view(node: TableNode, nowMs: number): Member {
    const heartbeat = this.heartbeats.get(node.nodeId);
    const isCurrent = heartbeat?.incarnation === node.incarnation;
    return {
      node,
      heartbeat: isCurrent ? heartbeat : undefined,
      silentMs: this.detector.silentMs(node.nodeId, nowMs),
    };
  }
}
