import { DEFAULT_STORE_ID, DEFAULT_STORE_NAME, type TableStore } from '#libs/cluster';
import type { ClientSocket, Clock, Logger } from '#libs/ports';
import { feed, type RequestScanner } from '#libs/resp';
import type { ClientRegistry } from './command-context.js';
import type { CommandRunner } from './command-runner.js';
import { GatewaySession } from './gateway-session.js';
import type { GatewayOptions } from './options.js';
import { OutputBuffers } from './output-buffers.js';
import type { GatewayStatistics } from './statistics.js';
import type { Turn } from './turn.js';

const NOTHING = new Uint8Array(0);
/** What a connection selects, whether the table has arrived or not. */
const DEFAULT_STORE = { name: DEFAULT_STORE_NAME, id: DEFAULT_STORE_ID };

export interface ClientConnectionsParts {
  readonly options: GatewayOptions;
  readonly scanner: RequestScanner;
  readonly statistics: GatewayStatistics;
  readonly turn: Turn;
  readonly clock: Clock;
  readonly logger: Logger;
  stores(): readonly TableStore[];
  /** Too much is unanswered: clients are not read for now. */
  isSaturated(): boolean;
}

/**
 * The gateway's client connections: hands their commands to the runner, sends what they are owed once per turn, and stops
 * reading those that have too much unanswered or unsent.
 */
export class ClientConnections implements ClientRegistry {
  /** Set once, when the host has put its parts together. */
  runner!: CommandRunner;
  private readonly open = new Map<number, GatewaySession>();
  private readonly stalled = new Set<GatewaySession>();
  private readonly closing: GatewaySession[] = [];
  private readonly buffers = new OutputBuffers();
  private dirty: GatewaySession[] = [];
  private lastId = 0;
  private current: GatewaySession | undefined;

  constructor(private readonly parts: ClientConnectionsParts) {}

  stores(): readonly TableStore[] {
    return this.parts.stores();
  }

  sessions(): Iterable<GatewaySession> {
    return this.open.values();
  }

  connect(socket: ClientSocket): GatewaySession {
    const { statistics } = this.parts;
    const session = this.create(socket);
    this.open.set(session.id, session);
    statistics.connectionsOpened++;
    statistics.connectionsOpen++;
    return session;
  }

  /** A session that is on no list: for callers inside this process. */
  create(socket: ClientSocket): GatewaySession {
    const { clock, options } = this.parts;
    const wallMs = Math.floor(clock.wallMs());
    return new GatewaySession(++this.lastId, socket, wallMs, options.users.size === 0, DEFAULT_STORE, this.buffers, {
      onOutput: (session) => this.markDirty(session),
    });
  }

  disconnect(session: GatewaySession): void {
    if (session.isClosed) return;
    session.close();
    this.stalled.delete(session);
    if (this.open.delete(session.id)) this.parts.statistics.connectionsOpen--;
  }

  receive(session: GatewaySession, chunk: Uint8Array): void {
    const { statistics, turn, scanner } = this.parts;
    if (session.isClosed || session.isClosing || this.closing.includes(session)) return;
    statistics.bytesIn += chunk.length;
    if (session.isStalled || this.stallIfNeeded(session)) return session.input.append(chunk);
    turn.open();
    this.current = session;
    scanner.authenticated = session.authenticated;
    if (feed(session.input, scanner, chunk, this.onCommand) === 'error') this.breakOff(session);
    this.current = undefined;
  }

  resume(session: GatewaySession): void {
    if (!session.isStalled || session.isClosed) return;
    const { pauseClientOutputBytes, maxPipelinedCommands } = this.parts.options;
    if (this.parts.isSaturated() || session.unanswered > maxPipelinedCommands / 2) return;
    if (session.queuedReplyBytes > pauseClientOutputBytes / 2) return;
    session.isStalled = false;
    this.stalled.delete(session);
    this.receive(session, NOTHING);
    if (!session.isStalled) session.socket.resumeReading();
  }

  resumeStalled(): void {
    for (const session of this.stalled) this.resume(session);
  }

  /** CLIENT KILL and QUIT: another client goes at once, the one whose command is under way after its reply. */
  close(session: GatewaySession): void {
    if (session === this.current) {
      this.closing.push(session);
      this.parts.turn.open();
      return;
    }
    session.socket.destroy();
    this.disconnect(session);
  }

  /** Sends what this turn has collected for each client. */
  flush(): void {
    for (const session of this.closing.splice(0)) session.closeAfterReplies();
    const { dirty } = this;
    if (dirty.length === 0) return;
    this.dirty = [];
    for (let i = 0; i < dirty.length; i++) {
      const session = dirty[i];
      session.isDirty = false;
      this.parts.statistics.bytesOut += session.flush();
      if (session.queuedReplyBytes > this.parts.options.maxClientOutputBytes) this.closeSlow(session);
    }
  }

  /** Bound once: no closure per chunk. */
  private readonly onCommand = (): boolean => {
    const session = this.current as GatewaySession;
    const { nowMs, wallMs } = this.parts.turn;
    this.runner.run(session, nowMs, wallMs);
    if (session.isClosed || this.closing.includes(session)) return false;
    return !this.stallIfNeeded(session);
  };

  /** The client broke the protocol: it is told so, after the replies before, and disconnected. */
  private breakOff(session: GatewaySession): void {
    this.parts.statistics.protocolErrors++;
    session.replyMode = 'on';
    this.runner.refuse(session, `ERR ${this.parts.scanner.errorText}`, undefined);
    session.closeAfterReplies();
  }

  private stallIfNeeded(session: GatewaySession): boolean {
    const { pauseClientOutputBytes, maxPipelinedCommands } = this.parts.options;
    const mustWait =
      this.parts.isSaturated() ||
      session.unanswered >= maxPipelinedCommands ||
      session.queuedReplyBytes > pauseClientOutputBytes;
    if (!mustWait) return false;
    session.isStalled = true;
    session.socket.pauseReading();
    this.stalled.add(session);
    return true;
  }

  private markDirty(session: GatewaySession): void {
    if (session.isDirty) return;
    session.isDirty = true;
    this.dirty.push(session);
    this.parts.turn.open();
  }

  private closeSlow(session: GatewaySession): void {
    const { statistics, logger } = this.parts;
    statistics.slowClientsClosed++;
    logger.log('WARN', 'RESP_SERVER', `client ${session.remoteAddress} closed: it has too many reply bytes waiting`);
    session.socket.destroy();
    this.disconnect(session);
  }
}
