/** One connection to a gateway: sends operations, and writes down what becomes of each, whichever way the connection ends. */
import { connect, type Socket } from 'node:net';
import { type ReplyKind, ReplyStream } from '../../bench/lib/load/reply-stream.js';
import { type Classified, classifyReply } from './classify.js';
import { encodeOperation, type Operation } from './operation.js';
import type { Recorder } from './recorder.js';
import { afterRunning } from './running-time.js';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Longer than any pause and the gateway's own deadline behind it: who waits longer waits for nothing. */
const PATIENCE_MS = 25_000;
const CONNECT_LIMIT_MS = 5_000;

const LOST: Classified = { outcome: 'unknown', reason: 'connection lost' };
const UNANSWERED: Classified = {
  outcome: 'unknown',
  reason: 'no answer',
  defect: `no answer within ${PATIENCE_MS / 1_000} s`,
};

export class ChaosConnection {
  private readonly client: number;
  private readonly replies: ReplyStream;
  /** Sent and not answered, in order. */
  private readonly waiting: { readonly id: number; readonly operation: Operation }[] = [];
  private whenDone: () => void = () => undefined;
  private isClosed = false;

  private constructor(
    private readonly socket: Socket,
    private readonly recorder: Recorder,
  ) {
    this.client = recorder.newClient();
    this.replies = new ReplyStream((kind, bytes, at, length) =>
      this.onReply(kind, bytes.toString('latin1', at, at + length)),
    );
    socket.on('data', (chunk) => this.onData(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => this.end(LOST));
  }

  /** Undefined where nobody listens. */
  static open({ host, port }: Address, recorder: Recorder): Promise<ChaosConnection | undefined> {
    return new Promise((resolve) => {
      const socket = connect({ host, port, noDelay: true, timeout: CONNECT_LIMIT_MS });
      const refused = (): void => {
        socket.destroy();
        resolve(undefined);
      };
      socket.once('error', refused);
      socket.once('timeout', refused);
      socket.once('connect', () => {
        socket.off('error', refused);
        socket.off('timeout', refused);
        socket.setTimeout(0);
        resolve(new ChaosConnection(socket, recorder));
      });
    });
  }

  get isOpen(): boolean {
    return !this.isClosed;
  }

  /** Sends them in one go; settles when each has been answered or never will be. */
  async perform(operations: readonly Operation[]): Promise<void> {
    if (this.isClosed) return;
    for (const operation of operations) {
      this.waiting.push({ id: this.recorder.invoke(this.client, operation), operation });
    }
    this.socket.write(Buffer.concat(operations.map(encodeOperation)));
    const callOff = afterRunning(PATIENCE_MS, () => this.end(UNANSWERED));
    await new Promise<void>((resolve) => (this.whenDone = resolve));
    callOff();
  }

  close(): void {
    this.end(LOST);
  }

  private onData(chunk: Buffer): void {
    try {
      this.replies.take(chunk);
    } catch (error) {
      this.end({ ...LOST, defect: (error as Error).message });
    }
  }

  private onReply(kind: ReplyKind, text: string): void {
    const next = this.waiting.shift();
    if (next === undefined) throw new Error(`a reply that nobody asked for: ${text.slice(0, 64)}`);
    this.recorder.complete(next.id, classifyReply(next.operation, kind, text));
    if (this.waiting.length === 0) this.whenDone();
  }

  private end(how: Classified): void {
    this.isClosed = true;
    this.socket.destroy();
    for (const { id } of this.waiting.splice(0)) this.recorder.complete(id, how);
    this.whenDone();
  }
}
