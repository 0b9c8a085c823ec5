/**
 * When a blank coordinator may found a group: it is the first of its list, all others of the list are blank and agree,
 * and nobody has a group, or is about to found one, for a cluster of this name. To learn that it listens for a while;
 * its own heartbeat asks, and coordinators answer it at once with theirs.
 */
import type { Heartbeat } from '#libs/cluster';
import { COORDINATOR_BOUNDS } from '../bounds.js';

interface Heard {
  readonly heartbeat: Heartbeat;
  readonly atMs: number;
}

export interface FoundingOptions {
  readonly nodeId: string;
  /** The founder first. */
  readonly coordinators: readonly string[];
  /** How long to listen before founding, in milliseconds. */
  readonly listenMs: number;
  /** What is older says nothing any more, in milliseconds. */
  readonly freshMs: number;
}

export class Founding {
  /** By node id; of the list's coordinators alone. */
  private readonly heard = new Map<string, Heard>();
  /** Raft ids of the blank coordinators that were heard. */
  private readonly askers = new Set<number>();
  private listensSinceMs: number | undefined;
  /** A coordinator that has a group. Once there is one, this process founds none. */
  private settled: Heartbeat | undefined;
  private competitor: Heard | undefined;

  constructor(private readonly options: FoundingOptions) {}

  /** There is nobody to wait for. */
  get isAlone(): boolean {
    const { coordinators, nodeId } = this.options;
    return coordinators.length === 1 && coordinators[0] === nodeId;
  }

  /** Needs no answer from anybody. */
  get isImmediate(): boolean {
    return this.isAlone && this.options.listenMs === 0;
  }

  /** Whether somebody has a group for a cluster of this name already. */
  get hasRival(): boolean {
    return this.settled !== undefined;
  }

  /** The bus is there, or is not; true where listening begins with that. */
  onBus(isConnected: boolean, nowMs: number): boolean {
    const begins = isConnected && this.listensSinceMs === undefined;
    if (begins) this.listensSinceMs = nowMs;
    if (!isConnected) this.listensSinceMs = undefined;
    return begins;
  }

  /** Answers whether it is from a blank coordinator that was not heard before: it wants to know who is there. */
  observe(heartbeat: Heartbeat, nowMs: number, ownRaftId: number): boolean {
    const { nodeId, role, clusterId, raft } = heartbeat;
    if (role !== 'coordinator' || raft?.raftId === ownRaftId) return false;
    const { coordinators } = this.options;
    const isListed = coordinators.includes(nodeId) && nodeId !== this.options.nodeId;
    if (isListed) this.heard.set(nodeId, { heartbeat, atMs: nowMs });
    if (clusterId !== '') this.settled ??= heartbeat;
    if (clusterId !== '' || raft === undefined) return false;
    const isFounder = raft.coordinators[0] === nodeId && !isListed;
    if (isFounder && raft.raftId < ownRaftId) this.competitor = { heartbeat, atMs: nowMs };
    if (this.askers.has(raft.raftId) || this.askers.size >= COORDINATOR_BOUNDS.maxAskers) return false;
    this.askers.add(raft.raftId);
    return true;
  }

  /** True where this coordinator is to found the group now. */
  isDue(nowMs: number): boolean {
    const { coordinators, nodeId } = this.options;
    return coordinators[0] === nodeId && this.obstacle(nowMs) === undefined;
  }

  /** What a blank coordinator waits for, for people; undefined where nothing stands in the way of a group. */
  obstacle(nowMs: number): string | undefined {
    return this.whyNotFirst(nowMs) ?? this.whyIncomplete(nowMs) ?? this.whyTooEarly(nowMs);
  }

  private whyNotFirst(nowMs: number): string | undefined {
    const { settled, competitor } = this;
    if (settled !== undefined) {
      const { nodeId, clusterId } = settled;
      return `coordinator "${nodeId}" has a group for a cluster of this name (its id: ${clusterId}), and has not taken this one in yet: name its coordinators in cluster.coordinators to join it, or give another cluster another cluster.name, and start again`;
    }
    if (competitor === undefined || nowMs - competitor.atMs > this.options.freshMs) return undefined;
    const { nodeId } = competitor.heartbeat;
    return `coordinator "${nodeId}" is about to found a cluster of this name too: use one list of coordinators, or another cluster.name`;
  }

  private whyIncomplete(nowMs: number): string | undefined {
    const { coordinators, freshMs } = this.options;
    for (const nodeId of coordinators) {
      if (nodeId === this.options.nodeId) continue;
      const heard = this.heard.get(nodeId);
      if (heard === undefined || nowMs - heard.atMs > freshMs) return `coordinator "${nodeId}" has not been heard`;
      const { raft } = heard.heartbeat;
      if (raft === undefined || !isSameList(raft.coordinators, coordinators)) {
        return `coordinator "${nodeId}" has another list of coordinators: ${raft?.coordinators.join(', ')}`;
      }
    }
    return undefined;
  }

  private whyTooEarly(nowMs: number): string | undefined {
    const { listenMs } = this.options;
    const isOver = this.listensSinceMs !== undefined && nowMs - this.listensSinceMs >= listenMs;
    return isOver ? undefined : `it listens for ${listenMs} ms whether there is a cluster of this name`;
  }
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((nodeId, at) => nodeId === b[at]);
}
