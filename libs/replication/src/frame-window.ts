/**
 * Frames of a link that its replica has not acknowledged, oldest first, from sequence {@link first} to {@link next} - 1. Frames
 * are sent in order; what the replica misses is sent again from there on (go-back-N: the bus loses a message seldom, and keeps
 * the order but for that, so a replica that kept what comes early would have nothing to show for it).
 */
import { BOUNDS } from '#libs/kernel';
import type { ReplicationBounds } from './bounds.js';
import { GroupLists } from './group-lists.js';

const FIRST_CAPACITY = 64;

export class FrameWindow {
  first = 1;
  /** The sequence of the next frame. */
  next = 1;
  /** The next one to be sent, now or again. */
  nextSent = 1;
  /** All frames up to this one have arrived. */
  received = 0;
  /** In the window, without frames larger than a message. */
  bytes = 0;
  largeBytes = 0;
  /** Of frames that catch a group up. */
  catchUpBytes = 0;
  /** Sent, and not known to have arrived. */
  flightBytes = 0;
  /** Per frame, the last sequence of each group that it is about; the open list is that of the next frame. */
  readonly groups: GroupLists;
  private frames = new Array<Uint8Array | undefined>(FIRST_CAPACITY).fill(undefined);
  private sentAtMs = new Float64Array(FIRST_CAPACITY);
  private isCatchUp = new Uint8Array(FIRST_CAPACITY);

  constructor(
    groupCount: number,
    private readonly bounds: ReplicationBounds,
  ) {
    this.groups = new GroupLists(groupCount);
  }

  get count(): number {
    return this.next - this.first;
  }

  /** When the oldest frame was first sent. */
  get oldestSentAtMs(): number {
    return this.sentAtMs[this.first & (this.frames.length - 1)];
  }

  /** Whether another frame of so many bytes may wait. */
  fits(bytes: number): boolean {
    const { bounds } = this;
    if (this.count >= bounds.maxWindowFrames || this.groups.entries >= bounds.maxWindowEntries) return false;
    if (bytes <= BOUNDS.maxFrameBytes) return this.bytes + bytes <= bounds.windowBytes;
    return this.largeBytes === 0 || this.largeBytes + bytes <= bounds.largeWindowBytes;
  }

  /** Takes the next frame in, and closes its list of groups. */
  push(frame: Uint8Array, nowMs: number, isCatchUp: boolean): void {
    if (this.count === this.frames.length) this.grow();
    const at = this.next++ & (this.frames.length - 1);
    this.frames[at] = frame;
    this.sentAtMs[at] = nowMs;
    this.isCatchUp[at] = isCatchUp ? 1 : 0;
    this.account(frame.length, isCatchUp, 1);
    this.groups.close();
  }

  /** The next frame to be sent; undefined where all are, or enough is under way. */
  takeUnsent(): Uint8Array | undefined {
    if (this.nextSent === this.next || this.flightBytes >= this.bounds.flightBytes) return undefined;
    const frame = this.at(this.nextSent++);
    this.flightBytes += frame.length;
    return frame;
  }

  onReceived(sequence: number): void {
    while (this.received < sequence) {
      this.received++;
      if (this.received < this.nextSent) this.flightBytes -= this.at(this.received).length;
    }
    if (this.nextSent <= sequence) this.nextSent = sequence + 1;
  }

  /** Everything that has not arrived is to be sent again. */
  rewind(): void {
    this.nextSent = this.received + 1;
    this.flightBytes = 0;
  }

  /** Drops the oldest frame, which has arrived. */
  shift(): void {
    const at = this.first++ & (this.frames.length - 1);
    this.account((this.frames[at] as Uint8Array).length, this.isCatchUp[at] === 1, -1);
    this.frames[at] = undefined;
    this.groups.shift();
  }

  /** Begins anew, with the first sequence. */
  clear(): void {
    this.frames.fill(undefined);
    this.groups.clear();
    this.first = this.next = this.nextSent = 1;
    this.received = this.bytes = this.largeBytes = this.catchUpBytes = this.flightBytes = 0;
  }

  private at(sequence: number): Uint8Array {
    return this.frames[sequence & (this.frames.length - 1)] as Uint8Array;
  }

  private account(bytes: number, isCatchUp: boolean, sign: 1 | -1): void {
    if (bytes > BOUNDS.maxFrameBytes) this.largeBytes += sign * bytes;
    else this.bytes += sign * bytes;
    if (isCatchUp) this.catchUpBytes += sign * bytes;
  }

  private grow(): void {
    const { frames, sentAtMs, isCatchUp } = this;
    const mask = frames.length - 1;
    const length = frames.length * 2;
    this.frames = new Array<Uint8Array | undefined>(length).fill(undefined);
    this.sentAtMs = new Float64Array(length);
    this.isCatchUp = new Uint8Array(length);
    for (let sequence = this.first; sequence < this.next; sequence++) {
      const at = sequence & (length - 1);
      this.frames[at] = frames[sequence & mask];
      this.sentAtMs[at] = sentAtMs[sequence & mask];
      this.isCatchUp[at] = isCatchUp[sequence & mask];
    }
  }
}
