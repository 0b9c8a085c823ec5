/** Which coordinator leads, as the coordinators' own heartbeats tell: of two that say so the one of the later term. */
import type { Heartbeat } from '#libs/cluster';
import type { LeaderView } from '#libs/commands';
import type { Clock } from '#libs/ports';

/** Heartbeats that a leader may miss before nobody counts as leading. */
const MISSED_HEARTBEATS = 4;

export class LeaderReport {
  private leader: LeaderView | undefined;
  private heardAtMs = 0;

  constructor(
    private readonly clock: Clock,
    private readonly heartbeatMs: number,
  ) {}

  heard({ nodeId, endpoints, raft }: Heartbeat): void {
    if (raft === undefined) return;
    const { term } = raft;
    if (!raft.isLeader) {
      if (this.leader?.nodeId === nodeId && term >= this.leader.term) this.leader = undefined;
      return;
    }
    if (this.current !== undefined && term < this.current.term) return;
    this.leader = { nodeId, host: endpoints.host, raftId: raft.raftId, term };
    this.heardAtMs = this.clock.monotonicMs();
  }

  /** Undefined where no leader has been heard lately. */
  get current(): LeaderView | undefined {
    const silentMs = this.clock.monotonicMs() - this.heardAtMs;
    return silentMs <= MISSED_HEARTBEATS * this.heartbeatMs ? this.leader : undefined;
  }
}
