/**
 * Stores many entries over one socket as fast as the server takes them: commands go out in batches, a bounded number of
 * them unanswered. redis-benchmark knows neither memcached nor keys in order, each stored exactly once.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { LOOPBACK } from '../lib/ports.js';
import { type LoadTemplate, MAX_KEYS, writeDigits } from './load-template.js';

const BATCH_COMMANDS = 1000;
/** Commands sent and not answered yet. */
const MAX_UNANSWERED = 4 * BATCH_COMMANDS;
/** A server that says nothing for so long has failed. */
const SILENCE_LIMIT_MS = 30_000;
const SHOWN_BYTES = 80;

/** Stores the keys from `first` up to, but not including, `end`. Rejects at an answer that is not the template's. */
export async function loadKeys(port: number, template: LoadTemplate, first: number, end: number): Promise<void> {
  if (end > MAX_KEYS) throw new RangeError(`keys up to ${end}: allowed are ${MAX_KEYS}`);
  const socket = connect({ port, host: LOOPBACK, noDelay: true });
  try {
    await once(socket, 'connect');
    await new Promise<void>((resolve, reject) => {
      const load = new Load(socket, template, first, end, resolve);
      socket.setTimeout(SILENCE_LIMIT_MS, () => reject(new Error(`no answer for ${SILENCE_LIMIT_MS / 1000} s`)));
      socket.on('error', reject);
      socket.on('close', () => reject(new Error('the server closed the connection')));
      socket.on('data', (chunk) => {
        try {
          load.onReplies(chunk);
        } catch (error) {
          reject(error as Error);
        }
      });
      load.send();
    });
  } finally {
    socket.destroy();
  }
}

class Load {
  private sent: number;
  private answered: number;
  private readonly matcher: ReplyMatcher;

  constructor(
    private readonly socket: Socket,
    private readonly template: LoadTemplate,
    first: number,
    private readonly end: number,
    private readonly onDone: () => void,
  ) {
    this.sent = first;
    this.answered = first;
    this.matcher = new ReplyMatcher(template.reply);
  }

  send(): void {
    while (this.sent < this.end && this.sent - this.answered <= MAX_UNANSWERED - BATCH_COMMANDS) {
      const count = Math.min(BATCH_COMMANDS, this.end - this.sent);
      this.socket.write(batchOf(this.template, this.sent, count));
      this.sent += count;
    }
    if (this.answered === this.end) this.onDone();
  }

  onReplies(chunk: Buffer): void {
    this.answered += this.matcher.take(chunk);
    this.send();
  }
}

/** The commands for `count` keys from `first` on. */
export function batchOf({ bytes, digitsAt }: LoadTemplate, first: number, count: number): Buffer {
  const batch = Buffer.alloc(bytes.length * count, bytes);
  for (let i = 0; i < count; i++) writeDigits(batch, i * bytes.length + digitsAt, first + i);
  return batch;
}

/** Counts answers in a stream that must hold nothing but one answer again and again. */
export class ReplyMatcher {
  private matched = 0;

  constructor(private readonly reply: Buffer) {}

  /** How many answers the chunk completes. Throws an Error that shows what came instead. */
  take(chunk: Buffer): number {
    const { reply } = this;
    let complete = 0;
    for (let at = 0; at < chunk.length; at++) {
      if (chunk[at] !== reply[this.matched]) throw new Error(`the server answered ${shown(chunk, at - this.matched)}`);
      this.matched++;
      if (this.matched < reply.length) continue;
      this.matched = 0;
      complete++;
    }
    return complete;
  }
}

const shown = (chunk: Buffer, from: number): string =>
  JSON.stringify(chunk.toString('latin1', Math.max(from, 0), Math.max(from, 0) + SHOWN_BYTES));
