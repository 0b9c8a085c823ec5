import { NO_STATS, type RoutingTable } from '#libs/cluster';
import { ClusterMember, drawIncarnation } from '#libs/cluster-member';
import { arityMatches, type Command, type CommandTable, type StorageCommand, unknownCommandText, wrongArityText } from '#libs/commands';
import { BOUNDS, DecodeError, errorText, type ErrorCode } from '#libs/kernel';
import type {
  Bus,
  BusMessage,
  BusSubscription,
  ClientSocket,
  ClientSocketHandler,
  Clock,
  Logger,
  Rng,
  Telemetry,
  TimerHandle,
  Timers,
  TraceContext,
} from '#libs/ports';
import { SPANS } from '#libs/ports';
import { feed, ReplyWriter, RequestScanner } from '#libs/resp';
import { OPERATION_FLAGS, subjectsOf, type Subjects } from '#libs/wire';
import { CommandContext } from './command-context.js';
import { CommandPlanner } from './command-planner.js';
import { DirectClient } from './direct-client.js';
import { GatewayClusterView } from './gateway-cluster-view.js';
import { GatewayInfo } from './gateway-info.js';
import { GatewaySession } from './gateway-session.js';
import { GatewaySettings } from './gateway-settings.js';
import { OperationRouter } from './operation-router.js';
import type { GatewayOptions } from './options.js';
import { OutputBuffers } from './output-buffers.js';
import { DISCARD, type ReplySink } from './reply-sink.js';
import { GatewayStatistics } from './statistics.js';
import { TracedSink } from './traced-sink.js';

const SWEEP_MS = 25;
const NOTHING = new Uint8Array(0);
const DEFAULT_STORE = { name: 'default', id: 0 };

export interface GatewayPorts {
  readonly control: Bus;
  readonly data: Bus;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly rng: Rng;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
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
  /** What a listener calls for client connections. */
  readonly sockets: ClientSocketHandler<GatewaySession>;

  private readonly subjects: Subjects;
  private readonly member: ClusterMember;
  private readonly router: OperationRouter;
  private readonly planner: CommandPlanner;
  private readonly scanner: RequestScanner;
  private readonly context: CommandContext;
  private readonly reply = new ReplyWriter(4096);
  private readonly buffers = new OutputBuffers();
  private readonly sessions = new Map<number, GatewaySession>();
  private readonly stalled = new Set<GatewaySession>();
  private dirtySessions: GatewaySession[] = [];
  private readonly subscriptions: BusSubscription[] = [];
  private readonly handles: TimerHandle[] = [];
  private lastSessionId = 0;
  private current!: GatewaySession;
  private directTrace: TraceContext | undefined;
  private turnMs = 0;
  private isTurnOpen = false;
  private isStopping = false;
  private onIdle: (() => void) | undefined;

  constructor(
    private readonly ports: GatewayPorts,
    private readonly options: GatewayOptions,
    private readonly table: CommandTable,
  ) {
    const { clock, rng, data } = ports;
    this.subjects = subjectsOf(options.cluster);
    this.statistics = new GatewayStatistics(table.maxId + 1);
    this.view = new GatewayClusterView(options);
    this.settings = new GatewaySettings(options, this.statistics);
    this.router = new OperationRouter(data, clock, rng, this.subjects, options, this.settings, this.statistics, {
      onDirty: () => this.openTurn(),
      onMultiRejected: (plan) => this.planner.replan(plan),
      onNewerTable: () => this.member.requestTable(),
    });
    const { maxArguments, maxInlineBytes } = options;
    const limits = { maxBulkBytes: options.maxValueBytes, maxArguments, maxInlineBytes };
    this.scanner = new RequestScanner(limits);
    this.planner = new CommandPlanner(this.router, table, rng, options.mode === 'standalone', limits);
    this.info = new GatewayInfo(options, this.statistics, this.view, clock, () => this.router.operations.count);
    this.context = new CommandContext(this.reply, table, this.view, this.settings, this.info, options, {
      sessions: () => this.sessions.values(),
      close: (session) => this.closeOnRequest(session),
      stores: () => this.stores,
    });
    this.member = this.makeMember();
    this.sockets = {
      onConnect: (socket) => this.connect(socket),
      onData: (session, chunk) => this.receive(session, chunk),
      onDrain: (session) => this.resume(session),
      onClose: (session) => this.disconnect(session),
    };
  }

