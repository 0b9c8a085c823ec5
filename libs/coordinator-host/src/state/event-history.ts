/** The last events of a cluster, for whoever asks what has happened: bounded in number and in bytes, oldest go first. */
import { decodeEventNotice, encodeEventNotice, type AnyEventNotice } from '#libs/cluster';
import { ByteReader, ByteWriter, DecodeError } from '#libs/kernel';

export interface HistoryBounds {
  readonly maxEvents: number;
  readonly maxBytes: number;
}

interface KeptEvent {
  readonly index: number;
  /** As on the bus. */
  readonly bytes: Uint8Array;
}

/** Index and length. */
const EVENT_HEAD_BYTES = 12;

export class EventHistory {
  private events: KeptEvent[] = [];
  /** The first of `events` that is still kept: what lies before goes in one step now and then. */
  private first = 0;
  private bytes = 0;

  constructor(private readonly bounds: HistoryBounds) {}

  get count(): number {
    return this.events.length - this.first;
  }

  /** The oldest event that is kept; 0 for none. */
  get firstIndex(): number {
    return this.events[this.first]?.index ?? 0;
  }

  /** The newest event; 0 for none. */
  get lastIndex(): number {
    return this.events.at(-1)?.index ?? 0;
  }

  /** Answers the notice's bytes. */
  add(notice: AnyEventNotice): Uint8Array {
    const bytes = encodeEventNotice(notice);
    this.keep({ index: notice.index, bytes });
    return bytes;
  }

  /** At most `limit` events from `since` (included) on; the newest ones where that is 0. The oldest come first. */
  from(since: number, limit: number): readonly AnyEventNotice[] {
    const found: AnyEventNotice[] = [];
    const first = since === 0 ? this.lastIndex - limit + 1 : since;
    for (let at = this.positionOf(first); at < this.events.length && found.length < limit; at++) {
      const notice = decodeEventNotice(this.events[at].bytes);
      if (notice !== undefined) found.push(notice);
    }
    return found;
  }

  /** About so many bytes {@link write} writes. */
  get encodedBytes(): number {
    return this.bytes + this.count * EVENT_HEAD_BYTES;
  }

  /** Number of events (u32), then each: index (u64), length (u32), bytes. */
  write(writer: ByteWriter): void {
    writer.u32(this.count);
    for (let at = this.first; at < this.events.length; at++) {
      const { index, bytes } = this.events[at];
      writer.u53(index);
      writer.u32(bytes.length);
      writer.bytes(bytes);
    }
  }

  /** In place of all events kept. Throws DecodeError. */
  read(reader: ByteReader): void {
    const count = reader.u32();
    if (count > this.bounds.maxEvents) throw new DecodeError(`${count} events: too many`);
    this.clear();
    for (let i = 0; i < count; i++) {
      const index = reader.u53();
      if (index <= (this.events.at(-1)?.index ?? 0)) throw new DecodeError(`event ${index} is out of order`);
      const length = reader.u32();
      const at = reader.skip(length);
      this.keep({ index, bytes: reader.buffer.slice(at, at + length) });
    }
  }

  clear(): void {
    this.events = [];
    this.first = 0;
    this.bytes = 0;
  }

  private keep(event: KeptEvent): void {
    this.events.push(event);
    this.bytes += event.bytes.length;
    while (this.count > this.bounds.maxEvents || (this.bytes > this.bounds.maxBytes && this.count > 1)) {
      this.bytes -= this.events[this.first++].bytes.length;
    }
    if (this.first <= this.bounds.maxEvents) return;
    this.events = this.events.slice(this.first);
    this.first = 0;
  }

  /** Of the first event kept whose index is at least `since`; indexes ascend. */
  private positionOf(since: number): number {
    let low = this.first;
    let high = this.events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.events[middle].index < since) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
