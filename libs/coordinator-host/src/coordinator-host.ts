/**
 * The coordinator: admits members, notices their silence, forms the cluster, moves partitions, and publishes the table.
 * Not on the path of any request: gateways and storage nodes work on with their last table while it is away. One
 * process decides here, and its file is the truth; the order is always decide, persist, publish.
 */
import { drawIncarnation } from '#libs/cluster-member';
import {
  CAPABILITIES,
  decodeChangeRequest,
  decodeHeartbeat,
  decodeLeave,
  decodeMoveFinished,
  encodeChangeReply,
  encodeHeartbeat,
  encodeMoveFinishedReply,
  FEATURE_LEVEL,
  NO_STATS,
  type ChangeReply,
  type ChangeRequest,
  type ClusterEvent,
  type ClusterTable,
  type CoordinatorService,
  type EventBus,
  type Heartbeat,
  type Member,
  type MembershipProvider,
} from '#libs/cluster';
import { DecodeError } from '#libs/kernel';
import type { Bus, BusSubscription, Clock, Disk, Logger, Rng, TimerHandle, Timers } from '#libs/ports';
import { subjectsOf, type Subjects } from '#libs/wire';
import { Admission } from './admission.js';
import { subscribeCoordinator } from './bus-binding.js';
import { BusEventBus } from './bus-event-bus.js';
import { carryOut } from './carry-out.js';
import { addConfiguredStores } from './configured-stores.js';
import { LimitedLog } from './limited-log.js';
import { MemberRegistry } from './member-registry.js';
import { MoveWatch } from './move-watch.js';
import { coordinatorOptions, type CoordinatorIdentity, type CoordinatorOptions } from './options.js';
import { Publisher } from './publisher.js';
import { Rebalancer } from './rebalancer.js';
import { StateFileError } from './state-file.js';
import { StateKeeper } from './state-keeper.js';

export interface CoordinatorDependencies {
  readonly bus: Bus;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly rng: Rng;
  readonly logger: Logger;
  readonly options: CoordinatorIdentity & Partial<CoordinatorOptions>;
}

/** Totals since the start, for metrics. */
export interface CoordinatorCounters {
  readonly heartbeats: number;
  readonly refusedHeartbeats: number;
  readonly malformedMessages: number;
  readonly tablesPublished: number;
  readonly stateWrites: number;
  readonly stateWriteErrors: number;
  readonly movesStarted: number;
  readonly movesFinished: number;
  readonly movesAborted: number;
}

/** Looks after everything this many times per heartbeat interval. */
const TICKS_PER_HEARTBEAT = 5;

export class CoordinatorHost implements CoordinatorService, MembershipProvider {
  readonly events: EventBus;
  readonly options: CoordinatorOptions;
  /** This process's own, drawn at its start. */
  readonly incarnation: number;

  private readonly subjects: Subjects;
  private readonly log: LimitedLog;
  private readonly publisher: Publisher;
  private readonly keeper: StateKeeper;
  private readonly registry: MemberRegistry;
  private readonly admission: Admission;
  private readonly rebalancer = new Rebalancer();
  private readonly moves: MoveWatch;
  private readonly subscriptions: BusSubscription[] = [];
  private readonly tickMs: number;
  private ticker: TimerHandle | undefined;
  private stopListening: (() => void) | undefined;
  private lastTickMs = 0;
  private nextHeartbeatMs = 0;
  private nextBeaconMs = 0;
  private rebalanceAtMs = 0;
  private readonly count = { heartbeats: 0, malformed: 0, started: 0, finished: 0, aborted: 0 };

  constructor(private readonly deps: CoordinatorDependencies) {
    const { bus, clock, logger, rng } = deps;
    this.options = coordinatorOptions(deps.options);
    this.incarnation = drawIncarnation(rng);
    this.subjects = subjectsOf(this.options.cluster);
    this.log = new LimitedLog(logger, clock);
    this.events = new BusEventBus(bus, logger, this.options.cluster);
    this.publisher = new Publisher(bus, this.events, this.subjects.table);
    this.keeper = new StateKeeper(
      deps,
      this.options.writeRetryMs,
      this.publisher,
      (event) => this.onEvent(event),
      () => this.startMoves(clock.monotonicMs()),
    );
    this.registry = new MemberRegistry(this.options);
    this.moves = new MoveWatch(this.options.moveTimeoutMs);
    this.admission = new Admission(
      { nodeId: this.options.nodeId, incarnation: this.incarnation },
      this.options,
      rng,
      this.keeper,
      this.log,
      (heartbeat, nowMs) => {
        this.registry.heard(heartbeat, nowMs);
        this.moves.heard(heartbeat, nowMs);
      },
    );
    this.tickMs = Math.max(1, Math.floor(this.options.heartbeatMs / TICKS_PER_HEARTBEAT));
  }

  /** Reads the state and begins; an error means that this coordinator must not run. */
  start(onReady: (error?: Error) => void): void {
    this.keeper.load((loadError) => {
      const error = loadError ?? this.whyForeign();
      if (error !== undefined) {
        this.deps.logger.log('ERROR', 'COORDINATOR', error.message, { error });
        return onReady(error);
      }
      this.begin();
      onReady();
    });
  }