  get routing(): RoutingTable | undefined {
    return this.member.routing;
  }

  get stores(): readonly { readonly name: string; readonly id: number }[] {
    return this.routing?.table.stores ?? [DEFAULT_STORE];
  }

  /** Every partition has a primary that this gateway can send to. */
  get ready(): boolean {
    return !this.isStopping && this.view.state === 'ok' && this.ports.data.status === 'connected';
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
    const { data, control, timers } = this.ports;
    const { nodeId, retryMs } = this.options;
    this.subscriptions.push(data.subscribe(this.subjects.allReplies(nodeId), (message) => this.onReplies(message)));
    this.subscriptions.push(control.subscribe(this.subjects.heartbeat, (message) => this.onHeartbeat(message)));
    data.onStatus((status) => {
      if (status !== 'connected') this.router.onDisconnect();
    });
    this.handles.push(timers.every(SWEEP_MS, () => this.router.sweep(this.ports.clock.monotonicMs())));
    this.handles.push(timers.every(retryMs, () => this.router.retry()));
    this.member.start();
  }

  /** Executes nothing new, waits for what is in flight, then leaves the cluster. Connections are the listener's to close. */
  stop(onStopped: () => void): void {
    this.isStopping = true;
    this.onIdle = () => {
      this.onIdle = undefined;
      for (const handle of this.handles) handle.cancel();
      for (const subscription of this.subscriptions) subscription.unsubscribe();
      this.member.stop();
      onStopped();
    };
    this.openTurn();
  }

  /** Executes one command (RESP multibulk bytes) for a caller inside this process; the reply is RESP3. */
  execute(command: Uint8Array, options: ExecuteOptions, onReply: (reply: Uint8Array) => void): void {
    const store = this.stores.find((each) => each.name === options.store);
    if (store === undefined) {
      this.reply.reset();
      this.reply.error(`${errorText('UNKNOWN_STORE')} '${options.store}'`);
      return onReply(this.reply.toBytes());
    }
    const session = this.connect(new DirectClient(onReply));
    session.protocol = 3;
    session.authenticated = true;
    session.database = options.database;
    session.store = store.name;
    session.storeId = store.id;
    this.directTrace = options.trace;
    this.receive(session, command);
    this.directTrace = undefined;
    this.sessions.delete(session.id);
    this.statistics.connectionsOpen--;
    this.statistics.connectionsOpened--;
  }

  private connect(socket: ClientSocket): GatewaySession {
    const id = ++this.lastSessionId;
    const wallMs = Math.floor(this.ports.clock.wallMs());
    const [store] = this.stores;
    const session = new GatewaySession(id, socket, wallMs, this.options.users.size === 0, store, this.buffers, {
      onOutput: (dirty) => this.markDirty(dirty),
    });
    this.sessions.set(id, session);
    this.statistics.connectionsOpened++;
    this.statistics.connectionsOpen++;
    return session;
  }

  private disconnect(session: GatewaySession): void {
    if (session.isClosed) return;
    session.close();
    this.sessions.delete(session.id);
    this.stalled.delete(session);
    this.statistics.connectionsOpen--;
  }

  private receive(session: GatewaySession, chunk: Uint8Array): void {
    if (session.isClosed || session.isClosing) return;
    this.statistics.bytesIn += chunk.length;
    if (session.isStalled) {
      session.input.append(chunk);
      return;
    }
    this.openTurn();
    this.current = session;
    this.scanner.authenticated = session.authenticated;
    if (feed(session.input, this.scanner, chunk, this.onCommand) === 'error') this.breakOff(session);
  }

  /** Bound once: no closure per chunk. */
  private readonly onCommand = (): boolean => {
    const session = this.current;
    this.process(session);
    if (session.isClosing || session.isClosed) return false;
    return !this.stallIfNeeded(session);
  };

  private process(session: GatewaySession): void {
    const { scanner } = this;
    const command = this.table.lookup(scanner);
    session.totalCommands++;
    session.lastCommandAtMs = this.turnMs;
    if (command === undefined) return this.refuse(session, unknownCommandText(this.table, scanner), undefined);
    session.lastCommandName = command.name;
    this.statistics.requests[command.id]++;
    if (!arityMatches(command, scanner.count)) return this.refuse(session, wrongArityText(command), command);
    if (!session.authenticated && !command.flags.includes('no_auth')) {
      return this.refuse(session, errorText('NO_AUTH'), command);
    }
    if (command.route === 'gateway') return this.runHere(session, command);
    this.sendOut(session, command);
  }

