/**
 * The frames of a link, numbered from 1 in each of its lives: made here, kept until they are acknowledged, sent as far as the
 * replica follows. Where more waits than the window holds the stream is overrun: nothing is added to it any more, and the link
 * begins another life, since its replica is too far behind to be told everything.
 */
import type { ReplicationBounds } from './bounds.js';
import { FrameWindow } from './frame-window.js';
import { FrameWriter } from './frame-writer.js';
import type { RecordRanges } from './record-ranges.js';
import type { RecordRuns } from './record-runs.js';
import { BATCH_HEADER_BYTES, type LinkLife, REPLICATE_HEADER_BYTES, REPLICATE_KINDS } from './replicate-format.js';

const UNKNOWN_SESSION = 0;

export class LinkStream {
  life: LinkLife;
  /** The replica knows that what it said up to this frame has been heard. */
  heard = 0;
  isOverrun = false;
  framesSent = 0;
  bytesSent = 0;
  readonly window: FrameWindow;
  /** What it holds becomes a frame by {@link add}. */
  readonly writer = new FrameWriter();

  constructor(
    incarnation: number,
    groupCount: number,
    private readonly bounds: ReplicationBounds,
    private readonly send: (frame: Uint8Array) => void,
  ) {
    this.life = { incarnation, generation: 1, session: UNKNOWN_SESSION };
    this.window = new FrameWindow(groupCount, bounds);
  }

  /** Whether the replica has agreed to this life, so that it takes frames. */
  get isOpen(): boolean {
    return this.life.session !== UNKNOWN_SESSION;
  }

  open(session: number): void {
    this.life = { ...this.life, session };
  }

  /** Whether the next frame may be about this group as well. */
  hasRoomFor(group: number): boolean {
    const { groups } = this.window;
    return groups.isNoted(group) || groups.openLength < this.bounds.maxFrameGroups;
  }

  /** The next frame is about this group, up to this sequence. */
  note(group: number, sequence: number): void {
    this.window.groups.note(group, sequence);
  }

  /** Adds what the writer holds. */
  add(kind: number, nowMs: number, isCatchUp: boolean): void {
    if (!this.mayAdd(this.writer.length)) return;
    this.window.push(this.writer.finish(kind, this.life, this.window.next, this.heard), nowMs, isCatchUp);
  }

  /** Adds a frame of ranges of a batch's records, which are copied this once. */
  addRecords(runs: RecordRuns, batch: number, ranges: RecordRanges, nowMs: number, isCatchUp: boolean): void {
    if (!this.mayAdd(REPLICATE_HEADER_BYTES + BATCH_HEADER_BYTES + ranges.bytes)) return;
    const { life, heard, window } = this;
    const wallMs = runs.wallMs[batch];
    const logical = runs.logicals[batch];
    const frame = this.writer.recordsFrame(runs.buffer, ranges, wallMs, logical, life, window.next, heard);
    window.push(frame, nowMs, isCatchUp);
  }

  /** Sends what may be under way. */
  transmit(): void {
    for (let frame = this.window.takeUnsent(); frame !== undefined; frame = this.window.takeUnsent()) {
      this.framesSent++;
      this.bytesSent += frame.length;
      this.send(frame);
    }
  }

  /** Asks the replica what it has. */
  poke(): void {
    this.writer.begin();
    this.send(this.writer.finish(REPLICATE_KINDS.poke, this.life, this.window.nextSent - 1, this.heard));
  }

  /** Begins another life, in which nothing has been sent. */
  restart(): void {
    const { incarnation, generation } = this.life;
    this.life = { incarnation, generation: generation + 1, session: UNKNOWN_SESSION };
    this.heard = 0;
    this.isOverrun = false;
    this.window.clear();
  }

  private mayAdd(bytes: number): boolean {
    if (!this.isOverrun && !this.window.fits(bytes)) this.isOverrun = true;
    return !this.isOverrun;
  }
}
