/**
 * Writes batches to segments, with group commit: what comes while a write is under way goes into the next one together.
 *
 * What was taken is kept until it is written, and written in order. Where an append fails, the segment counts as far as it was
 * whole, and what did not get there goes to the next segment once the disk takes it. Where a sync fails, or a batch is refused,
 * something is missing for good: the next segment is marked as detached from what came before, and the log refuses until a
 * checkpoint that was begun in it is complete. (Truncating the segment in place was rejected: it needs the disk that has just
 * failed. The next segment's header says how far this one counts.)
 */
import { assert } from '#libs/kernel';
import type { Disk, DiskCallback, DiskError } from '#libs/ports';
import { EVENT_LOG_BOUNDS } from './bounds.js';
import { EventLogError } from './event-log-error.js';
import type { FileNames } from './file-names.js';
import { LogHealth } from './log-health.js';
import { REFUSED, type LogListener, type Ticket } from './log-listener.js';
import type { LogPosition } from './log-position.js';
import type { LogStatistics } from './log-statistics.js';
import { OpenSegment } from './open-segment.js';
import type { LogSettings, SyncPolicy } from './options.js';
import { PendingBatches } from './pending-batches.js';
import { BATCH_HEADER_BYTES } from './segment-format.js';
import { SegmentSupply } from './segment-supply.js';
import type { SegmentTable } from './segment-table.js';
import { SyncDriver } from './sync-driver.js';
import { SyncWaiters, type SyncedCallback } from './sync-waiters.js';

export interface LogWriterParts {
  readonly disk: Disk;
  readonly names: FileNames;
  readonly settings: LogSettings;
  readonly logId: number;
  /** What recovery found; the writer adds to it. All of it is durable. */
  readonly segments: SegmentTable;
  readonly statistics: LogStatistics;
  readonly listener: LogListener;
  /** The number of the first checkpoint that could be begun now. */
  nextCheckpoint(): number;
}

export class LogWriter {
  private policy: SyncPolicy;
  private readonly pending = new PendingBatches();
  private readonly supply: SegmentSupply;
  private readonly sync: SyncDriver;
  private readonly waiters = new SyncWaiters();
  private readonly health = new LogHealth();
  private active: OpenSegment | undefined;
  /** The segment that is being appended to, also when it is no longer the active one, and how much. */
  private flightSegment: OpenSegment | undefined;
  private flightBytes = 0;
  private flightTicket: Ticket = 0;
  private lastTicket: Ticket = 0;
  private writtenTicket: Ticket = 0;
  private durableTicket: Ticket = 0;
  /** Up to here the log is durable and nothing is missing. */
  private wholeTo: LogPosition;
  private nowMs = 0;
  private lastSyncMs = -Infinity;
  private onStarted: DiskCallback | undefined;
  private isClosing = false;

  constructor(private readonly parts: LogWriterParts) {
    const { disk, names, settings, segments } = parts;
    this.policy = settings.policy;
    this.wholeTo = segments.end;
    this.sync = new SyncDriver(
      this.wholeTo,
      () => this.synced(),
      (error) => this.syncFailed(error),
    );
    this.supply = new SegmentSupply(disk, names, settings.appends, {
      onReady: () => this.supplied(undefined),
      onError: (error) => this.supplied(error),
    });
  }

  /** Begins the segment behind those that recovery found. */
  start(done: DiskCallback): void {
    this.onStarted = done;
    this.supply.prepare(this.nextNumber);
  }

  get isRefusing(): boolean {
    return this.health.isRefusing;
  }

  /** Bytes of batches that are not written yet. */
  get pendingBytes(): number {
    return this.pending.bytes;
  }

  /** Up to here the log is durable, and nothing before it is missing. */
  get durable(): LogPosition {
    if (this.health.gapSegment === 0) this.wholeTo = this.sync.durable;
    return this.wholeTo;
  }

  /** Up to here what was written is synced, whatever is missing before. */
  get syncedTo(): LogPosition {
    return this.sync.durable;
  }

  /** The segment that is written to; undefined where none can be. */
  get activeSegment(): number | undefined {
    return this.health.failure === undefined ? this.active?.number : undefined;
  }

