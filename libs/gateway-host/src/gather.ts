import type { ReplyMerge } from '#libs/commands';
import { assertNever, latin1Bytes } from '#libs/kernel';
import { REPLIES, ReplyReader, ReplyWriter, type RespVersion } from '#libs/resp';
import type { ReplySink } from './reply-sink.js';

const INTERNAL_ERROR = latin1Bytes('-ERR a storage node answered something unexpected\r\n');
const MINUS = 0x2d;

interface Part {
  reply: Uint8Array | undefined;
  /** For `keyed`: where this part's elements stand in the whole. */
  readonly elements: readonly number[];
}

/** Puts the replies of the parts of one command together and hands the whole on. */
export class Gather implements ReplySink {
  private readonly parts: Part[] = [];
  private missing = 0;
  private sealed = false;

  constructor(
    private readonly merge: ReplyMerge,
    private readonly version: RespVersion,
    private readonly sink: ReplySink,
    private readonly position: number,
    /** Elements of a `keyed` reply. */
    private readonly elementCount: number,
    private readonly randomU32: number,
  ) {}

  /** Adds a part and answers its position; replies may come before {@link seal} but nothing is handed on until then. */
  addPart(elements: readonly number[] = []): number {
    this.missing++;
    this.parts.push({ reply: undefined, elements });
    return this.parts.length - 1;
  }

  /** Where a part's elements stand, for whoever splits the part further. */
  elementsOf(part: number): readonly number[] {
    return this.parts[part].elements;
  }

  /** A part has been replaced by others that were added. */
  dropPart(part: number): void {
    this.parts[part].reply = NO_REPLY;
    this.missing--;
    this.finishIfComplete();
  }

  /** All parts have been added. */
  seal(): void {
    this.sealed = true;
    this.finishIfComplete();
  }

  onReply(part: number, buffer: Uint8Array, offset: number, length: number): void {
    if (this.parts[part].reply !== undefined) return;
    this.parts[part].reply = buffer.slice(offset, offset + length);
    this.missing--;
    this.finishIfComplete();
  }

  private finishIfComplete(): void {
    if (!this.sealed || this.missing > 0) return;
    this.sealed = false;
    const whole = this.mergeParts();
    this.sink.onReply(this.position, whole, 0, whole.length);
  }

  private mergeParts(): Uint8Array {
    const answered = this.parts.filter((part) => part.reply !== NO_REPLY);
    const replies = answered.map((part) => part.reply as Uint8Array);
    const failed = replies.find((reply) => reply[0] === MINUS);
    if (failed !== undefined) return failed;
    switch (this.merge) {
      case 'ok':
        return REPLIES.ok;
      case 'sum':
        return this.sum(replies);
      case 'concat':
        return this.concat(replies);
      case 'keyed':
        return this.keyed(answered);
      case 'nodes':
        return this.nodes(replies);
      case 'pick':
        return this.pick(replies);
      default:
        return assertNever(this.merge);
    }
  }

  private sum(replies: readonly Uint8Array[]): Uint8Array {
    const reader = new ReplyReader();
    let total = 0;
    for (const reply of replies) {
      if (!reader.open(reply, 0, reply.length) || Number.isNaN(reader.integer)) return INTERNAL_ERROR;
      total += reader.integer;
    }
    const writer = this.writer();
    writer.integer(total);
    return writer.toBytes();
  }

  private concat(replies: readonly Uint8Array[]): Uint8Array {
    const reader = new ReplyReader();
    const body = this.writer();
    let count = 0;
    for (const reply of replies) {
      if (!reader.open(reply, 0, reply.length)) return INTERNAL_ERROR;
      count += reader.count;
      body.bytes(reply, reader.contentOffset, reader.count === 0 ? 0 : reply.length - reader.contentOffset);
    }
    const writer = this.writer();
    writer.arrayHeader(count);
    writer.bytes(body.buffer, 0, body.length);
    return writer.toBytes();
  }

  private keyed(parts: readonly Part[]): Uint8Array {
    const reader = new ReplyReader();
    const found = new Array<Uint8Array>(this.elementCount).fill(NO_REPLY);
    for (const { reply, elements } of parts) {
      const bytes = reply as Uint8Array;
      if (!reader.open(bytes, 0, bytes.length) || reader.count !== elements.length) return INTERNAL_ERROR;
      for (const element of elements) {
        reader.next();
        found[element] = bytes.subarray(reader.elementOffset, reader.elementOffset + reader.elementLength);
      }
    }
    const writer = this.writer();
    writer.arrayHeader(found.length);
    for (const element of found) writer.bytes(element);
    return writer.toBytes();
  }

  private nodes(replies: readonly Uint8Array[]): Uint8Array {
    const writer = this.writer();
    writer.arrayHeader(replies.length);
    for (const reply of replies) writer.bytes(reply);
    return writer.toBytes();
  }

  private pick(replies: readonly Uint8Array[]): Uint8Array {
    const reader = new ReplyReader();
    const found = replies.filter((reply) => reader.open(reply, 0, reply.length) && !reader.isNull);
    return found.length === 0 ? replies[0] : found[this.randomU32 % found.length];
  }

  private writer(): ReplyWriter {
    const writer = new ReplyWriter();
    writer.version = this.version;
    return writer;
  }
}

const NO_REPLY = new Uint8Array(0);
