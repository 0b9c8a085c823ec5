/** Who leads among the coordinators, as they say themselves: a new leader announces itself at once. */
import { decodeHeartbeat } from '#libs/cluster';
import type { Bus } from '#libs/ports';
import type { Subjects } from '#libs/wire';

export interface Leadership {
  readonly nodeId: string;
  readonly clusterId: string;
  readonly term: number;
  /** On this process's monotonic clock. */
  readonly heardMs: number;
}

/** Announcements come every half a second at the latest; an election that takes so long has failed. */
const LIMIT_MS = 20_000;

export class LeaderWatch {
  private latest: Leadership | undefined;
  private onLeader: ((leader: Leadership) => void) | undefined;

  constructor(bus: Bus, subjects: Subjects) {
    bus.subscribe(subjects.heartbeat, ({ payload }) => this.hear(payload));
  }

  /** The first leader of a term above `term`: known already, or heard from now on. */
  async after(term: number): Promise<Leadership> {
    if (this.latest !== undefined && this.latest.term > term) return this.latest;
    return new Promise((resolve, reject) => {
      const limit = setTimeout(() => reject(new Error(`nobody led within ${LIMIT_MS / 1_000} s`)), LIMIT_MS);
      this.onLeader = (leader) => {
        if (leader.term <= term) return;
        clearTimeout(limit);
        this.onLeader = undefined;
        resolve(leader);
      };
    });
  }

  private hear(payload: Uint8Array): void {
    const heardMs = performance.now();
    const { role, nodeId, clusterId, raft } = decodeHeartbeat(payload);
    if (role !== 'coordinator' || raft?.isLeader !== true || raft.term <= (this.latest?.term ?? 0)) return;
    this.latest = { nodeId, clusterId, term: raft.term, heardMs };
    this.onLeader?.(this.latest);
  }
}
