import { latin1Bytes, latin1Text } from '#libs/kernel';
import { encodeCommand, ReplyReader, type RequestScanner } from '#libs/resp';
import type { OperationFields } from '#libs/wire';
import type { OperationRouter } from './operation-router.js';
import type { ReplySink } from './reply-sink.js';

const CURSOR_PREFIX_SPAN = 2 ** 39;
/** Storage nodes asked for one SCAN: a client with few keys is not sent through every partition by itself. */
const MAX_HOPS = 512;

/**
 * One SCAN over the partitions of several nodes: an empty answer with a cursor is followed to the next node at once, since a
 * node answers for its own run of partitions alone.
 */
export class ScanWalk implements ReplySink {
  private hops = 0;
  private readonly fields: OperationFields;
  private readonly words: Uint8Array[];

  constructor(
    private readonly router: OperationRouter,
    scanner: RequestScanner,
    private readonly sink: ReplySink,
    private readonly position: number,
    private readonly startedMs: number,
  ) {
    this.fields = { ...router.fields };
    this.words = [];
    for (let i = 0; i < scanner.count; i++) {
      this.words.push(scanner.buffer.slice(scanner.offsets[i], scanner.offsets[i] + scanner.lengths[i]));
    }
  }

  onReply(_position: number, buffer: Uint8Array, offset: number, length: number): void {
    const next = this.cursorToFollow(buffer, offset, offset + length);
    if (next === undefined) return this.sink.onReply(this.position, buffer, offset, length);
    this.hops++;
    this.words[1] = latin1Bytes(String(next));
    const command = encodeCommand(this.words);
    Object.assign(this.router.fields, this.fields, { buffer: command, offset: 0, length: command.length });
    this.router.send(this, 0, Math.floor(next / CURSOR_PREFIX_SPAN), this.startedMs);
  }

  /** The cursor of an answer without elements, where there is more to see. */
  private cursorToFollow(buffer: Uint8Array, offset: number, end: number): number | undefined {
    const reader = new ReplyReader();
    if (this.hops >= MAX_HOPS || !reader.open(buffer, offset, end) || reader.count !== 2) return undefined;
    reader.next();
    const cursorReader = new ReplyReader();
    if (!cursorReader.open(buffer, reader.elementOffset, reader.elementOffset + reader.elementLength)) return undefined;
    const cursor = Number(latin1Text(buffer, cursorReader.contentOffset, cursorReader.contentLength));
    reader.next();
    if (!cursorReader.open(buffer, reader.elementOffset, reader.elementOffset + reader.elementLength)) return undefined;
    return cursor > 0 && cursorReader.count === 0 ? cursor : undefined;
  }
}