  /** Takes a batch, or answers REFUSED, after which the log has to be made whole by a checkpoint. */
  append(records: Uint8Array, offset: number, length: number, wallMs: number, logical: number): Ticket {
    assert(!this.isClosing, 'the log is closed');
    const { maxBatchBytes, maxPendingBytes } = EVENT_LOG_BOUNDS;
    const { pending, statistics } = this;
    const isTooMuch = pending.bytes + BATCH_HEADER_BYTES + length > maxPendingBytes;
    if (length > maxBatchBytes || isTooMuch) return this.refuse(length);
    pending.add(records, offset, length, wallMs, logical);
    statistics.batches++;
    statistics.recordBytes += length;
    const ticket = ++this.lastTicket;
    this.pump();
    return ticket;
  }

  tick(nowMs: number): void {
    this.nowMs = nowMs;
    this.supply.tick(nowMs);
    const isUnsynced = this.writtenTicket > this.sync.syncedTicket && !this.sync.isRunning;
    if (this.policy === 'everysec' && isUnsynced && nowMs - this.lastSyncMs >= EVENT_LOG_BOUNDS.everysecMs) {
      this.lastSyncMs = nowMs;
      this.sync.request();
    }
    this.pump();
  }

  setPolicy(policy: SyncPolicy): void {
    this.policy = policy;
    if (policy === 'always') this.sync.request();
    this.reportDurable();
  }

  /** Calls back once all that was appended so far is written and synced. */
  whenSynced(done: SyncedCallback): void {
    const { failure } = this.health;
    if (failure !== undefined) return done(failure);
    if (this.sync.syncedTicket >= this.lastTicket) return done(undefined);
    this.waiters.add(this.lastTicket, done);
    this.sync.request();
  }

  /** Whether something was lost since a checkpoint was begun, so that it shows what the log does not have. */
  hasLostSince(checkpoint: number): boolean {
    return this.health.neededCheckpoint > checkpoint;
  }

  /** A checkpoint is complete. */
  checkpointed(checkpoint: number): void {
    if (!this.health.isRefusing) return;
    this.health.covered(checkpoint);
    if (this.health.isRefusing) return;
    this.parts.listener.onWriting();
    this.reportDurable();
  }

  /** Writes and syncs what is pending, and closes the files also where that fails. */
  close(done: SyncedCallback): void {
    this.whenSynced((error) => {
      this.supply.close();
      this.sync.close(() => done(error));
      this.active = undefined;
    });
    this.isClosing = true;
  }

  private get statistics(): LogStatistics {
    return this.parts.statistics;
  }

  /** Of the segment behind the last one that has anything in it. */
  private get nextNumber(): number {
    return this.parts.segments.lastNumber + 1;
  }

  /** Writes what waits, if nothing is under way and there is a segment for it. */
  private pump(): void {
    if (this.flightSegment !== undefined) return;
    const { pending, sync } = this;
    const segment = this.segmentToWrite();
    if (segment === undefined || (this.policy === 'always' && sync.isRunning)) return;
    if (pending.flightBatches === 0 && !pending.isEmpty) {
      pending.takeOff();
      this.flightTicket = this.lastTicket;
    }
    const isProbe = this.health.failure !== undefined && segment.bytes === 0;
    if (pending.flightBatches === 0 && !isProbe) return;
    const bytes = pending.sealFor(segment, sync.durableSegment, sync.durableBytes);
    this.flightSegment = segment;
    this.flightBytes = bytes.length;
    segment.file.append(bytes, this.landed);
  }

  private readonly landed = (error: DiskError | undefined): void => {
    const segment = this.flightSegment as OpenSegment;
    this.flightSegment = undefined;
    // It was left meanwhile: what flew to it counts nowhere, and leaves again.
    if (segment !== this.active) return this.pump();
    if (error !== undefined) return this.appendFailed(error);
    const { statistics, policy, sync, health } = this;
    segment.bytes += this.flightBytes;
    this.parts.segments.grow(segment.number, segment.bytes, segment.head.neededCheckpoint > 0);
    this.pending.land();
    this.writtenTicket = this.flightTicket;
    sync.wrote(this.writtenTicket);
    statistics.writes++;
    statistics.writtenBytes += this.flightBytes;
    this.prepareNext(segment);
    this.parts.listener.onWritten(this.writtenTicket);
    if (policy === 'always' || health.failure !== undefined || !this.waiters.isEmpty) sync.request();
    this.reportDurable();
    this.pump();
  };

