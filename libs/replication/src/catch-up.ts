/**
 * Brings groups of a replica up to where the primary is: from the log where that reaches back far enough (a tail), else by a
 * copy of the entries. Both lie in the link's stream, so that whatever is sent later is later.
 *
 * - A tail is read piece by piece. From the time at which a piece is asked for, what happens in the group is held back; when the
 *   piece reaches what is held, that follows it, and the group is live. Where too much would be held it is dropped and will be
 *   read as well.
 * - A copy needs nothing held: each chunk shows the entries as they are when it is sent, behind the records that led there, and
 *   later records follow. (A snapshot at one position would make the primary keep old values while it lasts.)
 */
import { assert } from '#libs/kernel';
import type { Position } from '#libs/ownership';
import { BatchQueue } from './batch-queue.js';
import type { ReplicationBounds } from './bounds.js';
import type { GroupPositions } from './group-positions.js';
import type { LinkGroups } from './link-groups.js';
import type { LinkStream } from './link-stream.js';
import type { CatchUpBudget, PrimaryHost, TailOutcome } from './primary-side.js';
import { RecordRanges } from './record-ranges.js';
import { RecordRuns } from './record-runs.js';
import { REPLICATE_KINDS } from './replicate-format.js';

interface Tail {
  readonly group: number;
  /** The replica's last record. */
  readonly from: Position;
  /** The last record that was read. */
  last: Position;
  request: number;
  isReading: boolean;
  /** The last read has brought nothing: the log does not show yet what was written to it. */
  isStarved: boolean;
  /** The replica knows what its records follow. */
  hasBegun: boolean;
  readonly read: BatchQueue;
  readonly held: BatchQueue;
  /** The sequence from which on all records are held; Infinity where they are not. */
  heldFrom: number;
}

export class CatchUp {
  /** Set by what the replica says. */
  isPressed = false;
  tailsBegun = 0;
  copiesBegun = 0;
  private readonly tails = new Map<number, Tail>();
  private readonly copies = new Set<number>();
  private readonly runs: RecordRuns;
  private readonly ranges = new RecordRanges();
  private heldBytes = 0;
  private requests = 0;

  constructor(
    private readonly stream: LinkStream,
    private readonly groups: LinkGroups,
    private readonly positions: GroupPositions,
    private readonly host: PrimaryHost,
    private readonly budget: CatchUpBudget,
    private readonly bounds: ReplicationBounds,
  ) {
    this.runs = new RecordRuns(positions.partitionCount, bounds.frameRecordBytes);
  }

  /** Whether something could be done at once. */
  get canGoOn(): boolean {
    const { groups, tails, copies, bounds } = this;
    if (!this.mayGoOn) return false;
    if (copies.size > 0 || (groups.outdated.size > 0 && copies.size < bounds.maxCopies)) return true;
    if (groups.behind.size > 0 && tails.size < bounds.maxTails) return true;
    for (const tail of tails.values()) if (!tail.isReading && !tail.isStarved) return true;
    return false;
  }

  /** Does some of what is to be done; the turn's own records have been added to the stream. */
  goOn(wallMs: number, logical: number, nowMs: number): void {
    this.beginTails();
    for (const tail of this.tails.values()) if (!tail.isReading && this.mayGoOn) this.read(tail);
    this.beginCopies(nowMs);
    for (const group of this.copies) if (this.mayGoOn) this.copyChunk(group, wallMs, logical, nowMs);
  }

  /** A run of this turn in a group whose tail is being read. */
  hold(turn: RecordRuns, run: number, wallMs: number, logical: number): void {
    const tail = this.tails.get(turn.groups[run]);
    if (tail === undefined || tail.heldFrom === Infinity) return;
    const length = turn.ends[run] - turn.offsets[run];
    if (this.heldBytes + length > this.bounds.maxHeldBytes) return this.dropHeld(tail);
    const before = tail.held.bytes;
    tail.held.add(turn.buffer, turn.offsets[run], length, wallMs, logical, turn.lasts[run]);
    this.heldBytes += tail.held.bytes - before;
  }

  onTailRecords(
    group: number,
    request: number,
    records: Uint8Array,
    offset: number,
    length: number,
    wallMs: number,
    logical: number,
    nowMs: number,
  ): void {
    const tail = this.tails.get(group);
    if (tail === undefined || !tail.isReading || tail.request !== request) return;
    const { runs } = this;
    runs.begin(records);
    runs.addBatch(offset, length, wallMs, logical);
    for (let run = 0; run < runs.count; run++) {
      assert(
        runs.groups[run] === group && runs.firsts[run] === tail.last.sequence + 1,
        'a tail holds the records of its group without a gap',
      );
      this.addRun(tail, run, nowMs);
    }
  }

  onTailEnd(group: number, request: number, outcome: TailOutcome, nowMs: number): void {
    const tail = this.tails.get(group);
    if (tail === undefined || !tail.isReading || tail.request !== request) return;
    tail.isReading = false;
    if (outcome === 'divergent') this.host.onDivergent(group, tail.from);
    if (outcome !== 'read') {
      this.cancel(group);
      return this.groups.setOutdated(group);
    }
    this.send(tail, tail.read, nowMs);
    if (tail.last.sequence + 1 >= tail.heldFrom) this.join(tail, nowMs);
  }

  /** Whatever is under way for the group ends. */
  cancel(group: number): void {
    const tail = this.tails.get(group);
    if (tail !== undefined) this.end(tail);
    if (this.copies.delete(group)) this.host.endCopy(group);
  }

  cancelAll(): void {
    for (const tail of this.tails.values()) this.end(tail);
    for (const group of this.copies) this.cancel(group);
  }

