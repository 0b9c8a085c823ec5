import type { Socket } from 'node:net';
import type { ClientSocket } from '#libs/ports';
import type { ListenerTraffic } from './listener-options.js';

const NO_BYTES = Buffer.alloc(0);
/** How long a client may take to read what is left after `end`. */
const END_FLUSH_MS = 60_000;
/** How long it may take to close its side when everything was sent. */
const LINGER_MS = 1_000;

/** What a connection shares with all others of its listener. */
export interface ListenerState {
  readonly traffic: ListenerTraffic;
  /** Counts up at every sweep for idle connections: a clock that costs nothing to read. */
  tick: number;
}

/**
 * One accepted connection. It stays a net.Socket (or TLSSocket) with its stream machinery.
 *
 * `write` answers true where the bytes are out of the caller's buffer. On a plain socket libuv tries write(2) at once,
 * inside the call; what the kernel took is gone from `writableLength` when the call returns, so zero means: nothing
 * refers to the buffer any more. Otherwise the stream keeps it until the socket has become writable again. TLS
 * completes its writes in a later turn, so it mostly answers false.
 */
export class TcpClientSocket implements ClientSocket {
  readonly remoteAddress: string;
  readonly localAddress: string;
  /** Input came and nothing has been written since. */
  awaitingReply = false;
  lastTick: number;
  private awaitingDrain = false;
  private ending = false;
  private endTimer: NodeJS.Timeout | undefined;

  constructor(
    private readonly socket: Socket,
    private readonly state: ListenerState,
    private readonly onDrain: () => void,
  ) {
    this.remoteAddress = addressText(socket.remoteAddress, socket.remotePort);
    this.localAddress = addressText(socket.localAddress, socket.localPort);
    this.lastTick = state.tick;
  }

  /** After `end` or `destroy`, and when the client is gone, bytes are dropped: `onClose` is under way. */
  write(bytes: Uint8Array): boolean {
    const { socket, state } = this;
    if (this.ending || socket.destroyed || bytes.length === 0) return true;
    this.awaitingReply = false;
    this.lastTick = state.tick;
    state.traffic.bytesOut += bytes.length;
    socket.write(bytes);
    if (socket.writableLength === 0) return true;
    if (!this.awaitingDrain) this.askForDrain();
    return false;
  }

  get queuedBytes(): number {
    return this.socket.writableLength;
  }

  pauseReading(): void {
    this.socket.pause();
  }

  resumeReading(): void {
    this.socket.resume();
  }

  /** Input that still comes is read and dropped, for closing over unread input would reset the connection. */
  end(): void {
    if (this.ending || this.socket.destroyed) return;
    this.ending = true;
    this.socket.resume();
    this.destroyWithin(END_FLUSH_MS);
    this.socket.once('close', () => clearTimeout(this.endTimer));
    this.socket.end(() => {
      if (!this.socket.destroyed) this.destroyWithin(LINGER_MS);
    });
  }

  destroy(): void {
    this.ending = true;
    this.socket.destroy();
  }

  get isEnding(): boolean {
    return this.ending;
  }

  /**
   * The stream's own 'drain' comes only after more than its high-water mark was waiting. An empty write behind the
   * waiting bytes is called back in every case, and costs nothing while there is no back-pressure.
   */
  private askForDrain(): void {
    this.awaitingDrain = true;
    this.socket.write(NO_BYTES, this.onFlushed);
  }

  private readonly onFlushed = (error?: Error | null): void => {
    this.awaitingDrain = false;
    if (error || this.socket.destroyed) return;
    if (this.socket.writableLength > 0) this.askForDrain();
    else if (!this.ending) this.onDrain();
  };

  private destroyWithin(ms: number): void {
    clearTimeout(this.endTimer);
    this.endTimer = setTimeout(() => this.socket.destroy(), ms).unref();
  }
}

function addressText(address: string | undefined, port: number | undefined): string {
  const host = address === undefined ? 'unknown' : address.includes(':') ? `[${address}]` : address;
  return `${host}:${port ?? 0}`;
}
