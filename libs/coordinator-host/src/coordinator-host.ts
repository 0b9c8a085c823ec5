/**
 * A coordinator: one of several that keep the cluster's table together, by Raft. Not on the path of any request: gateways
 * and storage nodes work on with their last table while nobody leads. The leader admits members, notices their silence,
 * forms the cluster, moves partitions and publishes the table; the order is always decide, agree, publish.
 */
import { drawIncarnation, Prober, ProbeResponder } from '#libs/cluster-member';
import {
  encodeHeartbeat,
  type ChangeReply,
  type ChangeRequest,
  type ClusterState,
  type ClusterTable,
  type CoordinatorService,
  type EventBus,
  type Heartbeat,
  type Member,
  type MembershipProvider,
} from '#libs/cluster';
import { MemberMonitor, type MonitorCounters } from '#libs/membership';
import type { Bus, BusSubscription, TimerHandle } from '#libs/ports';
import { subjectsOf, type Subjects } from '#libs/wire';
import { Admission } from './admission.js';
import { subscribeCoordinator } from './bus-binding.js';
import { BusEventBus } from './bus-event-bus.js';
import { carryOut } from './carry-out.js';
import { addConfiguredStores, warnOfPartitionCount } from './configured-stores.js';
import { ControlInbox } from './control-inbox.js';
import { FailureWatch } from './failure-watch.js';
import { CoordinatorGroup } from './group/coordinator-group.js';
import { Founding } from './group/founding.js';
import { GroupMembers } from './group/group-members.js';
import { RefusalNotes } from './group/refusal-notes.js';
import { LeaderDuties } from './leader-duties.js';
import { LimitedLog } from './limited-log.js';
import { MemberRegistry } from './member-registry.js';
import { coordinatorOptions, monitorOptions, type CoordinatorIdentity, type CoordinatorOptions } from './options.js';
import { ownHeartbeat } from './own-heartbeat.js';
import { Publisher } from './publisher.js';
import type { RaftMember, RaftMemberPorts } from './raft/raft-member.js';
import { raftTiming } from './raft/raft-timing.js';
import { StateKeeper } from './state/state-keeper.js';
import { WaitingChanges } from './waiting-changes.js';

export interface CoordinatorDependencies extends RaftMemberPorts {
  readonly options: CoordinatorIdentity & Partial<CoordinatorOptions>;
}

/** Totals since the start, for metrics. */
export interface CoordinatorCounters {
  readonly heartbeats: number;
  readonly refusedHeartbeats: number;
  readonly malformedMessages: number;
  readonly tablesPublished: number;
  readonly movesStarted: number;
  readonly movesFinished: number;
  readonly movesAborted: number;
  /** Partitions that got another primary: since theirs was gone, and back to where the placement has it. */
  readonly failovers: number;
  readonly handBacks: number;
  readonly failedPromotions: number;
}

/** What may change at run time. */
export type CoordinatorTuning = Pick<CoordinatorOptions, 'suspectAfterMs' | 'downAfterMs' | 'failureDetector'>;

/** Looks after everything this many times per heartbeat interval. */
const TICKS_PER_HEARTBEAT = 5;

export class CoordinatorHost implements CoordinatorService, MembershipProvider {
  readonly events: EventBus;
  readonly options: CoordinatorOptions;
  /** This process's own, drawn at its start. */
  readonly incarnation: number;
  /** What comes in over the bus. */
  readonly inbox: ControlInbox;
  readonly coordinators: GroupMembers;
  /** Called once where this coordinator cannot go on: its process is to end. */
  onFailed: (error: Error) => void = () => undefined;

  private readonly subjects: Subjects;
  private readonly log: LimitedLog;
  private readonly publisher: Publisher;
  private readonly keeper: StateKeeper;
  private readonly group: CoordinatorGroup;
  private readonly founding: Founding;
  private readonly refusals: RefusalNotes;
  private readonly monitor: MemberMonitor;
  private readonly registry: MemberRegistry;
  private readonly probes: ProbeResponder;
  private readonly admission: Admission;
  private readonly duties: LeaderDuties;
  private readonly waiting: WaitingChanges;
  private readonly subscriptions: BusSubscription[] = [];
  private readonly tickMs: number;
  private ticker: TimerHandle | undefined;
  private stopListening: (() => void) | undefined;
  private onFirstLead: (() => void) | undefined;
  private failure: Error | undefined;
  private lastTickMs = 0;
  private nextHeartbeatMs = 0;
  private nextAnswerMs = 0;

