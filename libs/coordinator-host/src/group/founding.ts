/** When a blank coordinator may found a group: it is the first of its list, and all others are blank and agree. */
import type { Heartbeat } from '#libs/cluster';

interface Heard {
  readonly heartbeat: Heartbeat;
  readonly atMs: number;
}

export class Founding {
  /** By node id; of the list's coordinators alone. */
  private readonly heard = new Map<string, Heard>();

  constructor(
    private readonly nodeId: string,
    private readonly coordinators: readonly string[],
    /** What is older says nothing any more. */
    private readonly freshMs: number,
  ) {}

  observe(heartbeat: Heartbeat, nowMs: number): void {
    const { nodeId, role } = heartbeat;
    if (role !== 'coordinator' || nodeId === this.nodeId || !this.coordinators.includes(nodeId)) return;
    this.heard.set(nodeId, { heartbeat, atMs: nowMs });
  }

  /** There is nobody to wait for. */
  get isAlone(): boolean {
    return this.coordinators.length === 1 && this.coordinators[0] === this.nodeId;
  }

  /** True where this coordinator is to found the group now. */
  isDue(nowMs: number): boolean {
    return this.coordinators[0] === this.nodeId && this.obstacle(nowMs) === undefined;
  }

  /** What a blank coordinator waits for, for people; undefined where nothing stands in the way of a group. */
  obstacle(nowMs: number): string | undefined {
    for (const nodeId of this.coordinators) {
      if (nodeId === this.nodeId) continue;
      const heard = this.heard.get(nodeId);
      if (heard === undefined || nowMs - heard.atMs > this.freshMs) return `coordinator "${nodeId}" has not been heard`;
      const { clusterId, raft } = heard.heartbeat;
      if (clusterId !== '') return `coordinator "${nodeId}" has a group, and has not taken this one in yet`;
      if (raft === undefined || !isSameList(raft.coordinators, this.coordinators)) {
        return `coordinator "${nodeId}" has another list of coordinators: ${raft?.coordinators.join(', ')}`;
      }
    }
    return undefined;
  }
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((nodeId, at) => nodeId === b[at]);
}
