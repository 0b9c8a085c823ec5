/**
 * A turn's records on their way to one replica: frames of those in groups that it holds and follows. Where that is all of them,
 * the turn's bytes are copied as one range.
 */
import type { ReplicationBounds } from './bounds.js';
import type { CatchUp } from './catch-up.js';
import { LINK_STATES, type LinkGroups } from './link-groups.js';
import type { LinkStream } from './link-stream.js';
import { RecordRanges } from './record-ranges.js';
import type { RecordRuns } from './record-runs.js';

export class TurnShipper {
  private readonly ranges = new RecordRanges();

  constructor(
    private readonly stream: LinkStream,
    private readonly groups: LinkGroups,
    private readonly catchUp: CatchUp,
    private readonly bounds: ReplicationBounds,
  ) {}

  ship(turn: RecordRuns, nowMs: number): void {
    for (let batch = 0; batch < turn.batchCount; batch++) this.shipBatch(turn, batch, nowMs);
  }

  private shipBatch(turn: RecordRuns, batch: number, nowMs: number): void {
    const { ranges, stream } = this;
    const { states, epochs } = this.groups;
    const end = turn.endOf(batch);
    for (let run = turn.firstRuns[batch]; run < end; run++) {
      const group = turn.groups[run];
      // What this node wrote under an earlier epoch, in the turn in which that ended, is for the replica to miss.
      if (group < 0 || turn.epochs[run] !== epochs[group]) continue;
      const state = states[group];
      if (state === LINK_STATES.tail) this.catchUp.hold(turn, run, turn.wallMs[batch], turn.logicals[batch]);
      if (state !== LINK_STATES.live && state !== LINK_STATES.copying) continue;
      if (!this.fits(group, turn.ends[run] - turn.offsets[run])) this.closeFrame(turn, batch, nowMs);
      ranges.add(turn.offsets[run], turn.ends[run]);
      stream.note(group, turn.lasts[run]);
    }
    this.closeFrame(turn, batch, nowMs);
  }

  /** Whether the frame may hold the run as well. */
  private fits(group: number, bytes: number): boolean {
    return this.ranges.bytes + bytes <= this.bounds.frameRecordBytes && this.stream.hasRoomFor(group);
  }

  private closeFrame(turn: RecordRuns, batch: number, nowMs: number): void {
    const { ranges } = this;
    if (ranges.count > 0) this.stream.addRecords(turn, batch, ranges, nowMs, false);
    ranges.reset();
  }
}
