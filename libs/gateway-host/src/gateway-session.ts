import type { ClientSession } from '#libs/commands';
import { copyBytes } from '#libs/kernel';
import type { ClientSocket } from '#libs/ports';
import { ConnectionInput, type RespVersion } from '#libs/resp';
import type { OutputBuffers } from './output-buffers.js';
import type { ReplySink } from './reply-sink.js';

export type ReplyMode = 'on' | 'off' | 'skip';

export interface SessionEvents {
  /** The session has bytes to send at the end of the turn. */
  onOutput(session: GatewaySession): void;
}

/**
 * One client connection: its state as commands see it, the bytes not yet executed, and its replies, which leave in the
 * order of the commands whatever order they come in. A position is a command's place in that order.
 */
export class GatewaySession implements ClientSession, ReplySink {
  readonly input = new ConnectionInput();
  name = '';
  libraryName = '';
  libraryVersion = '';
  protocol: RespVersion = 2;
  database = 0;
  store: string;
  storeId: number;
  user = 'default';
  noEvict = false;
  noTouch = false;
  replyMode: ReplyMode = 'on';
  lastCommandAtMs: number;
  lastCommandName = '';
  totalCommands = 0;
  /** Not read for now: too much is unanswered or unsent. */
  isStalled = false;
  isClosed = false;
  isDirty = false;

  private nextPosition = 0;
  private headPosition = 0;
  /** Replies that came before their turn. */
  private readonly early = new Map<number, Uint8Array>();
  private earlyBytes = 0;
  private output: Uint8Array | undefined;
  private outputLength = 0;
  private closeAt = -1;

  constructor(
    readonly id: number,
    readonly socket: ClientSocket,
    readonly connectedAtMs: number,
    public authenticated: boolean,
    defaultStore: { readonly name: string; readonly id: number },
    private readonly buffers: OutputBuffers,
    private readonly events: SessionEvents,
  ) {
    this.store = defaultStore.name;
    this.storeId = defaultStore.id;
    this.lastCommandAtMs = connectedAtMs;
  }

  get remoteAddress(): string {
    return this.socket.remoteAddress;
  }

  get localAddress(): string {
    return this.socket.localAddress;
  }

  get queuedReplyBytes(): number {
    return this.outputLength + this.earlyBytes + this.socket.queuedBytes;
  }

  get queuedRequestBytes(): number {
    return this.input.heldBytes;
  }

  /** Commands without a reply yet. */
  get unanswered(): number {
    return (this.nextPosition - this.headPosition) >>> 0;
  }

  /** Positions are 32 bits and start again from 0: a connection outlives 2^32 commands. */
  takePosition(): number {
    const position = this.nextPosition;
    this.nextPosition = (position + 1) >>> 0;
    return position;
  }

  /** Closes the connection once every reply so far has been sent. */
  closeAfterReplies(): void {
    this.closeAt = this.nextPosition;
    if (this.headPosition === this.closeAt) this.events.onOutput(this);
  }

  get isClosing(): boolean {
    return this.closeAt >= 0;
  }

  onReply(position: number, buffer: Uint8Array, offset: number, length: number): void {
    if (this.isClosed) return;
    if (position !== this.headPosition) {
      this.early.set(position, buffer.slice(offset, offset + length));
      this.earlyBytes += length;
      // Nothing to send yet, but what is held counts against the client's bound, which is checked when it is flushed.
      if (!this.isDirty) this.events.onOutput(this);
      return;
    }
    this.append(buffer, offset, length);
    this.headPosition = (this.headPosition + 1) >>> 0;
    if (this.early.size > 0) this.appendEarly();
    if (!this.isDirty) this.events.onOutput(this);
  }

  /** Sends what has been collected; answers the number of bytes. */
  flush(): number {
    const { output, outputLength } = this;
    if (output !== undefined && outputLength > 0 && !this.isClosed) {
      const isTaken = this.socket.write(output.subarray(0, outputLength));
      if (isTaken) this.buffers.giveBack(output);
      this.output = undefined;
      this.outputLength = 0;
    }
    if (this.headPosition === this.closeAt && !this.isClosed) this.socket.end();
    return outputLength;
  }

  /** The connection is gone: replies still to come are dropped. */
  close(): void {
    this.isClosed = true;
    if (this.output !== undefined) this.buffers.giveBack(this.output);
    this.output = undefined;
    this.outputLength = 0;
    this.early.clear();
    this.earlyBytes = 0;
    this.input.clear();
  }

  private appendEarly(): void {
    for (;;) {
      const reply = this.early.get(this.headPosition);
      if (reply === undefined) return;
      this.early.delete(this.headPosition);
      this.earlyBytes -= reply.length;
      this.append(reply, 0, reply.length);
      this.headPosition = (this.headPosition + 1) >>> 0;
    }
  }

  private append(buffer: Uint8Array, offset: number, length: number): void {
    let output = this.output ?? this.buffers.take();
    if (this.outputLength + length > output.length) {
      const grown = new Uint8Array(Math.max(output.length * 2, this.outputLength + length));
      grown.set(output.subarray(0, this.outputLength));
      this.buffers.giveBack(output);
      output = grown;
    }
    this.output = output;
    copyBytes(buffer, offset, output, this.outputLength, length);
    this.outputLength += length;
  }
}