  /** Changes when silent members are suspected and declared down; the caller has checked that both fit together. */
  tune(tuning: Pick<CoordinatorOptions, 'suspectAfterMs' | 'downAfterMs'>): void {
    Object.assign(this.options, tuning);
  }

  /** Ends without leaving the cluster; a write under way is waited for. */
  stop(onStopped: () => void): void {
    this.ticker?.cancel();
    this.stopListening?.();
    for (const subscription of this.subscriptions.splice(0)) subscription.unsubscribe();
    this.keeper.close(onStopped);
  }

  /** Takes the inbound messages from the bus port; apps whose controllers call the methods below do not need it. */
  bindToBus(): void {
    this.subscriptions.push(...subscribeCoordinator(this.deps.bus, this.subjects, this));
  }

  clusterTable(): ClusterTable | undefined {
    return this.publisher.table;
  }

  onTable(listener: (table: ClusterTable) => void): () => void {
    return this.publisher.onTable(listener);
  }

  change(request: ChangeRequest, onDone: (reply: ChangeReply) => void): void {
    carryOut(request, this.keeper, this.publisher, onDone);
  }

  members(): readonly Member[] {
    const nowMs = this.deps.clock.monotonicMs();
    return (this.publisher.table?.nodes ?? []).map((node) => this.registry.view(node, nowMs));
  }

  member(nodeId: string): Member | undefined {
    const node = this.publisher.table?.nodes.find((candidate) => candidate.nodeId === nodeId);
    return node && this.registry.view(node, this.deps.clock.monotonicMs());
  }

  get counters(): CoordinatorCounters {
    return {
      heartbeats: this.count.heartbeats,
      refusedHeartbeats: this.admission.refused,
      malformedMessages: this.count.malformed,
      tablesPublished: this.publisher.tablesPublished,
      stateWrites: this.keeper.writes,
      stateWriteErrors: this.keeper.writeErrors,
      movesStarted: this.count.started,
      movesFinished: this.count.finished,
      movesAborted: this.count.aborted,
    };
  }

  /** True while the state's file cannot be written, so that nothing can change. */
  get isStuck(): boolean {
    return this.keeper.failing;
  }

  onHeartbeat(bytes: Uint8Array): void {
    const heartbeat = this.decoded(decodeHeartbeat, bytes);
    if (heartbeat === undefined) return;
    this.count.heartbeats++;
    this.admission.observe(heartbeat, this.deps.clock.monotonicMs());
  }

  /** The durable table, or no bytes while there is none. */
  onTableRequest(): Uint8Array {
    return this.publisher.tableBytes;
  }

  /**
   * `reply` is called once the outcome is durable. It is never called while that cannot be said, so a source without an
   * answer asks again and keeps the partition sealed until an answer or the table tells.
   */
  onMoveFinished(bytes: Uint8Array, reply: (bytes: Uint8Array) => void): void {
    const report = this.decoded(decodeMoveFinished, bytes);
    if (report === undefined) return;
    const outcome = this.keeper.apply({ type: 'FinishMove', report });
    if (!outcome.ok && 'blocked' in outcome) return;
    const { eventIndex, table } = this.keeper.state;
    const answer = encodeMoveFinishedReply({
      accepted: outcome.ok && !(report.ok && outcome.events.some(({ type }) => type === 'MoveAborted')),
      reason: outcome.ok ? '' : outcome.reason,
      tableVersion: table?.tableVersion ?? 0,
    });
    this.publisher.whenDurable(eventIndex, () => reply(answer));
  }

  onChange(bytes: Uint8Array, reply: (bytes: Uint8Array) => void): void {
    let request: ChangeRequest;
    try {
      request = decodeChangeRequest(bytes);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.count.malformed++;
      return reply(encodeChangeReply({ accepted: false, code: 'invalid', reason: error.message }));
    }
    this.change(request, (outcome) => reply(encodeChangeReply(outcome)));
  }

  onLeave(bytes: Uint8Array): void {
    const leave = this.decoded(decodeLeave, bytes);
    if (leave === undefined || leave.cluster !== this.options.cluster) return;
    this.admission.withdraw(leave.nodeId);
    if (this.keeper.state.table === undefined) return;
    const outcome = this.keeper.apply({ type: 'Leave', nodeId: leave.nodeId, incarnation: leave.incarnation });
    if (!outcome.ok)
      this.log.log('WARN', 'MEMBERSHIP', `a leave was refused: ${outcome.reason}`, { nodeId: leave.nodeId });
  }

  private begin(): void {
    const nowMs = this.deps.clock.monotonicMs();
    const { table } = this.keeper.state;
    this.lastTickMs = nowMs;
    this.rebalanceAtMs = nowMs + this.options.rebalanceDelayMs;
    if (table !== undefined) {
      this.follow(table, nowMs);
      addConfiguredStores(this.options.stores, this.keeper, this.log);
      this.warnOfPartitionCount(table);
    }
    this.stopListening = this.deps.bus.onStatus((status) => this.onBusStatus(status));
    this.ticker = this.deps.timers.every(this.tickMs, () => this.tick());
    this.tick();
  }

