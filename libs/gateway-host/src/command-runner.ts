/**
 * From a command that the scanner has found to where it is answered: refused at once, run by the gateway itself, or sent to
 * the storage nodes of its keys.
 */
import {
  arityMatches,
  type Command,
  type CommandTable,
  type StorageCommand,
  unknownCommandText,
  wrongArityText,
} from '#libs/commands';
import type { RoutingTable } from '#libs/cluster';
import { BOUNDS, equalsIgnoreCase, errorText } from '#libs/kernel';
import type { Clock, Logger, Telemetry, TraceContext } from '#libs/ports';
import { SPANS } from '#libs/ports';
import type { ReplyWriter, RequestScanner } from '#libs/resp';
import { OPERATION_FLAGS, TRACE_BYTES } from '#libs/wire';
import type { CommandContext, Deferred } from './command-context.js';
import type { CommandPlanner } from './command-planner.js';
import type { GatewaySession } from './gateway-session.js';
import type { OperationRouter } from './operation-router.js';
import { DISCARD, type ReplySink } from './reply-sink.js';
import type { GatewayStatistics } from './statistics.js';
import { TracedSink } from './traced-sink.js';

const MINUS = 0x2d;

/** What Redis closes a connection for: no client sends them by mistake. */
const HTTP_WORDS = ['post', 'host:'];

export interface CommandRunnerParts {
  readonly nodeId: string;
  readonly table: CommandTable;
  readonly scanner: RequestScanner;
  readonly reply: ReplyWriter;
  readonly context: CommandContext;
  readonly router: OperationRouter;
  readonly planner: CommandPlanner;
  readonly statistics: GatewayStatistics;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
}

/** Takes the command that the scanner has just found: refuses it, answers it here, or sends it to where its keys live. */
export class CommandRunner {
  /** The span of a caller inside this process, under which its command is traced. */
  callerTrace: TraceContext | undefined;

  constructor(private readonly parts: CommandRunnerParts) {}

  /** `turnMs` is the monotonic time of the turn: when the operation started; `wallMs` its wall-clock time. */
  run(session: GatewaySession, turnMs: number, wallMs: number): void {
    const { scanner, table, statistics } = this.parts;
    const command = table.lookup(scanner);
    session.totalCommands++;
    session.lastCommandAtMs = wallMs;
    if (command === undefined) return this.refuseUnknown(session);
    session.lastCommandName = command.name;
    statistics.requests[command.id]++;
    if (!arityMatches(command, scanner.count)) return this.refuse(session, wrongArityText(command), command);
    if (!session.authenticated && !command.flags.includes('no_auth')) {
      return this.refuse(session, errorText('NO_AUTH'), command);
    }
    if (command.route === 'gateway') return this.runHere(session, command);
    this.sendOut(session, command, turnMs);
  }

  /** A browser that was led here speaks HTTP, whose header lines may hold commands: as Redis, it is heard no further. */
  private refuseUnknown(session: GatewaySession): void {
    const { scanner, table, logger } = this.parts;
    const [offset] = scanner.offsets;
    const [length] = scanner.lengths;
    const isHttp = HTTP_WORDS.some((word) => equalsIgnoreCase(scanner.buffer, offset, length, word));
    if (!isHttp) return this.refuse(session, unknownCommandText(table, scanner), undefined);
    logger.log(
      'WARN',
      'RESP_SERVER',
      `${session.remoteAddress} speaks HTTP to the RESP port: possibly an attack, closed`,
    );
    this.parts.context.closeClient(session.id);
  }

  /** Answers an error, in the command's place. */
  refuse(session: GatewaySession, text: string, command: Command | undefined): void {
    const { reply, statistics } = this.parts;
    if (command !== undefined) statistics.errors[command.id]++;
    if (session.replyMode !== 'on') {
      if (session.replyMode === 'skip') session.replyMode = 'on';
      return;
    }
    reply.reset();
    reply.error(text);
    session.onReply(session.takePosition(), reply.buffer, 0, reply.length);
  }

