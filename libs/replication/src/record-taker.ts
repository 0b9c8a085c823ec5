/**
 * Decides what a replica takes of a frame, group by group: a record whose predecessor is the last one here, or which begins an
 * epoch and names that one; nothing else. What does not fit is refused with the position here, and the group is not listened to
 * until its primary begins anew. So a log never has a gap, and two logs that share a record share all before it (Ongaro and
 * Ousterhout, "In Search of an Understandable Consensus Algorithm", 2014, §5.3).
 *
 * A suffix that the primary does not have is not cut off here, as Raft would: memory has no undo. Its group is copied anew.
 */
import { EventReader } from '#libs/events';
import { DecodeError } from '#libs/kernel';
import { REFUSAL_REASONS, type RefusalReason } from './acknowledgement.js';
import type { ReplicationBounds } from './bounds.js';
import { GroupAdmission } from './group-admission.js';
import { GroupLists } from './group-lists.js';
import type { GroupPositions } from './group-positions.js';
import { GroupSessions, SESSION_STATES } from './group-sessions.js';
import { partitionOf } from './group.js';
import { RecordRanges } from './record-ranges.js';
import { RecordRuns } from './record-runs.js';
import { Refusals } from './refusals.js';
import type { ReplicaHost, ReplicaOwnership } from './replica-side.js';
import { REPLICATE_KINDS } from './replicate-format.js';
import type { ReplicateReader } from './replicate-reader.js';

export class RecordTaker {
  /** Per frame that was taken, its groups with the epochs of their primary. */
  readonly groups: GroupLists;
  readonly sessions: GroupSessions;
  readonly refusals = new Refusals();
  private readonly admission: GroupAdmission;
  private readonly runs: RecordRuns;
  private readonly ranges = new RecordRanges();
  private readonly events = new EventReader();
  /** The frame that is being taken. */
  private frame = 0;

  constructor(
    private readonly positions: GroupPositions,
    private readonly ownership: ReplicaOwnership,
    private readonly host: ReplicaHost,
    bounds: ReplicationBounds,
  ) {
    const { groupCount, partitionCount } = positions;
    this.groups = new GroupLists(groupCount);
    this.sessions = new GroupSessions(groupCount);
    this.admission = new GroupAdmission(groupCount, bounds.maxFrameGroups, ownership, host);
    this.runs = new RecordRuns(partitionCount);
  }

  /** Whether the frame can be taken now, changing nothing. Throws DecodeError where any part of it is not well-formed. */
  check(reader: ReplicateReader, message: Uint8Array): boolean {
    this.admission.beginFrame();
    switch (reader.kind) {
      case REPLICATE_KINDS.records:
        return this.checkRecords(reader, message);
      case REPLICATE_KINDS.copyRecords:
        return this.checkCopy(reader, message);
      default:
        return this.checkGroups(reader);
    }
  }

  /** Takes what {@link check} has just agreed to. */
  take(reader: ReplicateReader, message: Uint8Array): void {
    reader.open(message);
    this.frame = reader.sequence;
    if (reader.kind === REPLICATE_KINDS.records) this.takeRecords(message);
    else if (reader.kind === REPLICATE_KINDS.copyRecords) this.takeCopy(reader, message);
    else while (reader.nextGroup()) this.takeGroup(reader);
    this.groups.close();
  }

  /** Nothing more of the group is taken, from this frame on. */
  refuse(group: number, reason: RefusalReason, frame = this.frame): void {
    this.sessions.refuse(group, frame);
    const sealedEpoch = reason === REFUSAL_REASONS.sealed ? this.ownership.sealedEpoch(group) : 0;
    this.refusals.add({ frame, group, reason, sealedEpoch, last: this.positions.last(group) });
  }

  clear(): void {
    this.sessions.clear();
    this.refusals.clear();
    this.groups.clear();
  }

  private checkRecords(reader: ReplicateReader, message: Uint8Array): boolean {
    const { runs, sessions } = this;
    runs.begin(message);
    while (reader.nextBatch()) runs.addBatch(reader.recordsOffset, reader.recordsLength, reader.wallMs, reader.logical);
    let isReady = true;
    for (let run = 0; run < runs.count; run++) {
      const group = runs.groups[run];
      if (group < 0) throw new DecodeError('record of no group');
      if (sessions.isDeaf(group, runs.epochs[run])) continue;
      isReady = this.admission.ask(group, Math.max(runs.epochs[run], sessions.epochs[group])) && isReady;
    }
    return isReady;
  }

  private checkCopy(reader: ReplicateReader, message: Uint8Array): boolean {
    const { events } = this;
    const { group } = reader;
    const partition = partitionOf(group);
    while (reader.nextBatch()) {
      events.open(message, reader.recordsOffset, reader.recordsLength);
      while (events.advance()) {
        if (events.partition !== partition) throw new DecodeError('copied entry of another partition');
      }
    }
    return !this.isCopying(group) || this.admission.ask(group, this.sessions.epochs[group]);
  }

