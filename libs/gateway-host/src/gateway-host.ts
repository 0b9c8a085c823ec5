import {
  DEFAULT_STORE_ID,
  DEFAULT_STORE_NAME,
  NO_STATS,
  storeFromPreset,
  type ChangeOutcome,
  type ClusterChange,
  type ClusterTable,
  type EventsRequest,
  type RoutingTable,
  type TableStore,
} from '#libs/cluster';
import { ClusterMember, drawIncarnation } from '#libs/cluster-member';
import type { CommandTable, EventsOutcome } from '#libs/commands';
import { DecodeError, errorText } from '#libs/kernel';
import type {
  Bus,
  BusMessage,
  BusSubscription,
  ClientSocketHandler,
  Clock,
  Logger,
  Rng,
  Telemetry,
  TimerHandle,
  Timers,
  TraceContext,
} from '#libs/ports';
import { decodeReply, encodeCommand, ReplyWriter, RequestScanner, type RespValue } from '#libs/resp';
import { subjectsOf, type Subjects } from '#libs/wire';
import { ClientConnections } from './client-connections.js';
import { ClusterChanges } from './cluster-changes.js';
import { ClusterHistory } from './cluster-history.js';
import { CommandContext } from './command-context.js';
import { CommandPlanner } from './command-planner.js';
import { CommandRunner } from './command-runner.js';
import { DirectClient } from './direct-client.js';
import { GatewayClusterView } from './gateway-cluster-view.js';
import { GatewayInfo } from './gateway-info.js';
import type { GatewaySession } from './gateway-session.js';
import { GatewaySettings } from './gateway-settings.js';
import { NearCommandRunner } from './near-command-runner.js';
import { NearFilters } from './near-filters.js';
import { OperationRouter } from './operation-router.js';
import type { GatewayOptions, GatewayTuning } from './options.js';
import { NO_SETTINGS, type SettingsSource } from './settings-source.js';
import { GatewayStatistics } from './statistics.js';
import { Turn } from './turn.js';

const SWEEP_MS = 25;
/** What there is before the first cluster table. */
const FIRST_STORES: readonly TableStore[] = [
  { id: DEFAULT_STORE_ID, ...storeFromPreset('general', { name: DEFAULT_STORE_NAME }) },
];

export interface GatewayPorts {
  readonly control: Bus;
  readonly data: Bus;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly rng: Rng;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
  /** The configuration, as CONFIG GET and CONFIG SET see it; without it only Redis's names answer. */
  readonly settings?: SettingsSource;
}

export interface ExecuteOptions {
  readonly store: string;
  readonly database: number;
  /** A caller's span: the operation is traced under it. */
  readonly trace?: TraceContext;
}

/**
 * A gateway: reads clients' commands, sends each to the primary of its keys, and writes the replies in the clients' order. It
 * holds no data. All operations of an event-loop turn for one storage node leave as one frame.
 */
export class GatewayHost {
  readonly statistics: GatewayStatistics;
  readonly view: GatewayClusterView;
  readonly settings: GatewaySettings;
  readonly info: GatewayInfo;
  /** Copies of stores' filters, where they are permitted. */
  readonly nearFilters: NearFilters;
  /** What a listener calls for client connections. */
  readonly sockets: ClientSocketHandler<GatewaySession>;

  /** Called when a later process has taken the node id: this one should end. */
  onSuperseded: () => void = () => undefined;

  /** Called with each new table, before anything else follows it. */
  onNewTable: (table: ClusterTable) => void = () => undefined;

  /** All parts share it, so a change reaches them all. */
  private readonly options: GatewayOptions;
  private readonly subjects: Subjects;
  private readonly member: ClusterMember;
  private readonly router: OperationRouter;
  private readonly planner: CommandPlanner;
  private readonly runner: CommandRunner;
  /** In the place of `runner` while a store permits copies of its filter. */
  private readonly nearRunner: CommandRunner;
  private readonly connections: ClientConnections;
  private readonly changes: ClusterChanges;
  private readonly history: ClusterHistory;
  private readonly reply = new ReplyWriter(4096);
  private readonly turn: Turn;
  private readonly subscriptions: BusSubscription[] = [];
  private readonly handles: TimerHandle[] = [];
  private onIdle: (() => void) | undefined;
  private isStopping = false;
  /** What commands run for themselves: begun at the end of the turn, since the scanner is in use until then. */
  private nested: { readonly words: readonly string[]; readonly onValue: (value: RespValue) => void }[] = [];

