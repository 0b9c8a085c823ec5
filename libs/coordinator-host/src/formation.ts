/** The time before a cluster exists: who has announced itself, and when that is enough. */
import { CLUSTER_LIMITS, type Heartbeat } from '#libs/cluster';

export interface FormationOptions {
  readonly expectedStorageNodes: number;
  readonly formationDelayMs: number;
  readonly downAfterMs: number;
}

interface Candidate {
  readonly heartbeat: Heartbeat;
  readonly heardAtMs: number;
}

export class Formation {
  private readonly byId = new Map<string, Candidate>();
  private firstStorageNodeAtMs: number | undefined;

  constructor(private readonly options: FormationOptions) {}

  /** A ready member has been heard; of two with one id the later one counts. */
  announce(heartbeat: Heartbeat, nowMs: number): void {
    if (!this.byId.has(heartbeat.nodeId) && this.byId.size >= CLUSTER_LIMITS.maxNodes) return;
    this.byId.set(heartbeat.nodeId, { heartbeat, heardAtMs: nowMs });
    if (heartbeat.role === 'storage-node') this.firstStorageNodeAtMs ??= nowMs;
  }

  withdraw(nodeId: string): void {
    this.byId.delete(nodeId);
  }

  /** The members to form the cluster of, by id, once it is time. */
  due(nowMs: number): readonly Heartbeat[] | undefined {
    this.dropSilent(nowMs);
    const members = [...this.byId.values()].map((candidate) => candidate.heartbeat);
    const storageNodes = members.filter((member) => member.role === 'storage-node').length;
    if (storageNodes === 0) {
      this.firstStorageNodeAtMs = undefined;
      return undefined;
    }
    const { expectedStorageNodes, formationDelayMs } = this.options;
    const complete = expectedStorageNodes > 0 && storageNodes >= expectedStorageNodes;
    const waitedMs = nowMs - (this.firstStorageNodeAtMs ?? nowMs);
    if (!complete && waitedMs < formationDelayMs) return undefined;
    return members.toSorted((a, b) => (a.nodeId < b.nodeId ? -1 : 1));
  }

  private dropSilent(nowMs: number): void {
    for (const [nodeId, { heardAtMs }] of this.byId) {
      if (nowMs - heardAtMs >= this.options.downAfterMs) this.byId.delete(nodeId);
    }
  }
}
