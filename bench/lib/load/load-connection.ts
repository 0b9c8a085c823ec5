/** One pipelined connection of a load: what was sent and not answered yet, in order, and the replies to it. */
import { connect, type Socket } from 'node:net';
import { LOOPBACK } from '../ports.js';
import type { KeyedCommands } from './keyed-commands.js';
import { type ReplyKind, ReplyStream } from './reply-stream.js';

export interface LoadListener {
  /** `version` is 0 for a read; `dueMs` is when the command was to be sent. */
  onReply(
    key: number,
    version: number,
    dueMs: number,
    kind: ReplyKind,
    bytes: Buffer,
    at: number,
    length: number,
  ): void;
  /** A chunk has been taken apart. */
  onAnswered(connection: LoadConnection): void;
  /** The connection has ended; of each command without a reply. */
  onLost(key: number, version: number): void;
}

/** Commands without a reply; more are not sent. A power of two. */
const MAX_UNANSWERED = 65_536;
const OUTPUT_BYTES = 256 * 1024;

export class LoadConnection {
  private readonly keys = new Uint32Array(MAX_UNANSWERED);
  private readonly versions = new Uint32Array(MAX_UNANSWERED);
  private readonly dueMs = new Float64Array(MAX_UNANSWERED);
  private readonly replies: ReplyStream;
  private sent = 0;
  private answered = 0;
  private output = Buffer.allocUnsafe(OUTPUT_BYTES);
  private outputLength = 0;
  private isOpen = true;

  private constructor(
    private readonly socket: Socket,
    private readonly commands: KeyedCommands,
    private readonly listener: LoadListener,
  ) {
    this.replies = new ReplyStream((kind, bytes, at, length) => this.onReply(kind, bytes, at, length));
    socket.on('data', (chunk) => {
      this.replies.take(chunk);
      listener.onAnswered(this);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => this.onClosed());
  }

  static open(port: number, commands: KeyedCommands, listener: LoadListener): Promise<LoadConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: LOOPBACK, noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new LoadConnection(socket, commands, listener));
      });
    });
  }

  get unanswered(): number {
    return this.sent - this.answered;
  }

  /** Queues a read (version 0) or a write; false where it cannot be sent. It goes out with {@link flush}. */
  send(key: number, version: number, dueMs: number): boolean {
    if (!this.isOpen || this.unanswered >= MAX_UNANSWERED) return false;
    if (this.outputLength + this.commands.maxBytes > OUTPUT_BYTES) this.flush();
    const slot = this.sent++ & (MAX_UNANSWERED - 1);
    this.keys[slot] = key;
    this.versions[slot] = version;
    this.dueMs[slot] = dueMs;
    this.outputLength =
      version === 0
        ? this.commands.writeGet(this.output, this.outputLength, key)
        : this.commands.writeSet(this.output, this.outputLength, key, version);
    return true;
  }

  flush(): void {
    if (this.outputLength === 0) return;
    this.socket.write(Buffer.from(this.output.subarray(0, this.outputLength)));
    this.outputLength = 0;
  }

  close(): void {
    this.socket.destroy();
  }

  private onReply(kind: ReplyKind, bytes: Buffer, at: number, length: number): void {
    if (this.unanswered === 0) throw new Error('a reply that nobody asked for');
    const slot = this.answered++ & (MAX_UNANSWERED - 1);
    this.listener.onReply(this.keys[slot], this.versions[slot], this.dueMs[slot], kind, bytes, at, length);
  }

  private onClosed(): void {
    this.isOpen = false;
    while (this.unanswered > 0) {
      const slot = this.answered++ & (MAX_UNANSWERED - 1);
      this.listener.onLost(this.keys[slot], this.versions[slot]);
    }
  }
}
