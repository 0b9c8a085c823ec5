/** Takes a stream of replies apart: status lines, errors, integers, bulk strings and nil, which is all that commands on one string answer. */
export const REPLY_KINDS = { ok: 0, bulk: 1, nil: 2, error: 3, integer: 4 } as const;
export type ReplyKind = (typeof REPLY_KINDS)[keyof typeof REPLY_KINDS];

/** The bytes from `at` on, `length` of them, are the value or the text; they are valid during the call. */
export type OnReply = (kind: ReplyKind, bytes: Buffer, at: number, length: number) => void;

const PLUS = 0x2b;
const MINUS = 0x2d;
const COLON = 0x3a;
const DOLLAR = 0x24;
const LINE_FEED = 0x0a;
const END_BYTES = 2;

export class ReplyStream {
  private rest: Buffer = Buffer.alloc(0);

  constructor(private readonly onReply: OnReply) {}

  /** Throws an Error at bytes that are no such reply. */
  take(chunk: Buffer): void {
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    let at = 0;
    for (;;) {
      const end = this.reply(bytes, at);
      if (end === 0) break;
      at = end;
    }
    this.rest = at === bytes.length ? Buffer.alloc(0) : Buffer.from(bytes.subarray(at));
  }

  /** Where the reply that begins there ends; 0 where it is not whole yet. */
  private reply(bytes: Buffer, at: number): number {
    const lineEnd = bytes.indexOf(LINE_FEED, at) + 1;
    if (lineEnd === 0) return 0;
    const type = bytes[at];
    const lineLength = lineEnd - END_BYTES - at - 1;
    if (type === PLUS) this.onReply(REPLY_KINDS.ok, bytes, at + 1, lineLength);
    else if (type === MINUS) this.onReply(REPLY_KINDS.error, bytes, at + 1, lineLength);
    else if (type === COLON) this.onReply(REPLY_KINDS.integer, bytes, at + 1, lineLength);
    else if (type === DOLLAR) return this.bulk(bytes, at, lineEnd);
    else throw new Error(`not a reply: ${JSON.stringify(bytes.toString('latin1', at, lineEnd))}`);
    return lineEnd;
  }

  private bulk(bytes: Buffer, at: number, lineEnd: number): number {
    const length = Number(bytes.toString('latin1', at + 1, lineEnd - END_BYTES));
    if (length < 0) {
      this.onReply(REPLY_KINDS.nil, bytes, lineEnd, 0);
      return lineEnd;
    }
    const end = lineEnd + length + END_BYTES;
    if (end > bytes.length) return 0;
    this.onReply(REPLY_KINDS.bulk, bytes, lineEnd, length);
    return end;
  }
}