  private runHere(session: GatewaySession, command: Command): void {
    const modeBefore = session.replyMode;
    this.context.aim(session, this.scanner, this.ports.clock.wallMs());
    if ('run' in command) command.run(this.context);
    else this.reply.error(wrongArityText(command));
    this.scanner.authenticated = session.authenticated;
    if (this.reply.length > 0 && (modeBefore === 'on' || session.replyMode === 'on')) {
      session.onReply(session.takePosition(), this.reply.buffer, 0, this.reply.length);
    }
    if (modeBefore === 'skip' && session.replyMode === 'skip') session.replyMode = 'on';
  }

  private sendOut(session: GatewaySession, command: StorageCommand): void {
    const { scanner, router } = this;
    const routing = this.member.routing;
    const { maxKeyBytes } = BOUNDS;
    const firstKey = command.keys.first;
    if (routing === undefined) return this.refuseWith(session, 'CLUSTER_DOWN', command);
    if (firstKey > 0 && scanner.lengths[firstKey] > maxKeyBytes) {
      return this.refuse(session, `ERR key exceeds ${maxKeyBytes} bytes`, command);
    }
    const isHeard = session.replyMode === 'on';
    if (session.replyMode === 'skip') session.replyMode = 'on';
    const position = isHeard ? session.takePosition() : 0;
    const { fields } = router;
    fields.commandId = command.id;
    fields.flags = session.protocol === 3 ? OPERATION_FLAGS.resp3 : 0;
    fields.database = session.database;
    fields.storeId = session.storeId;
    fields.trace = undefined;
    fields.buffer = scanner.buffer;
    fields.offset = scanner.commandOffset;
    fields.length = scanner.commandLength;
    let sink: ReplySink = isHeard ? session : DISCARD;
    if (this.ports.telemetry.enabled) sink = this.traced(sink, command);
    if (command.route === 'key' && command.keys.last === firstKey) {
      const partition = routing.partitionOf(scanner.buffer, scanner.offsets[firstKey], scanner.lengths[firstKey]);
      return router.send(sink, position, partition, this.turnMs);
    }
    const version = session.protocol;
    this.planner.plan({ command, scanner, sink, position, version, startedMs: this.turnMs }, routing);
  }

  /** Wraps the sink of a sampled operation in a span, whose context travels with it. */
  private traced(sink: ReplySink, command: StorageCommand): ReplySink {
    const { telemetry, logger } = this.ports;
    const parent = this.directTrace;
    if (parent === undefined && !telemetry.shouldSample(this.turnMs)) return sink;
    const span = telemetry.startSpan(SPANS.gatewayOperation, 'server', parent, {
      'db.system': 'hypercache',
      'db.operation': command.name,
      'hypercache.node': this.options.nodeId,
    });
    const trace = new Uint8Array(24);
    trace.set(span.context.traceId, 0);
    trace.set(span.context.spanId, 16);
    this.router.fields.trace = trace;
    const correlationId = `${this.options.nodeId}:${this.router.operations.nextOrdinal()}`;
    return new TracedSink(sink, span, command.name, correlationId, logger);
  }

  private refuseWith(session: GatewaySession, code: ErrorCode, command: Command): void {
    this.refuse(session, errorText(code), command);
  }

  private refuse(session: GatewaySession, text: string, command: Command | undefined): void {
    if (command !== undefined) this.statistics.errors[command.id]++;
    if (session.replyMode !== 'on') {
      if (session.replyMode === 'skip') session.replyMode = 'on';
      return;
    }
    this.reply.reset();
    this.reply.error(text);
    session.onReply(session.takePosition(), this.reply.buffer, 0, this.reply.length);
  }

  /** The client broke the protocol: it is told so, after the replies before, and disconnected. */
  private breakOff(session: GatewaySession): void {
    this.statistics.protocolErrors++;
    session.replyMode = 'on';
    this.refuse(session, `ERR ${this.scanner.errorText}`, undefined);
    session.closeAfterReplies();
  }