  private whyForeign(): Error | undefined {
    const name = this.keeper.state.table?.clusterName;
    if (name === undefined || name === this.options.cluster) return undefined;
    return new StateFileError(`the state on disk is of the cluster "${name}", not of "${this.options.cluster}"`);
  }

  private warnOfPartitionCount(table: ClusterTable): void {
    const count = table.partitions.length;
    if (count === this.options.partitionCount) return;
    const message = `the cluster was formed with ${count} partitions and keeps them; the setting ${this.options.partitionCount} has no effect`;
    this.log.log('WARN', 'COORDINATOR', message);
  }

  private onBusStatus(status: Bus['status']): void {
    if (status !== 'connected') return;
    this.registry.startAfresh(this.deps.clock.monotonicMs());
    this.publisher.publishTable();
  }

  private tick(): void {
    const nowMs = this.deps.clock.monotonicMs();
    if (nowMs - this.lastTickMs > this.options.heartbeatMs + this.tickMs) this.registry.startAfresh(nowMs);
    this.lastTickMs = nowMs;
    if (nowMs >= this.nextHeartbeatMs) this.announceSelf(nowMs);
    this.admission.formWhenDue(nowMs);
    const { table } = this.keeper.state;
    if (table === undefined) return;
    if (this.deps.bus.status === 'connected') this.judgeMembers(table, nowMs);
    for (const { partition, moveId } of this.moves.overdue(nowMs)) {
      this.keeper.apply({ type: 'AbortMove', partition, moveId, reason: 'no progress in time' });
    }
    this.startMoves(nowMs);
    if (nowMs >= this.nextBeaconMs) {
      this.nextBeaconMs = nowMs + this.options.tableBeaconMs;
      this.publisher.publishTable();
    }
  }

  private announceSelf(nowMs: number): void {
    this.nextHeartbeatMs = nowMs + this.options.heartbeatMs;
    const { table } = this.keeper.state;
    const heartbeat: Heartbeat = {
      featureLevel: FEATURE_LEVEL,
      cluster: this.options.cluster,
      nodeId: this.options.nodeId,
      role: 'coordinator',
      incarnation: this.incarnation,
      softwareVersion: this.options.softwareVersion,
      endpoints: this.options.endpoints,
      zone: this.options.zone,
      weight: 1,
      tableVersion: table?.tableVersion ?? 0,
      clusterId: table?.clusterId ?? '',
      state: 'ready',
      stats: NO_STATS,
      moves: [],
      capabilities: CAPABILITIES,
    };
    this.admission.observe(heartbeat, nowMs);
    this.deps.bus.publish(this.subjects.heartbeat, encodeHeartbeat(heartbeat));
  }

  private judgeMembers(table: ClusterTable, nowMs: number): void {
    for (const { nodeId, status } of table.nodes) {
      const verdict = this.registry.verdict(nodeId, nowMs);
      if (status === 'down' || status === 'left') {
        const isOver = this.registry.silentMs(nodeId, nowMs) >= this.options.forgetAfterMs;
        if (isOver) this.keeper.apply({ type: 'Forget', nodeId });
      } else if (verdict === 'down') {
        this.keeper.apply({ type: 'DeclareDown', nodeId });
      } else if (verdict === 'suspect') {
        this.keeper.apply({ type: 'Suspect', nodeId });
      }
    }
  }

  private startMoves(nowMs: number): void {
    const { state } = this.keeper;
    const free = this.options.maxConcurrentMoves - this.moves.count;
    if (state.table === undefined || nowMs < this.rebalanceAtMs || free <= 0 || this.keeper.failing) return;
    const onlyDraining = !this.options.rebalance || state.rebalanceStopped;
    for (const { partition, target } of this.rebalancer.next(state, state.table, free, onlyDraining)) {
      this.keeper.apply({ type: 'StartMove', partition, target });
    }
  }

  private onEvent(event: ClusterEvent): void {
    const nowMs = this.deps.clock.monotonicMs();
    const { table } = this.keeper.state;
    if (table !== undefined) this.follow(table, nowMs);
    switch (event.type) {
      case 'NodeJoined':
      case 'NodeRestarted':
        if (event.node.role === 'storage-node') this.postponeMoves(nowMs + this.options.rebalanceDelayMs);
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
        break;
      case 'MoveAborted':
        this.count.aborted++;
        this.rebalancer.reset();
        this.postponeMoves(nowMs + this.options.moveRetryMs);
        break;
      default:
        break;
    }
  }

  private postponeMoves(untilMs: number): void {
    this.rebalanceAtMs = Math.max(this.rebalanceAtMs, untilMs);
  }

  private follow(table: ClusterTable, nowMs: number): void {
    this.registry.follow(table, nowMs);
    this.moves.follow(table, nowMs);
  }

  private decoded<T>(decode: (bytes: Uint8Array) => T, bytes: Uint8Array): T | undefined {
    try {
      return decode(bytes);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.count.malformed++;
      this.log.log('WARN', 'COORDINATOR', `a message was dropped: ${error.message}`);
      return undefined;
    }
  }
}
