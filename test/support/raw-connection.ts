// A connection that speaks RESP byte by byte: what no client library would send, and replies exactly as they came.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { latin1Bytes } from '#libs/kernel';
import { decodeReply, encodeCommand, replyLength, RespError, type RespValue } from '#libs/resp';

/** A word of a command: text stands for its Latin-1 bytes. */
export type Word = string | Uint8Array;

/** The printable form of a reply: bulk strings as text, errors as `-CODE text`. */
export type Printable = null | boolean | number | bigint | string | readonly Printable[];

const REPLY_LIMIT_MS = 20_000;
const FIRST_BUFFER_BYTES = 16 * 1024;

export class RawConnection {
  /** What came and was not taken yet lies in it from 0 to `length`; it grows by doubling. */
  private buffer = Buffer.allocUnsafe(FIRST_BUFFER_BYTES);
  private length = 0;
  private wake: () => void = () => undefined;
  private hasEnded = false;

  private constructor(readonly socket: Socket) {
    socket.on('data', (chunk) => {
      this.append(chunk);
      this.wake();
    });
    for (const event of ['end', 'close']) {
      socket.on(event, () => {
        this.hasEnded = true;
        this.wake();
      });
    }
    socket.on('error', () => undefined);
  }

  static async open(port: number): Promise<RawConnection> {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    await once(socket, 'connect');
    return new RawConnection(socket);
  }

  write(bytes: Uint8Array | string): void {
    this.socket.write(bytes);
  }

  send(...words: Word[]): void {
    this.socket.write(encoded(words));
  }

  /** The next reply, decoded. */
  async reply(limitMs = REPLY_LIMIT_MS): Promise<RespValue> {
    const [bytes] = await this.replies(1, limitMs);
    return decodeReply(bytes);
  }

  /** The bytes of the next replies. */
  async replies(count: number, limitMs = REPLY_LIMIT_MS): Promise<Uint8Array[]> {
    const deadline = performance.now() + limitMs;
    const replies: Uint8Array[] = [];
    let offset = 0;
    while (replies.length < count) {
      const length = offset < this.length ? replyLength(this.buffer, offset, this.length) : 0;
      if (length < 0) throw new Error(`malformed reply: ${this.buffer.subarray(offset, offset + 64).toString()}`);
      if (length > 0) {
        replies.push(Uint8Array.prototype.slice.call(this.buffer, offset, offset + length));
        offset += length;
      } else {
        await this.more(deadline, `${replies.length} of ${count} replies came`);
      }
    }
    this.buffer.copyWithin(0, offset, this.length);
    this.length -= offset;
    return replies;
  }

  /** The next reply as a test compares it. */
  async next(): Promise<Printable> {
    return printable(await this.reply());
  }

  async run(...words: Word[]): Promise<Printable> {
    this.send(...words);
    return this.next();
  }

  /** Everything until the other side ends the connection. */
  async untilEnd(limitMs = REPLY_LIMIT_MS): Promise<string> {
    const deadline = performance.now() + limitMs;
    while (!this.hasEnded) await this.more(deadline, 'the connection was not ended');
    return this.buffer.toString('latin1', 0, this.length);
  }

  get ended(): boolean {
    return this.hasEnded;
  }

  close(): void {
    this.socket.destroy();
  }

  private append(chunk: Uint8Array): void {
    if (this.length + chunk.length > this.buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(2 * this.buffer.length, this.length + chunk.length));
      this.buffer.copy(larger, 0, 0, this.length);
      this.buffer = larger;
    }
    this.buffer.set(chunk, this.length);
    this.length += chunk.length;
  }

  /** Waits for bytes, or for the end. */
  private async more(deadline: number, what: string): Promise<void> {
    if (this.hasEnded) throw new Error(`the connection ended: ${what}`);
    const leftMs = Math.max(0, deadline - performance.now());
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no more bytes in time: ${what}`)), leftMs);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

export function encoded(words: readonly Word[]): Uint8Array {
  return encodeCommand(words.map((word) => (typeof word === 'string' ? latin1Bytes(word) : word)));
}

export function printable(value: RespValue): Printable {
  if (value instanceof RespError) return `-${value.message}`;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1');
  if (Array.isArray(value)) return (value as readonly RespValue[]).map(printable);
  if (typeof value === 'object' && value !== null) throw new Error('a reply that no test expects');
  return value;
}