  private closeOnRequest(session: GatewaySession): void {
    if (session === this.current) {
      // The reply of the command under way has not been given its position yet, so closing waits for it.
      this.closing.push(session);
      this.openTurn();
      return;
    }
    session.socket.destroy();
    this.disconnect(session);
  }

  private readonly closing: GatewaySession[] = [];

  /** Stops reading a client that has too much unanswered or unsent, or all clients when the gateway has. */
  private stallIfNeeded(session: GatewaySession): boolean {
    const { pauseClientOutputBytes, maxPipelinedCommands } = this.options;
    const mustWait =
      this.router.isSaturated ||
      session.unanswered >= maxPipelinedCommands ||
      session.socket.queuedBytes > pauseClientOutputBytes;
    if (!mustWait) return false;
    session.isStalled = true;
    session.socket.pauseReading();
    this.stalled.add(session);
    return true;
  }

  private resume(session: GatewaySession): void {
    if (!session.isStalled || session.isClosed) return;
    const { pauseClientOutputBytes, maxPipelinedCommands } = this.options;
    if (this.router.isSaturated || session.unanswered > maxPipelinedCommands / 2) return;
    if (session.socket.queuedBytes > pauseClientOutputBytes / 2) return;
    session.isStalled = false;
    this.stalled.delete(session);
    this.receive(session, NOTHING);
    if (!session.isStalled) session.socket.resumeReading();
  }

  private onReplies(message: BusMessage): void {
    try {
      this.router.onMessage(message);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.statistics.malformedFrames++;
      this.ports.logger.log('WARN', 'GATEWAY', `malformed frame dropped: ${error.message}`);
    }
    this.flushOutput();
    for (const session of this.stalled) this.resume(session);
  }

  private onHeartbeat(message: BusMessage): void {
    try {
      this.info.onHeartbeat(message.payload);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.statistics.malformedFrames++;
    }
  }

  private markDirty(session: GatewaySession): void {
    if (session.isDirty) return;
    session.isDirty = true;
    this.dirtySessions.push(session);
    this.openTurn();
  }

  /** Sees to it that what this turn collects is sent at its end. */
  private openTurn(): void {
    if (this.isTurnOpen) return;
    this.isTurnOpen = true;
    this.turnMs = this.ports.clock.monotonicMs();
    this.ports.timers.endOfTurn(this.endTurn);
  }

  private readonly endTurn = (): void => {
    this.isTurnOpen = false;
    this.router.flush();
    for (const session of this.closing.splice(0)) session.closeAfterReplies();
    this.flushOutput();
    if (this.onIdle !== undefined && this.router.operations.count === 0) this.onIdle();
  };

  private flushOutput(): void {
    if (this.dirtySessions.length === 0) return;
    const dirty = this.dirtySessions;
    this.dirtySessions = [];
    for (let i = 0; i < dirty.length; i++) {
      const session = dirty[i];
      session.isDirty = false;
      this.statistics.bytesOut += session.flush();
      if (session.socket.queuedBytes > this.options.maxClientOutputBytes) this.closeSlow(session);
    }
    if (this.onIdle !== undefined && this.router.operations.count === 0) this.openTurn();
  }

  private closeSlow(session: GatewaySession): void {
    this.statistics.slowClientsClosed++;
    this.ports.logger.log('WARN', 'RESP_SERVER', `client ${session.remoteAddress} closed: it does not read its replies`);
    session.socket.destroy();
    this.disconnect(session);
  }

  private onTable(routing: RoutingTable): void {
    this.view.onTable(routing);
    this.router.onTable(routing);
  }

  private makeMember(): ClusterMember {
    const { cluster, nodeId, softwareVersion, zone, advertise, heartbeatMs, tableRequestMs } = this.options;
    return new ClusterMember(
      this.ports.control,
      this.ports,
      { cluster, nodeId, role: 'gateway', softwareVersion, endpoints: advertise, zone, weight: 1, heartbeatMs, tableRequestMs },
      {
        reportedState: () => (this.isStopping ? 'draining' : 'ready'),
        stats: () => ({ ...NO_STATS, connections: this.statistics.connectionsOpen, operations: this.statistics.totalRequests() }),
        moves: () => [],
        onTable: (routing) => this.onTable(routing),
      },
      drawIncarnation(this.ports.rng),
    );
  }
}
