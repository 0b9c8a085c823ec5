import net from 'node:net';
import tls from 'node:tls';
import { performance } from 'node:perf_hooks';
import { ListenError } from './listen-error.js';
import type { ListenerTraffic, ListenerTuning, RespListenerOptions } from './listener-options.js';
import { RespConnection } from './resp-connection.js';
import { SharedReader, withSharedReads } from './shared-reads.js';
import { type ListenerState, TcpClientSocket } from './tcp-client-socket.js';

const REFUSAL = Buffer.from('-ERR max number of clients reached\r\n');
/** Connections beyond `maxClients` that are being told so at one time; what comes on top is closed unheard. */
const MAX_REFUSALS = 256;
const BACKLOG = 4_096;
const HANDSHAKE_TIMEOUT_MS = 10_000;
/** How often connections that are to be ended after their last reply are looked at. */
const FINISH_CHECK_MS = 20;
/** How long replies may still come after a client has ended its side (`printf 'PING\r\n' | nc`). */
const HALF_CLOSED_MS = 2_000;
/** Idle connections are looked for this many times within the timeout: so much later they may be closed. */
const SWEEPS_PER_TIMEOUT = 8;
const MAX_SWEEP_INTERVAL_MS = 2 ** 31 - 1;

/** Accepts Redis clients over TCP or TLS and hands their bytes to the host. */
export class RespListener<Session> {
  readonly traffic: ListenerTraffic = {
    bytesIn: 0,
    bytesOut: 0,
    accepted: 0,
    refused: 0,
    timedOut: 0,
    failedHandshakes: 0,
    failedAccepts: 0,
  };
  private readonly state: ListenerState = { traffic: this.traffic, tick: 0 };
  private readonly server: net.Server;
  private readonly connections = new Set<RespConnection<Session>>();
  /** Every accepted socket, handshakes and refusals included. */
  private readonly sockets = new Set<net.Socket>();
  /** Connections that are to be ended once they are idle. */
  private readonly finishing = new Set<RespConnection<Session>>();
  private finishTimer: NodeJS.Timeout | undefined;
  private sweepTimer: NodeJS.Timeout | undefined;

  /** The server gives connections the keep-alive that it was made with; after a change each gets its own. */
  private isTuned = false;

  constructor(private options: RespListenerOptions<Session>) {
    this.server = options.tls ? this.tlsServer(options.tls) : net.createServer(this.socketOptions(), this.acceptPlain);
    this.server.on('connection', this.track);
    this.server.maxConnections = options.maxClients + MAX_REFUSALS;
  }

  /** Connections that have a session. */
  get openConnections(): number {
    return this.connections.size;
  }

  /**
   * Changes limits while clients are connected. Connections above a lowered maximum stay; keep-alive is that of later
   * connections.
   */
  tune({ maxClients, keepAliveMs, idleTimeoutMs }: ListenerTuning): void {
    this.options = { ...this.options, maxClients, keepAliveMs };
    this.isTuned = true;
    this.server.maxConnections = maxClients + MAX_REFUSALS;
    if (idleTimeoutMs === this.options.idleTimeoutMs) return;
    this.options = { ...this.options, idleTimeoutMs };
    clearInterval(this.sweepTimer);
    for (const { client } of this.connections) client.lastTick = this.state.tick;
    if (this.server.listening) this.startSweeps();
  }

  /** Listens and answers the port; rejects with a {@link ListenError} that says what to do. */
  start(): Promise<number> {
    const { host, port } = this.options;
    return new Promise((resolve, reject) => {
      const onError = (error: NodeJS.ErrnoException): void => reject(new ListenError(host, port, error));
      this.server.once('error', onError);
      this.server.listen({ host, port, backlog: BACKLOG }, () => {
        this.server.off('error', onError);
        this.server.on('error', () => this.traffic.failedAccepts++);
        this.startSweeps();
        resolve((this.server.address() as net.AddressInfo).port);
      });
    });
  }