  private synced(): void {
    const { health, sync, active } = this;
    this.statistics.syncs = sync.syncs;
    if (health.failure !== undefined && active !== undefined && active.syncedBytes > 0) {
      health.proved();
      if (!health.isRefusing) this.parts.listener.onWriting();
    }
    this.parts.listener.onSynced(sync.syncedTicket);
    this.reportDurable();
    this.waiters.answer(sync.syncedTicket);
    this.pump();
  }

  private reportDurable(): void {
    if (this.health.isRefusing) return;
    const ticket = this.policy === 'always' ? this.sync.syncedTicket : this.writtenTicket;
    if (ticket <= this.durableTicket) return;
    this.durableTicket = ticket;
    this.parts.listener.onDurable(ticket);
  }

  /** The active segment, or its successor where that is due; undefined where there is none at the moment. */
  private segmentToWrite(): OpenSegment | undefined {
    const { active, supply } = this;
    if (active === undefined) return this.health.mayTry(this.nowMs) ? this.beginSegment() : undefined;
    const isDue = active.bytes >= this.parts.settings.segmentBytes && !this.sync.hasRetiring;
    if (isDue && supply.isReady(active.number + 1)) return this.rotate();
    return active.bytes + this.pending.bytes > EVENT_LOG_BOUNDS.maxSegmentBytes ? undefined : active;
  }

  /** The old segment is made durable at once, whatever the policy: no two are ever in doubt. */
  private rotate(): OpenSegment | undefined {
    this.statistics.rotations++;
    const next = this.beginSegment();
    if (this.sync.hasRetiring) this.sync.request();
    return next;
  }

  private beginSegment(): OpenSegment | undefined {
    const number = this.nextNumber;
    const file = this.supply.take(number);
    if (file === undefined) return undefined;
    const { lastBytes: previousBytes } = this.parts.segments;
    const neededCheckpoint = this.health.gapSegment === number ? this.health.neededCheckpoint : 0;
    this.active = new OpenSegment({ number, logId: this.parts.logId, previousBytes, neededCheckpoint }, file);
    this.sync.begin(this.active);
    return this.active;
  }

  private prepareNext({ number, bytes }: OpenSegment): void {
    const isSoon = bytes >= this.parts.settings.segmentBytes / 2;
    if (isSoon && !this.supply.isPreparing(number + 1)) this.supply.prepare(number + 1);
  }

  private supplied(error: DiskError | undefined): void {
    const { onStarted } = this;
    this.onStarted = undefined;
    if (error === undefined) this.pump();
    onStarted?.(error);
  }

  private appendFailed(error: DiskError): void {
    this.leave();
    this.fail(error, this.durableTicket + 1);
  }

  private refuse(length: number): Ticket {
    this.statistics.refusedBatches++;
    const isKnown = this.active === undefined && this.health.gapSegment === this.nextNumber;
    if (isKnown) return REFUSED;
    this.detach();
    this.leave();
    const problem = `a batch of ${length} bytes was refused with ${this.pending.bytes} waiting`;
    const path = this.parts.names.segment(this.parts.segments.lastNumber);
    this.fail(new EventLogError('overrun', path, 0, problem), this.durableTicket + 1);
    return REFUSED;
  }

  private syncFailed(error: DiskError): void {
    const { syncedTicket } = this.sync;
    this.detach();
    this.sync.abandon();
    this.leave();
    this.fail(error, syncedTicket + 1);
  }

  /** Something is missing for good from here on: the next segment does not continue what there is. */
  private detach(): void {
    this.wholeTo = this.durable;
    this.health.lost(this.nextNumber, this.parts.nextCheckpoint());
  }

  /** The active segment is done with; what has not arrived there leaves for another one. */
  private leave(): void {
    this.active = undefined;
    this.sync.begin(undefined);
    if (!this.supply.isPreparing(this.nextNumber)) this.supply.prepare(this.nextNumber);
  }

  private fail(error: DiskError | EventLogError, from: Ticket): void {
    const { health, lastTicket: to, parts } = this;
    this.statistics.failures++;
    health.failed(error, this.nowMs);
    this.waiters.fail(error);
    parts.listener.onFailed({ error, from, to, needsCheckpoint: health.gapSegment !== 0 });
  }
}
