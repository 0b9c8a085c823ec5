/**
 * A client's TCP connection to a simulated gateway. Chunks are cut at arbitrary places, and buffers are treated as the port
 * allows and no better: input is overwritten once the host has returned, output that the socket keeps must not change.
 */
import { assert, crc32 } from '#libs/kernel';
import type { ClientSocket, ClientSocketHandler } from '#libs/ports';
import type { SimProcess } from './sim-process.js';
import type { SimRng } from './sim-rng.js';

export interface ConnectionEvents {
  onBytes(bytes: Uint8Array): void;
  onClosed(): void;
}

interface Output {
  /** The host's own buffer where the socket keeps it, else a copy. */
  readonly bytes: Uint8Array;
  readonly isKept: boolean;
  readonly checksum: number;
}

const MIN_DELAY_MS = 0.02;
const MAX_DELAY_MS = 0.2;
/** How often a chunk arrives in two parts, and a write is kept by the socket for a while. */
const SPLIT_RATE = 0.15;
const KEEP_RATE = 0.1;
const OVERWRITTEN = 0xdd;
/** A client that has ended its side gets what is written within so long. */
const HALF_CLOSED_MS = 50;

export class SimConnection<Session> implements ClientSocket {
  readonly remoteAddress: string;
  readonly localAddress: string;
  queuedBytes = 0;
  private session: Session | undefined;
  private isReading = true;
  private isClientReading = true;
  private isEnding = false;
  private isClosed = false;
  private readonly unread: Uint8Array[] = [];
  private readonly unsent: Output[] = [];
  private toServerMs = 0;
  private toClientMs = 0;

  constructor(
    private readonly gateway: SimProcess,
    private readonly handler: ClientSocketHandler<Session>,
    private readonly rng: SimRng,
    clientPort: number,
    private readonly client: ConnectionEvents,
  ) {
    this.remoteAddress = `10.0.0.1:${clientPort}`;
    this.localAddress = `${gateway.name}:6379`;
    gateway.enter(() => {
      this.session = handler.onConnect(this);
    });
  }

  /** The client's side: bytes on their way to the gateway. */
  send(bytes: Uint8Array): void {
    const cut = bytes.length > 1 && this.rng.chance(SPLIT_RATE) ? 1 + this.rng.below(bytes.length - 1) : bytes.length;
    for (const part of [bytes.slice(0, cut), bytes.slice(cut)]) {
      if (part.length > 0) this.atServer(() => this.arrive(part));
    }
  }

  /** The client's side: it will send no more. */
  endSending(): void {
    this.atServer(() => void this.gateway.after(HALF_CLOSED_MS, () => this.end()));
  }

  /** The client's side: whether it takes what the gateway sends. */
  setClientReading(isReading: boolean): void {
    this.isClientReading = isReading;
    this.flow();
  }

  /** The client closes, or its gateway has died. */
  breakOff(): void {
    this.close();
  }

  write(bytes: Uint8Array): boolean {
    if (this.isClosed || this.isEnding || bytes.length === 0) return true;
    const isKept = !this.isClientReading || this.rng.chance(KEEP_RATE);
    if (isKept) this.queuedBytes += bytes.length;
    this.unsent.push({ bytes: isKept ? bytes : bytes.slice(), isKept, checksum: isKept ? crc32(bytes) : 0 });
    this.flow();
    return !isKept;
  }

  pauseReading(): void {
    this.isReading = false;
  }

  resumeReading(): void {
    this.isReading = true;
    this.gateway.after(0, () => {
      while (this.isReading && !this.isClosed && this.unread.length > 0)
        this.handOver(this.unread.shift() as Uint8Array);
    });
  }

  end(): void {
    this.isEnding = true;
    this.flow();
  }

  destroy(): void {
    this.close();
  }

  private atServer(input: () => void): void {
    this.toServerMs = Math.max(this.toServerMs, this.gateway.queue.nowMs + this.delayMs());
    this.gateway.queue.at(this.toServerMs, () => this.gateway.enter(input));
  }

  private arrive(part: Uint8Array): void {
    if (this.isClosed || this.isEnding) return;
    if (this.isReading && this.unread.length === 0) this.handOver(part);
    else this.unread.push(part);
  }

  private handOver(part: Uint8Array): void {
    this.handler.onData(this.session as Session, part);
    part.fill(OVERWRITTEN);
  }

  /** Sends what waits, as far as the client reads; closes after the last of it where that was asked for. */
  private flow(): void {
    if (!this.isClientReading || this.isClosed) return;
    for (const output of this.unsent.splice(0)) this.transmit(output);
    if (this.isEnding) this.gateway.queue.at(this.toClientMs, () => this.close());
  }

  private transmit({ bytes, isKept, checksum }: Output): void {
    const copy = bytes.slice();
    this.toClientMs = Math.max(this.toClientMs, this.gateway.queue.nowMs + this.delayMs());
    this.gateway.queue.at(this.toClientMs, () => {
      if (!this.isClosed) this.client.onBytes(copy);
    });
    if (!isKept) return;
    this.gateway.after(this.delayMs(), () => {
      assert(crc32(bytes) === checksum, 'a buffer that the socket kept was changed');
      this.queuedBytes -= bytes.length;
      if (this.queuedBytes === 0 && !this.isClosed) this.handler.onDrain(this.session as Session);
    });
  }

  private close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.gateway.after(0, () => this.handler.onClose(this.session as Session));
    this.gateway.queue.after(this.delayMs(), () => this.client.onClosed());
  }

  private delayMs(): number {
    return this.rng.between(MIN_DELAY_MS, MAX_DELAY_MS);
  }
}