  /**
   * Accepts nothing more and ends each connection once it is idle, so that replies under way still reach their
   * clients; after `graceMs` the rest is cut off. Resolves when all are closed.
   */
  async close({ graceMs }: { readonly graceMs: number }): Promise<void> {
    clearInterval(this.sweepTimer);
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const connection of this.connections) this.finish(connection, graceMs);
    const cutOff = setTimeout(() => this.destroyAll(), graceMs);
    await closed;
    clearTimeout(cutOff);
  }

  private socketOptions(): net.ServerOpts {
    const { keepAliveMs, highWaterBytes } = this.options;
    return {
      noDelay: true,
      keepAlive: keepAliveMs > 0,
      keepAliveInitialDelay: keepAliveMs,
      highWaterMark: highWaterBytes,
      allowHalfOpen: true,
    };
  }

  private tlsServer({ key, cert, clientCa }: NonNullable<RespListenerOptions<Session>['tls']>): net.Server {
    const clientAuthentication = clientCa ? { ca: clientCa, requestCert: true, rejectUnauthorized: true } : {};
    const options = { ...this.socketOptions(), key, cert, handshakeTimeout: HANDSHAKE_TIMEOUT_MS };
    const server = tls.createServer({ ...options, ...clientAuthentication }, (socket) => this.accept(socket));
    server.on('tlsClientError', (_error, socket) => {
      this.traffic.failedHandshakes++;
      socket.destroy();
    });
    return server;
  }

  private readonly track = (socket: net.Socket): void => {
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
  };

  private readonly acceptPlain = (accepted: net.Socket): void => {
    const reader = new SharedReader();
    const socket = withSharedReads(accepted, reader);
    if (socket === undefined) return this.accept(accepted);
    this.track(socket);
    this.accept(socket, reader);
  };

  private readonly accept = (socket: net.Socket, reader?: SharedReader): void => {
    socket.on('error', ignoreBecauseCloseFollows);
    if (this.connections.size >= this.options.maxClients) return this.refuse(socket);
    if (this.isTuned) socket.setKeepAlive(this.options.keepAliveMs > 0, this.options.keepAliveMs);
    this.traffic.accepted++;
    try {
      this.connections.add(new RespConnection(socket, reader, this.state, this.options, this.onEnd, this.onClose));
    } catch (error) {
      socket.destroy();
      if (!this.options.onHandlerError) throw error;
      this.options.onHandlerError(error, String(socket.remoteAddress));
    }
  };

  private refuse(socket: net.Socket): void {
    this.traffic.refused++;
    const client = new TcpClientSocket(socket, this.state, () => undefined);
    client.write(REFUSAL);
    client.end();
  }

  private readonly onEnd = (connection: RespConnection<Session>): void => {
    this.finish(connection, HALF_CLOSED_MS);
  };

  private readonly onClose = (connection: RespConnection<Session>): void => {
    this.connections.delete(connection);
    this.finishing.delete(connection);
  };

  /** Ends the connection as soon as it is idle, and destroys it when the time is over. */
  private finish(connection: RespConnection<Session>, withinMs: number): void {
    const nowMs = performance.now();
    connection.finishByMs = Math.min(connection.finishByMs, nowMs + withinMs);
    if (this.isFinished(connection, nowMs)) return;
    this.finishing.add(connection);
    this.finishTimer ??= setInterval(this.checkFinishing, FINISH_CHECK_MS);
  }

  private readonly checkFinishing = (): void => {
    const nowMs = performance.now();
    for (const connection of this.finishing) {
      if (this.isFinished(connection, nowMs)) this.finishing.delete(connection);
    }
    if (this.finishing.size > 0) return;
    clearInterval(this.finishTimer);
    this.finishTimer = undefined;
  };

  private isFinished(connection: RespConnection<Session>, nowMs: number): boolean {
    if (nowMs >= connection.finishByMs) connection.client.destroy();
    else if (connection.isIdle()) connection.client.end();
    return connection.client.isEnding;
  }

  private destroyAll(): void {
    for (const connection of this.connections) connection.client.destroy();
    for (const socket of this.sockets) socket.destroy();
  }

  /**
   * Idle connections, by a counter that every input and output stores: net's own setTimeout moves a timer at each of
   * them.
   */
  private startSweeps(): void {
    const { idleTimeoutMs } = this.options;
    if (idleTimeoutMs <= 0) return;
    const intervalMs = Math.min(Math.max(1, Math.floor(idleTimeoutMs / SWEEPS_PER_TIMEOUT)), MAX_SWEEP_INTERVAL_MS);
    this.sweepTimer = setInterval(this.sweep, intervalMs).unref();
  }

  private readonly sweep = (): void => {
    const oldestTick = ++this.state.tick - SWEEPS_PER_TIMEOUT;
    for (const { client } of this.connections) {
      if (client.lastTick >= oldestTick) continue;
      this.traffic.timedOut++;
      client.destroy();
    }
  };
}

/** A reset or a broken pipe: 'close' is the event that counts. */
function ignoreBecauseCloseFollows(): void {}