  private runHere(session: GatewaySession, command: Command): void {
    const { context, scanner, reply, clock, statistics } = this.parts;
    const modeBefore = session.replyMode;
    context.aim(session, scanner, clock.wallMs());
    if ('run' in command) command.run(context);
    else reply.error(wrongArityText(command));
    scanner.authenticated = session.authenticated;
    const deferred = context.takeDeferred();
    if (deferred !== undefined) return this.answerLater(session, command, deferred);
    if (reply.length > 0 && reply.buffer[0] === MINUS) statistics.errors[command.id]++;
    if (reply.length > 0 && (modeBefore === 'on' || session.replyMode === 'on')) {
      session.onReply(session.takePosition(), reply.buffer, 0, reply.length);
    }
    if (modeBefore === 'skip' && session.replyMode === 'skip') session.replyMode = 'on';
  }

  /** Keeps the command's place in the order of replies for the one that is still to come. */
  private answerLater(session: GatewaySession, command: Command, deferred: Deferred): void {
    const isHeard = session.replyMode === 'on';
    if (session.replyMode === 'skip') session.replyMode = 'on';
    const position = isHeard ? session.takePosition() : 0;
    const { protocol } = session;
    deferred((write) => {
      const { reply, statistics } = this.parts;
      reply.reset();
      reply.version = protocol;
      write(reply);
      if (reply.buffer[0] === MINUS) statistics.errors[command.id]++;
      if (isHeard) session.onReply(position, reply.buffer, 0, reply.length);
    });
  }

  protected sendOut(session: GatewaySession, command: StorageCommand, turnMs: number): void {
    const { scanner, router, planner, telemetry } = this.parts;
    const { routing } = router;
    const firstKey = command.keys.first;
    if (routing === undefined) return this.refuse(session, errorText('CLUSTER_DOWN'), command);
    if (firstKey > 0 && scanner.lengths[firstKey] > BOUNDS.maxKeyBytes) {
      return this.refuse(session, `ERR key exceeds ${BOUNDS.maxKeyBytes} bytes`, command);
    }
    const isHeard = session.replyMode === 'on';
    if (session.replyMode === 'skip') session.replyMode = 'on';
    const position = isHeard ? session.takePosition() : 0;
    this.fillFields(session, command);
    let sink: ReplySink = isHeard ? session : DISCARD;
    if (telemetry.enabled) sink = this.traced(sink, command, turnMs);
    if (command.route === 'key' && command.keys.last === firstKey) {
      router.send(sink, position, this.partitionOf(routing, firstKey), turnMs);
      return;
    }
    const version = session.protocol;
    planner.plan({ command, scanner, sink, position, version, startedMs: turnMs }, routing);
  }

  private fillFields(session: GatewaySession, command: StorageCommand): void {
    const { router, scanner } = this.parts;
    const { fields } = router;
    fields.commandId = command.id;
    fields.flags = session.protocol === 3 ? OPERATION_FLAGS.resp3 : 0;
    fields.database = session.database;
    fields.storeId = session.storeId;
    fields.trace = undefined;
    fields.buffer = scanner.buffer;
    fields.offset = scanner.commandOffset;
    fields.length = scanner.commandLength;
  }

  private partitionOf(routing: RoutingTable, keyIndex: number): number {
    const { scanner } = this.parts;
    return routing.partitionOf(scanner.buffer, scanner.offsets[keyIndex], scanner.lengths[keyIndex]);
  }

  /** Wraps the sink of a sampled operation in a span, whose context travels with the operation. */
  private traced(sink: ReplySink, command: StorageCommand, turnMs: number): ReplySink {
    const { telemetry, logger, nodeId, router } = this.parts;
    const parent = this.callerTrace;
    if (parent === undefined && !telemetry.shouldSample(turnMs)) return sink;
    const span = telemetry.startSpan(SPANS.gatewayOperation, 'server', parent, {
      'db.system': 'hypercache',
      'db.operation': command.name,
      'hypercache.node': nodeId,
    });
    const trace = new Uint8Array(TRACE_BYTES);
    trace.set(span.context.traceId, 0);
    trace.set(span.context.spanId, 16);
    router.fields.trace = trace;
    return new TracedSink(sink, span, command.name, logger);
  }
}