  constructor(private readonly deps: CoordinatorDependencies) {
    const { bus, clock, timers, logger, rng } = deps;
    const options = coordinatorOptions(deps.options);
    this.options = options;
    const { cluster, nodeId } = options;
    this.incarnation = drawIncarnation(rng);
    this.subjects = subjectsOf(cluster);
    this.log = new LimitedLog(logger, clock);
    this.events = new BusEventBus(bus, logger, cluster);
    this.publisher = new Publisher(deps, this.events, this.subjects.table);
    this.keeper = new StateKeeper(deps, this.publisher, {
      onDecided: (events) => this.duties.onDecided(events, clock.monotonicMs()),
      onAgreed: () => this.onAgreed(),
      onLeading: () => this.onLeading(),
      onFollowing: () => this.say('this coordinator does not lead any more'),
    });
    const groupOptions = { cluster, timing: raftTiming(options.raft) };
    this.group = new CoordinatorGroup(deps, this.subjects, groupOptions, this.keeper.replicated, {
      onMember: (member) => this.onMember(member),
      onProgress: () => this.keeper.onProgress(),
      onFailed: (error) => this.fail(error),
    });
    this.founding = new Founding({
      nodeId,
      coordinators: options.coordinators,
      listenMs: options.foundingListenMs,
      freshMs: options.downAfterMs,
    });
    this.coordinators = new GroupMembers(nodeId, this.group, this.keeper);
    this.refusals = new RefusalNotes(bus, this.subjects, this.log);
    this.probes = new ProbeResponder(bus, clock, { cluster, nodeId, incarnation: this.incarnation });
    this.monitor = new MemberMonitor(monitorOptions(options), rng);
    this.registry = new MemberRegistry(this.monitor);
    const failures = this.watchFailures();
    this.admission = new Admission(options, rng, this.keeper, this.group, this.coordinators, this.log, failures, {
      onMemberHeard: (heartbeat, nowMs) => this.duties.heard(heartbeat, nowMs),
      onCoordinatorRefused: (note) => this.refusals.tell(this.group.groupId, note),
    });
    const { keeper, publisher, registry, admission, log } = this;
    this.duties = new LeaderDuties({ bus, options, keeper, publisher, registry, admission, failures, log });
    this.waiting = new WaitingChanges(timers, () => this.group.isLeaderless);
    this.inbox = new ControlInbox(keeper, publisher, this.log, {
      onHeartbeat: (heartbeat) => this.observe(heartbeat, clock.monotonicMs()),
      takesChanges: () => this.keeper.isLeading || this.group.isLeaderless,
      onLeave: (leave) => this.duties.left(leave, clock.monotonicMs()),
      onPromotionsFailed: (reports) => this.duties.promotionsFailed(reports, clock.monotonicMs()),
      change: (request, onDone) => this.change(request, onDone),
    });
    this.tickMs = Math.max(1, Math.floor(options.heartbeatMs / TICKS_PER_HEARTBEAT));
  }

  /**
   * Reads the files and begins; an error means that this coordinator must not run. One that is alone in its group is
   * ready once it leads; others have to find each other first, or to hear that nobody else is there.
   */
  start(onReady: (error?: Error) => void): void {
    const begun = (error?: Error): void => {
      if (error !== undefined) {
        this.deps.logger.log('ERROR', 'COORDINATOR', error.message, { error });
        return onReady(error);
      }
      this.begin();
      if (this.group.member?.isAlone !== true || this.keeper.isLeading) onReady();
      else this.onFirstLead = onReady;
    };
    this.group.load((error) => {
      if (error === undefined && this.group.isBlank && this.founding.isImmediate) this.group.found(begun);
      else begun(error);
    });
  }

  /** Changes when silent members are suspected and declared down; the caller has checked that both fit together. */
  tune(tuning: CoordinatorTuning): void {
    Object.assign(this.options, tuning);
    this.monitor.tune(monitorOptions(this.options));
  }

  /** Ends without leaving the cluster; a write under way is waited for. */
  stop(onStopped: () => void): void {
    this.ticker?.cancel();
    this.stopListening?.();
    this.probes.stop();
    this.waiting.clear();
    for (const subscription of this.subscriptions.splice(0)) subscription.unsubscribe();
    this.group.stop(onStopped);
  }