  /** Small runs wait for others, large ones leave without another copy. */
  private addRun(tail: Tail, run: number, nowMs: number): void {
    const { runs, ranges, stream, bounds } = this;
    const { offsets, ends, lasts, epochs } = runs;
    const length = ends[run] - offsets[run];
    const isLarge = length >= bounds.frameRecordBytes / 2;
    if (isLarge || tail.read.bytes + length > bounds.frameRecordBytes) this.send(tail, tail.read, nowMs);
    tail.last = { epoch: epochs[run], sequence: lasts[run] };
    tail.isStarved = false;
    if (!isLarge) {
      return tail.read.add(runs.buffer, offsets[run], length, runs.wallMs[0], runs.logicals[0], lasts[run]);
    }
    if (!tail.hasBegun) this.begin(tail, nowMs);
    ranges.reset();
    ranges.add(offsets[run], ends[run]);
    stream.note(tail.group, lasts[run]);
    this.budget.spend(length);
    stream.addRecords(runs, 0, ranges, nowMs, true);
  }

  private get mayGoOn(): boolean {
    const { stream, bounds, budget } = this;
    if (this.isPressed || stream.isOverrun || stream.window.catchUpBytes >= bounds.catchUpBytes) return false;
    return budget.isOpen;
  }

  private beginTails(): void {
    for (const [group, from] of this.groups.behind) {
      if (this.tails.size >= this.bounds.maxTails || !this.mayGoOn) return;
      this.groups.setTail(group);
      this.tailsBegun++;
      this.tails.set(group, {
        group,
        from,
        last: from,
        request: 0,
        isReading: false,
        isStarved: false,
        hasBegun: false,
        read: new BatchQueue(),
        held: new BatchQueue(),
        heldFrom: Infinity,
      });
    }
  }

  private read(tail: Tail): void {
    const { group, last: after } = tail;
    if (tail.heldFrom === Infinity) tail.heldFrom = this.positions.sequences[group] + 1;
    tail.isReading = true;
    tail.isStarved = true;
    tail.request = ++this.requests;
    this.host.readTail({ group, after, maxBytes: this.bounds.tailReadBytes, request: tail.request });
  }

  /** The tail has reached what was held back: that follows, and then what happens. */
  private join(tail: Tail, nowMs: number): void {
    const { group, held } = tail;
    this.end(tail);
    if (!tail.hasBegun) this.begin(tail, nowMs);
    if (held.last > tail.last.sequence) this.send(tail, held, nowMs);
    this.groups.endTail(group);
  }

  /** Tells the replica where it is to go on; it takes nothing else. */
  private begin(tail: Tail, nowMs: number): void {
    const { stream, groups } = this;
    const { group, from } = tail;
    tail.hasBegun = true;
    groups.beginTail(group, stream.window.next);
    stream.writer.begin();
    stream.writer.groupCount(1);
    stream.writer.groupAt(group, groups.epochs[group], from.epoch, from.sequence);
    stream.note(group, from.sequence);
    stream.add(REPLICATE_KINDS.resume, nowMs, true);
  }

  private send(tail: Tail, batches: BatchQueue, nowMs: number): void {
    if (batches.bytes === 0) return;
    if (!tail.hasBegun) this.begin(tail, nowMs);
    const { stream } = this;
    batches.drain(this.bounds.frameRecordBytes, (bytes, offset, length, last) => {
      stream.writer.begin();
      stream.writer.encoded(bytes, offset, length);
      stream.note(tail.group, last);
      this.spendAndAdd(REPLICATE_KINDS.records, nowMs);
    });
  }

  private dropHeld(tail: Tail): void {
    this.heldBytes -= tail.held.bytes;
    tail.held.reset();
    tail.heldFrom = Infinity;
  }

  private end(tail: Tail): void {
    this.heldBytes -= tail.held.bytes;
    this.tails.delete(tail.group);
  }

  private beginCopies(nowMs: number): void {
    const { groups, stream, positions, copies } = this;
    for (const group of groups.outdated) {
      if (copies.size >= this.bounds.maxCopies || !this.mayGoOn) return;
      groups.setCopying(group, stream.window.next);
      copies.add(group);
      this.copiesBegun++;
      this.host.onForgotten(group);
      this.host.beginCopy(group);
      stream.writer.begin();
      stream.writer.groupAt(group, groups.epochs[group], positions.epochs[group], positions.sequences[group]);
      stream.add(REPLICATE_KINDS.copyBegin, nowMs, true);
    }
  }

  private copyChunk(group: number, wallMs: number, logical: number, nowMs: number): void {
    const { stream } = this;
    const records = this.host.nextChunk(group);
    if (records === undefined) return this.endCopy(group, nowMs);
    stream.writer.begin();
    stream.writer.group(group);
    stream.writer.batch(records, 0, records.length, wallMs, logical);
    this.spendAndAdd(REPLICATE_KINDS.copyRecords, nowMs);
  }

  private endCopy(group: number, nowMs: number): void {
    const { groups, stream, positions } = this;
    this.copies.delete(group);
    this.host.endCopy(group);
    groups.endCopy(group, stream.window.next);
    stream.writer.begin();
    stream.writer.groupAt(group, groups.epochs[group], positions.epochs[group], positions.sequences[group]);
    stream.note(group, positions.sequences[group]);
    stream.add(REPLICATE_KINDS.copyEnd, nowMs, true);
  }

  private spendAndAdd(kind: number, nowMs: number): void {
    this.budget.spend(this.stream.writer.length);
    this.stream.add(kind, nowMs, true);
  }
}