  constructor(
    private readonly ports: GatewayPorts,
    given: GatewayOptions,
    table: CommandTable,
  ) {
    const options = { ...given };
    this.options = options;
    const { clock, rng, data, logger, telemetry } = ports;
    const { maxArguments, maxInlineBytes, nodeId } = options;
    const limits = { maxBulkBytes: options.maxValueBytes, maxArguments, maxInlineBytes };
    const scanner = new RequestScanner(limits);
    const statistics = new GatewayStatistics(table.maxId + 1);
    this.statistics = statistics;
    this.subjects = subjectsOf(options.cluster);
    this.view = new GatewayClusterView(options, clock);
    const source = ports.settings ?? NO_SETTINGS;
    this.settings = new GatewaySettings(
      options,
      source,
      () => this.resetStatistics(),
      () => this.defaultStore,
    );
    this.turn = new Turn(clock, ports.timers, () => this.endTurn());
    const router = new OperationRouter(data, clock, rng, this.subjects, options, statistics, {
      onDirty: () => this.turn.open(),
      onMultiRejected: (plan) => this.planner.replan(plan),
      onNewerTable: () => this.member.requestTable(),
    });
    this.router = router;
    this.planner = new CommandPlanner(router, table, rng, options.mode === 'standalone', limits);
    this.info = new GatewayInfo(
      options,
      statistics,
      this.view,
      clock,
      () => router.operations.count,
      () => this.stores,
    );
    this.connections = new ClientConnections({
      options,
      scanner,
      statistics,
      turn: this.turn,
      clock,
      logger,
      stores: () => this.stores,
      isSaturated: () => router.isSaturated,
    });
    const { reply, planner } = this;
    this.changes = this.makeChanges();
    this.history = new ClusterHistory(ports.control, this.subjects.events, options);
    const later = {
      change: this.change.bind(this),
      events: this.events.bind(this),
      run: (words: readonly string[], onValue: (value: RespValue) => void) => {
        this.nested.push({ words, onValue });
        this.turn.open();
      },
    };
    const { view, settings, info, connections } = this;
    const near = new NearFilters(table, scanner, router, clock, logger);
    this.nearFilters = near;
    const context = new CommandContext(reply, table, view, settings, info, options, connections, later, near);
    const parts = { nodeId, table, scanner, reply, context, router, planner, statistics, clock, logger, telemetry };
    this.runner = new CommandRunner(parts);
    this.nearRunner = new NearCommandRunner(parts, near);
    this.connections.runner = this.runner;
    this.member = this.makeMember();
    this.sockets = {
      onConnect: (socket) => this.connections.connect(socket),
      onData: (session, chunk) => this.connections.receive(session, chunk),
      onDrain: (session) => this.connections.resume(session),
      onClose: (session) => this.connections.disconnect(session),
    };
  }

  get routing(): RoutingTable | undefined {
    return this.member.routing;
  }

  get stores(): readonly TableStore[] {
    return this.routing?.table.stores ?? FIRST_STORES;
  }

  private get defaultStore(): TableStore | undefined {
    return this.routing?.table.stores.find(({ id }) => id === DEFAULT_STORE_ID);
  }

  /** Changes options while the gateway runs. */
  tune(tuning: Partial<GatewayTuning>): void {
    Object.assign(this.options, tuning);
  }

  /** Every partition has a primary that this gateway can send to. */
  get ready(): boolean {
    return this.unreadyReasons().length === 0;
  }

  /** Why it is not ready; empty where it is. */
  unreadyReasons(): readonly string[] {
    const reasons: string[] = [];
    if (this.isStopping) reasons.push('shutting down');
    if (this.ports.data.status !== 'connected') reasons.push(`bus ${this.ports.data.status}`);
    if (this.routing === undefined) reasons.push('no cluster table yet');
    else if (this.view.state !== 'ok') reasons.push('some partitions have no reachable primary');
    return reasons;
  }

  start(): void {
    const { data, control, timers, clock } = this.ports;
    const { nodeId, retryMs } = this.options;
    this.subscriptions.push(data.subscribe(this.subjects.allReplies(nodeId), (message) => this.onReplies(message)));
    this.subscriptions.push(control.subscribe(this.subjects.heartbeat, (message) => this.onHeartbeat(message)));
    data.onStatus((status) => {
      if (status !== 'connected') this.router.onDisconnect();
    });
    this.handles.push(timers.every(SWEEP_MS, () => this.sweep(clock.monotonicMs())));
    this.handles.push(timers.every(retryMs, () => this.router.retry()));
    this.member.start();
  }

  /** Waits for what is in flight, then leaves the cluster. Connections are the listener's to close. */
  stop(onStopped: () => void): void {
    this.isStopping = true;
    this.onIdle = () => {
      this.onIdle = undefined;
      for (const handle of this.handles) handle.cancel();
      for (const subscription of this.subscriptions) subscription.unsubscribe();
      this.member.stop();
      onStopped();
    };
    this.turn.open();
  }