  /** Takes the inbound messages from the bus port; apps whose controllers hand them to the inbox do not need it. */
  bindToBus(): void {
    this.subscriptions.push(...subscribeCoordinator(this.deps.bus, this.subjects, this.inbox));
  }

  clusterTable(): ClusterTable | undefined {
    return this.publisher.table;
  }

  onTable(listener: (table: ClusterTable) => void): () => void {
    return this.publisher.onTable(listener);
  }

  change(request: ChangeRequest, onDone: (reply: ChangeReply) => void): void {
    const { groupId } = this.group;
    // The first answer counts for whoever asks, so only the coordinators of its own cluster give one.
    if (groupId !== '' && request.clusterId !== groupId) {
      const details = { clusterId: request.clusterId };
      this.log.log('WARN', 'COORDINATOR', 'a request for changes of another cluster was left unanswered', { details });
    } else if (this.keeper.isLeading) carryOut(request, this.keeper, this.coordinators, onDone);
    else this.waiting.add(request, onDone);
  }

  members(): readonly Member[] {
    const nowMs = this.deps.clock.monotonicMs();
    return (this.publisher.table?.nodes ?? []).map((node) => this.registry.view(node, nowMs));
  }

  member(nodeId: string): Member | undefined {
    const node = this.publisher.table?.nodes.find((candidate) => candidate.nodeId === nodeId);
    return node && this.registry.view(node, this.deps.clock.monotonicMs());
  }

  /** This coordinator's place in the group, for metrics and tests; undefined while it has none. */
  get raft(): RaftMember | undefined {
    return this.group.member;
  }

  /** What the group has agreed on, as far as this coordinator has applied it. */
  get agreed(): ClusterState {
    return this.keeper.replicated.cluster;
  }

  /** Batches that were agreed on and did not follow on the state before them; always 0 where leaders do their part. */
  get strayBatches(): number {
    return this.keeper.replicated.strayBatches;
  }

  get isLeading(): boolean {
    return this.keeper.isLeading;
  }

  /** Itself or another: changes are made. */
  get knowsLeader(): boolean {
    return this.group.knowsLeader;
  }

  get counters(): CoordinatorCounters {
    const { started, finished, aborted, ...changes } = this.duties.count;
    return {
      heartbeats: this.inbox.count.heartbeats,
      refusedHeartbeats: this.admission.refused,
      malformedMessages: this.inbox.count.malformed,
      tablesPublished: this.publisher.tablesPublished,
      movesStarted: started,
      movesFinished: finished,
      movesAborted: aborted,
      ...changes,
    };
  }

  get monitorCounters(): MonitorCounters {
    return this.monitor.counters;
  }

  /** Why this coordinator cannot do its part now; undefined where it can. */
  get trouble(): string | undefined {
    if (this.failure !== undefined) return `the coordinator has failed: ${this.failure.message}`;
    if (this.group.isBlank) {
      const obstacle = this.founding.obstacle(this.deps.clock.monotonicMs());
      return `the coordinator has no group yet: ${obstacle ?? 'nobody has founded one'}`;
    }
    return this.group.knowsLeader ? undefined : 'the coordinators have no leader';
  }

  private watchFailures(): FailureWatch {
    const { options, monitor, registry, log, keeper } = this;
    const prober = new Prober(this.deps.bus, options.cluster);
    return new FailureWatch({ options, monitor, registry, prober, log, apply: (command) => keeper.apply(command) });
  }

  private begin(): void {
    const nowMs = this.deps.clock.monotonicMs();
    this.lastTickMs = nowMs;
    const onForgotten = (groupId: string, reason: string): void => {
      if (groupId === this.group.groupId && !this.keeper.isLeading)
        this.fail(new Error(`this coordinator ends: ${reason}`));
    };
    this.subscriptions.push(this.refusals.listen(this.group.raftId, onForgotten));
    this.probes.start();
    this.stopListening = this.deps.bus.onStatus((status) => this.onBusStatus(status));
    this.ticker = this.deps.timers.every(this.tickMs, () => this.tick());
    this.tick();
  }

  private onMember(member: RaftMember): void {
    const { voters } = member.status.configuration;
    this.say('this coordinator has a group', { groupId: this.group.groupId, raftId: this.group.raftId, voters });
    this.keeper.attach(member);
  }

