/**
 * Carries out what the rebalancer plans, a few steps at a time. A move is under way until its source reports, or makes no
 * progress; a change of primary until the new one is heard to serve.
 */
import type { ClusterEvent, ClusterTable, Heartbeat } from '#libs/cluster';
import { COORDINATOR_BOUNDS } from './bounds.js';
import { MoveWatch } from './move-watch.js';
import type { CoordinatorOptions } from './options.js';
import type { Step } from './rebalance-steps.js';
import { Rebalancer } from './rebalancer.js';
import type { ReplicaStandings } from './replica-standings.js';
import type { StateKeeper } from './state/state-keeper.js';

export interface RebalancingParts {
  readonly options: CoordinatorOptions;
  readonly keeper: StateKeeper;
  readonly standings: ReplicaStandings;
  silentMs(nodeId: string, nowMs: number): number;
}

interface ChangeUnderWay {
  readonly epoch: number;
  readonly untilMs: number;
}

export class Rebalancing {
  private readonly rebalancer: Rebalancer;
  private readonly moves: MoveWatch;
  /** By partition. */
  private readonly changes = new Map<number, ChangeUnderWay>();
  private startAtMs: number;

  constructor(
    private readonly parts: RebalancingParts,
    nowMs: number,
  ) {
    const { options, standings } = parts;
    this.rebalancer = new Rebalancer(standings, options.ring);
    this.moves = new MoveWatch(options.moveTimeoutMs);
    this.startAtMs = nowMs + options.rebalanceDelayMs;
  }

  follow(table: ClusterTable, nowMs: number): void {
    this.moves.follow(table, nowMs);
  }

  heard(heartbeat: Heartbeat, nowMs: number): void {
    this.moves.heard(heartbeat, nowMs);
  }

  tick(nowMs: number): void {
    for (const { partition, moveId } of this.moves.overdue(nowMs)) {
      this.parts.keeper.apply({ type: 'AbortMove', partition, moveId, reason: 'no progress in time' });
    }
    this.takeSteps(nowMs);
  }

  takeSteps(nowMs: number): void {
    const { keeper, options } = this.parts;
    const { state } = keeper;
    if (state.table === undefined || nowMs < this.startAtMs) return;
    this.dropEnded(state.table, nowMs);
    const moves = options.maxConcurrentMoves - this.moves.count;
    const changes = COORDINATOR_BOUNDS.maxHandBacks - this.changes.size;
    if (moves <= 0 && changes <= 0) return;
    const terms = {
      moves: Math.max(0, moves),
      changes: Math.max(0, changes),
      onlyDraining: !options.rebalance || state.rebalanceStopped,
      isLost: (nodeId: string) => this.parts.silentMs(nodeId, nowMs) >= options.replaceAfterMs,
    };
    for (const step of this.rebalancer.next(state, state.table, terms)) this.take(step, nowMs);
  }

  onDecided(events: readonly ClusterEvent[], nowMs: number): void {
    const { options } = this.parts;
    for (const event of events) {
      if (event.type === 'NodeJoined' || event.type === 'NodeRestarted') {
        if (event.node.role === 'storage-node') this.postpone(nowMs + options.rebalanceDelayMs);
      } else if (event.type === 'RebalanceRequested') {
        this.rebalancer.reset();
        this.startAtMs = nowMs;
      } else if (event.type === 'MoveAborted') {
        this.rebalancer.reset();
        this.postpone(nowMs + options.moveRetryMs);
      }
    }
    // The next move is agreed on together with the end of this one: one write to the log, and one table to publish.
    if (events.some(({ type }) => type === 'PartitionMoved')) this.takeSteps(nowMs);
  }

  private take(step: Step, nowMs: number): void {
    const { keeper } = this.parts;
    const { partition } = step;
    if (step.kind === 'move') {
      keeper.apply({ type: 'StartMove', partition, target: step.target, replaces: step.replaces });
      return;
    }
    const outcome =
      step.kind === 'remove'
        ? keeper.apply({ type: 'RemoveOwner', partition, nodeId: step.nodeId })
        : keeper.apply({ type: 'HandBack', partition, epoch: step.epoch, primary: step.primary });
    const epoch = keeper.state.table?.partitions[partition].epoch;
    if (!outcome.ok || outcome.events.length === 0 || epoch === undefined) return;
    this.changes.set(partition, { epoch, untilMs: nowMs + COORDINATOR_BOUNDS.handBackMs });
  }

  /** Those that have taken effect, have been overtaken, or take too long. */
  private dropEnded({ partitions }: ClusterTable, nowMs: number): void {
    for (const [partition, { epoch, untilMs }] of this.changes) {
      const isUnderWay = partitions[partition].epoch === epoch && nowMs < untilMs;
      if (!isUnderWay || this.parts.standings.isServed(partition)) this.changes.delete(partition);
    }
  }

  private postpone(untilMs: number): void {
    this.startAtMs = Math.max(this.startAtMs, untilMs);
  }
}