  /** True where a client is owed nothing, so that its connection may be closed. */
  isIdle(session: GatewaySession): boolean {
    return session.unanswered === 0 && session.queuedReplyBytes === 0;
  }

  /** Executes one command (RESP multibulk bytes) for a caller inside this process; the reply is RESP3. */
  execute(command: Uint8Array, options: ExecuteOptions, onReply: (reply: Uint8Array) => void): void {
    const store = this.stores.find((each) => each.name === options.store);
    if (store === undefined) {
      this.reply.reset();
      this.reply.error(`${errorText('UNKNOWN_STORE')} '${options.store}'`);
      return onReply(this.reply.toBytes());
    }
    const session = this.connections.create(new DirectClient(onReply));
    session.protocol = 3;
    session.authenticated = true;
    session.database = options.database;
    session.store = store.name;
    session.storeId = store.id;
    const { runner } = this.connections;
    runner.callerTrace = options.trace;
    this.connections.receive(session, command);
    runner.callerTrace = undefined;
  }

  /** Asks the coordinator for changes, all or none; calls back once this gateway's own table holds them. */
  change(changes: readonly ClusterChange[], onOutcome: (outcome: ChangeOutcome) => void): void {
    this.changes.request(changes, (outcome) => {
      onOutcome(outcome);
      this.turn.open();
    });
  }

  private resetStatistics(): void {
    this.statistics.reset();
    this.info.resetCounters();
    this.nearFilters.resetCounters();
  }

  /** Asks a coordinator for the events that it remembers; calls back once. */
  events(request: EventsRequest, onOutcome: (outcome: EventsOutcome) => void): void {
    this.history.request(request, (outcome) => {
      onOutcome(outcome);
      this.turn.open();
    });
  }

  private sweep(nowMs: number): void {
    this.router.sweep(nowMs);
    if (!this.isStopping) this.nearFilters.step(nowMs);
    this.connections.resumeStalled();
  }

  private onReplies(message: BusMessage): void {
    this.guard(() => this.router.onMessage(message));
    this.connections.flush();
    this.connections.resumeStalled();
    if (this.onIdle !== undefined) this.turn.open();
  }

  private onHeartbeat(message: BusMessage): void {
    this.guard(() => this.info.onHeartbeat(message.payload));
  }

  private guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.statistics.malformedFrames++;
      this.ports.logger.log('WARN', 'GATEWAY', `malformed message dropped: ${error.message}`);
    }
  }

  private endTurn(): void {
    if (this.nested.length > 0) this.runNested();
    this.router.flush();
    this.connections.flush();
    this.connections.resumeStalled();
    const isIdle = this.router.operations.count === 0 && this.changes.count === 0 && this.history.count === 0;
    if (isIdle) this.onIdle?.();
  }

  private runNested(): void {
    const commands = this.nested;
    this.nested = [];
    for (const { words, onValue } of commands) {
      const target = { store: DEFAULT_STORE_NAME, database: 0 };
      this.execute(encodeCommand(words), target, (bytes) => onValue(decodeReply(bytes)));
    }
  }

  private onTable(routing: RoutingTable): void {
    this.onNewTable(routing.table);
    this.view.onTable(routing);
    this.router.onTable(routing);
    this.nearFilters.onTable(routing);
    this.connections.runner = this.nearFilters.isActive ? this.nearRunner : this.runner;
    this.changes.onTable(routing.tableVersion);
  }

  private makeChanges(): ClusterChanges {
    const { control: bus, clock, timers, rng } = this.ports;
    return new ClusterChanges({
      bus,
      clock,
      timers,
      rng,
      subject: this.subjects.change,
      timing: this.options,
      routing: () => this.routing,
      requestTable: () => this.member.requestTable(),
    });
  }

  private makeMember(): ClusterMember {
    const { cluster, nodeId, softwareVersion, zone, advertise, heartbeatMs, tableRequestMs } = this.options;
    return new ClusterMember(
      this.ports.control,
      this.ports,
      {
        cluster,
        nodeId,
        role: 'gateway',
        softwareVersion,
        endpoints: advertise,
        zone,
        weight: 1,
        heartbeatMs,
        tableRequestMs,
      },
      {
        reportedState: () => (this.isStopping ? 'draining' : 'ready'),
        stats: () => ({
          ...NO_STATS,
          connections: this.statistics.connectionsOpen,
          operations: this.statistics.totalRequests(),
        }),
        moves: () => [],
        onTable: (routing) => this.onTable(routing),
        onSuperseded: () => this.onSuperseded(),
      },
      drawIncarnation(this.ports.rng),
    );
  }
}