  private onLeading(): void {
    const nowMs = this.deps.clock.monotonicMs();
    this.say('this coordinator leads', { term: this.group.member?.status.term });
    this.coordinators.reconcile();
    this.duties.begin(nowMs);
    this.announceSelf(nowMs);
    const { table } = this.keeper.state;
    if (table !== undefined) {
      addConfiguredStores(this.options.stores, this.keeper, this.log);
      warnOfPartitionCount(table, this.options.partitionCount, this.log);
    }
    this.waiting.release((request, onDone) => this.change(request, onDone));
    this.onFirstLead?.();
    this.onFirstLead = undefined;
  }

  /** The agreed state is another one: followers watch its members too, so that whoever wins knows them. */
  private onAgreed(): void {
    const nowMs = this.deps.clock.monotonicMs();
    if (this.keeper.isLeading) return this.duties.goOn(nowMs);
    const { table } = this.keeper.state;
    if (table !== undefined) this.registry.follow(table, nowMs);
  }

  private onBusStatus(status: Bus['status']): void {
    if (status !== 'connected') return;
    this.registry.startAfresh(this.deps.clock.monotonicMs());
    if (this.keeper.isLeading) this.publisher.publishTable();
  }

  private observe(heartbeat: Heartbeat, nowMs: number): void {
    if (this.group.isBlank) this.listenForFounders(heartbeat, nowMs);
    else if (isBlank(heartbeat) && nowMs >= this.nextAnswerMs) this.answerBlank(nowMs);
    if (this.keeper.isLeading) return this.admission.observe(heartbeat, nowMs);
    const known = this.keeper.state.table?.nodes.find(({ nodeId }) => nodeId === heartbeat.nodeId);
    if (known?.incarnation === heartbeat.incarnation) this.registry.heard(heartbeat, nowMs);
  }

  /** A blank coordinator's heartbeat asks whether there is a group for a cluster of its name. */
  private answerBlank(nowMs: number): void {
    this.nextAnswerMs = nowMs + this.tickMs;
    this.announceSelf(nowMs);
  }

  private listenForFounders(heartbeat: Heartbeat, nowMs: number): void {
    const { founding } = this;
    const hadRival = founding.hasRival;
    if (founding.observe(heartbeat, nowMs, this.group.raftId)) this.announceSelf(nowMs);
    if (founding.hasRival === hadRival || this.options.coordinators[0] !== this.options.nodeId) return;
    this.log.log('ERROR', 'RAFT', `this coordinator founds no cluster: ${founding.obstacle(nowMs)}`);
  }

  private tick(): void {
    const nowMs = this.deps.clock.monotonicMs();
    if (nowMs - this.lastTickMs > this.options.heartbeatMs + this.tickMs) this.registry.startAfresh(nowMs);
    this.lastTickMs = nowMs;
    const asks = this.group.isBlank && this.founding.onBus(this.deps.bus.status === 'connected', nowMs);
    if (asks || nowMs >= this.nextHeartbeatMs) this.announceSelf(nowMs);
    if (this.group.isBlank && this.founding.isDue(nowMs)) {
      this.group.found((error) => error === undefined || this.fail(error));
    }
    if (!this.keeper.isLeading) return;
    this.coordinators.reconcile();
    this.duties.tick(nowMs);
  }

  private announceSelf(nowMs: number): void {
    this.nextHeartbeatMs = nowMs + this.options.heartbeatMs;
    const heartbeat = ownHeartbeat(this.options, this.incarnation, this.group, this.publisher.table);
    if (this.keeper.isLeading) this.admission.observe(heartbeat, nowMs);
    this.deps.bus.publish(this.subjects.heartbeat, encodeHeartbeat(heartbeat));
  }

  private fail(error: Error): void {
    if (this.failure !== undefined) return;
    this.failure = error;
    this.keeper.halt();
    this.fallSilent();
    this.onFailed(error);
  }

  /** What this coordinator knows is stale from now on, so it answers nobody and says nothing. */
  private fallSilent(): void {
    this.ticker?.cancel();
    this.waiting.clear();
    this.inbox.close();
  }

  private say(message: string, details: Readonly<Record<string, unknown>> = {}): void {
    this.deps.logger.log('INFO', 'RAFT', message, { details });
  }
}

/** From a coordinator that has no group. */
function isBlank({ role, clusterId }: Heartbeat): boolean {
  return role === 'coordinator' && clusterId === '';
}