  private checkGroups(reader: ReplicateReader): boolean {
    let isReady = true;
    while (reader.nextGroup()) {
      if (reader.epoch >= this.sessions.epochs[reader.group]) {
        isReady = this.admission.ask(reader.group, reader.epoch) && isReady;
      }
    }
    return isReady;
  }

  private takeRecords(message: Uint8Array): void {
    const { runs, ranges, host } = this;
    for (let batch = 0; batch < runs.batchCount; batch++) {
      ranges.reset();
      const end = runs.endOf(batch);
      for (let run = runs.firstRuns[batch]; run < end; run++) this.takeRun(run);
      for (let range = 0; range < ranges.count; range++) {
        host.take(message, ranges.offsetOf(range), ranges.lengthOf(range), runs.wallMs[batch], runs.logicals[batch]);
      }
    }
  }

  private takeRun(run: number): void {
    const { runs, sessions, positions } = this;
    const group = runs.groups[run];
    const epoch = runs.epochs[run];
    if (sessions.isDeaf(group, epoch)) return;
    if (epoch > sessions.epochs[group]) sessions.begin(group, epoch, SESSION_STATES.open, this.frame);
    if (!this.mayTake(group)) return;
    const last = positions.sequences[group];
    const isSameEpoch = epoch === positions.epochs[group];
    if (isSameEpoch && runs.lasts[run] <= last) return this.note(group);
    if (isSameEpoch ? runs.firsts[run] > last + 1 : !this.beginsHere(run, group)) {
      return this.refuse(group, REFUSAL_REASONS.gap);
    }
    const isWhole = runs.firsts[run] === last + 1;
    this.ranges.add(isWhole ? runs.offsets[run] : runs.offsetOf(run, last + 1), runs.ends[run]);
    positions.set(group, epoch, runs.lasts[run]);
    this.note(group);
  }

  /** Whether the run begins an epoch behind the last record here. */
  private beginsHere(run: number, group: number): boolean {
    const { runs, positions } = this;
    return positions.isAt(group, runs.previousEpochs[run], runs.previousSequences[run]);
  }

  /** Refuses the group where it is not to be had. */
  private mayTake(group: number): boolean {
    const reason = this.admission.refusalOf(group);
    if (reason !== undefined) this.refuse(group, reason);
    else if (this.positions.incomplete[group] === 0 || this.isCopying(group)) return true;
    else this.refuse(group, REFUSAL_REASONS.incomplete);
    return false;
  }

  private takeGroup(reader: ReplicateReader): void {
    const { group, epoch, kind } = reader;
    if (epoch < this.sessions.epochs[group]) return;
    if (kind === REPLICATE_KINDS.copyEnd) return this.endCopy(reader);
    const isCopy = kind === REPLICATE_KINDS.copyBegin;
    this.sessions.begin(group, epoch, isCopy ? SESSION_STATES.copying : SESSION_STATES.open, this.frame);
    if (!this.mayTake(group)) return;
    if (isCopy) this.beginCopy(reader);
    else if (this.positions.isAt(group, reader.afterEpoch, reader.afterSequence)) this.note(group);
    else this.refuse(group, REFUSAL_REASONS.gap);
  }

  private beginCopy({ group, afterEpoch, afterSequence }: ReplicateReader): void {
    this.positions.set(group, afterEpoch, afterSequence);
    this.positions.incomplete[group] = 1;
    this.host.beginCopy(group, afterEpoch, afterSequence);
  }

  private takeCopy(reader: ReplicateReader, message: Uint8Array): void {
    const { group } = reader;
    if (!this.isCopying(group) || !this.mayTake(group)) return;
    while (reader.nextBatch() && this.isCopying(group)) {
      const { recordsOffset, recordsLength, wallMs, logical } = reader;
      this.host.takeCopy(group, message, recordsOffset, recordsLength, wallMs, logical);
    }
  }

  private endCopy({ group, afterEpoch, afterSequence }: ReplicateReader): void {
    if (!this.isCopying(group) || !this.mayTake(group)) return;
    if (!this.positions.isAt(group, afterEpoch, afterSequence)) return this.refuse(group, REFUSAL_REASONS.incomplete);
    this.positions.incomplete[group] = 0;
    this.sessions.states[group] = SESSION_STATES.open;
    this.host.endCopy(group, afterEpoch, afterSequence);
    this.note(group);
  }

  private isCopying(group: number): boolean {
    return this.sessions.states[group] === SESSION_STATES.copying;
  }

  private note(group: number): void {
    this.groups.note(group, this.sessions.epochs[group]);
  }
}
