import type { Socket } from 'node:net';
import type { RespListenerOptions } from './listener-options.js';
import type { SharedReader } from './shared-reads.js';
import { TcpClientSocket, type ListenerState } from './tcp-client-socket.js';

/** Checks in a row that must find a connection idle where the host cannot say it. */
const IDLE_CHECKS = 2;

/** A connection with its session: turns the socket's events into calls of the host's handler. */
export class RespConnection<Session> {
  readonly client: TcpClientSocket;
  /** When a connection that is to be ended after its last reply is given up, on the monotonic clock. */
  finishByMs = Infinity;
  private readonly session: Session;
  private idleChecks = 0;
  private closed = false;

  constructor(
    socket: Socket,
    /** Where the socket's bytes come from; undefined where it is read as a stream. */
    reader: SharedReader | undefined,
    private readonly state: ListenerState,
    private readonly options: RespListenerOptions<Session>,
    onEnd: (connection: RespConnection<Session>) => void,
    onClose: (connection: RespConnection<Session>) => void,
  ) {
    const { handler } = options;
    this.client = new TcpClientSocket(socket, state, () => this.guard(() => handler.onDrain(this.session)));
    this.session = handler.onConnect(this.client);
    if (reader === undefined) socket.on('data', this.onData);
    else {
      reader.onChunk = this.onData;
      socket.resume();
    }
    socket.on('end', () => onEnd(this));
    socket.on('close', () => {
      this.closed = true;
      onClose(this);
      this.guard(() => handler.onClose(this.session));
    });
  }

  /** Idle now, and at the check before where only the order of input and output tells it. */
  isIdle(): boolean {
    const { isIdle } = this.options;
    const idle = this.client.queuedBytes === 0 && (isIdle ? isIdle(this.session) : !this.client.awaitingReply);
    this.idleChecks = idle ? this.idleChecks + 1 : 0;
    return this.idleChecks >= (isIdle ? 1 : IDLE_CHECKS);
  }

  /** The hot path: no closure, no allocation. A try block costs nothing until something is thrown. */
  private readonly onData = (chunk: Uint8Array): void => {
    const { client, state } = this;
    state.traffic.bytesIn += chunk.length;
    if (client.isEnding) return;
    client.lastTick = state.tick;
    client.awaitingReply = true;
    try {
      this.options.handler.onData(this.session, chunk);
    } catch (error) {
      this.fail(error);
    }
  };

  private guard(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.fail(error);
    }
  }

  private fail(error: unknown): void {
    if (!this.options.onHandlerError) throw error;
    this.options.onHandlerError(error, this.client.remoteAddress);
    if (!this.closed) this.client.destroy();
  }
}
