/**
 * What the leader among the coordinators does as time passes: form the cluster, judge who has been silent, move
 * partitions, publish the table now and then. Followers do nothing of this.
 */
import type { ClusterEvent, ClusterTable, Heartbeat } from '#libs/cluster';
import type { Bus } from '#libs/ports';
import type { Admission } from './admission.js';
import type { FailureWatch } from './failure-watch.js';
import type { MemberRegistry } from './member-registry.js';
import { MoveWatch } from './move-watch.js';
import type { CoordinatorOptions } from './options.js';
import type { Publisher } from './publisher.js';
import { Rebalancer } from './rebalancer.js';
import type { StateKeeper } from './state/state-keeper.js';

export interface LeaderDutiesParts {
  readonly bus: Bus;
  readonly options: CoordinatorOptions;
  readonly keeper: StateKeeper;
  readonly publisher: Publisher;
  readonly registry: MemberRegistry;
  readonly admission: Admission;
  readonly failures: FailureWatch;
}

export class LeaderDuties {
  readonly count = { started: 0, finished: 0, aborted: 0 };
  private rebalancer: Rebalancer;
  private moves: MoveWatch;
  private nextBeaconMs = 0;
  private rebalanceAtMs = 0;

  constructor(private readonly parts: LeaderDutiesParts) {
    this.rebalancer = new Rebalancer(parts.options.ring);
    this.moves = new MoveWatch(parts.options.moveTimeoutMs);
  }

  /** Leadership begins: nobody's silence before counts, and every move gets its time anew. */
  begin(nowMs: number): void {
    const { options, keeper, registry } = this.parts;
    this.rebalancer = new Rebalancer(options.ring);
    this.moves = new MoveWatch(options.moveTimeoutMs);
    this.rebalanceAtMs = nowMs + options.rebalanceDelayMs;
    const { table } = keeper.state;
    if (table !== undefined) this.follow(table, nowMs);
    registry.startAfresh(nowMs);
  }

  heard(heartbeat: Heartbeat, nowMs: number): void {
    this.parts.registry.heard(heartbeat, nowMs);
    this.moves.heard(heartbeat, nowMs);
  }

  tick(nowMs: number): void {
    const { bus, keeper, publisher, admission, options } = this.parts;
    admission.formWhenDue(nowMs);
    const { table } = keeper.state;
    if (table === undefined) return;
    if (bus.status === 'connected') this.judgeMembers(table, nowMs);
    for (const { partition, moveId } of this.moves.overdue(nowMs)) {
      keeper.apply({ type: 'AbortMove', partition, moveId, reason: 'no progress in time' });
    }
    this.startMoves(nowMs);
    if (nowMs >= this.nextBeaconMs) {
      this.nextBeaconMs = nowMs + options.tableBeaconMs;
      publisher.publishTable();
    }
  }

  startMoves(nowMs: number): void {
    const { keeper, options } = this.parts;
    const { state } = keeper;
    const free = options.maxConcurrentMoves - this.moves.count;
    if (state.table === undefined || nowMs < this.rebalanceAtMs || free <= 0) return;
    const onlyDraining = !options.rebalance || state.rebalanceStopped;
    for (const { partition, target } of this.rebalancer.next(state, state.table, free, onlyDraining)) {
      keeper.apply({ type: 'StartMove', partition, target });
    }
  }

  onDecided(event: ClusterEvent, nowMs: number): void {
    const { keeper, options } = this.parts;
    const { table } = keeper.state;
    if (table !== undefined) this.follow(table, nowMs);
    switch (event.type) {
      case 'NodeJoined':
      case 'NodeRestarted':
        if (event.node.role === 'storage-node') this.postponeMoves(nowMs + options.rebalanceDelayMs);
        break;
      case 'RebalanceRequested':
        this.rebalancer.reset();
        this.rebalanceAtMs = nowMs;
        break;
      case 'MoveStarted':
        this.count.started++;
        break;
      case 'PartitionMoved':
        this.count.finished++;
        // The next move is agreed on together with the end of this one: one write to the log, and one table to publish.
        this.startMoves(nowMs);
        break;
      case 'MoveAborted':
        this.count.aborted++;
        this.rebalancer.reset();
        this.postponeMoves(nowMs + options.moveRetryMs);
        break;
      default:
        break;
    }
  }

  private judgeMembers(table: ClusterTable, nowMs: number): void {
    const { keeper, registry, options, failures } = this.parts;
    failures.judge(table, nowMs);
    for (const { nodeId, role, status } of table.nodes) {
      if (status !== 'down' && status !== 'left') continue;
      // A coordinator counts for the quorum until somebody says that it will not come back.
      if (role === 'coordinator' || registry.silentMs(nodeId, nowMs) < options.forgetAfterMs) continue;
      keeper.apply({ type: 'Forget', nodeId });
    }
  }

  private postponeMoves(untilMs: number): void {
    this.rebalanceAtMs = Math.max(this.rebalanceAtMs, untilMs);
  }

  private follow(table: ClusterTable, nowMs: number): void {
    this.parts.registry.follow(table, nowMs);
    this.moves.follow(table, nowMs);
  }
}
