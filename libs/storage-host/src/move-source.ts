import { encodeMoveFinished, type MoveProgress } from '#libs/cluster';
import { EVENT_KINDS, EventBatch, EventReader } from '#libs/events';
import { ByteWriter } from '#libs/kernel';
import type { Bus, Clock, Logger, Rng } from '#libs/ports';
import { beginMoveFrame, finishMoveFrame, MOVE_KINDS, type MoveAck, PartSender, type Subjects } from '#libs/wire';
import type { StorageOptions } from './options.js';
import { CopyBudget } from './copy-budget.js';
import { CopyPosition, ShardCopier } from './shard-copier.js';
import type { StoreShards } from './store-shards.js';

/** One copy under way; its outcome is reported until the coordinator's table ends it. */
interface OutgoingMove {
  readonly partition: number;
  readonly epoch: number;
  readonly moveId: number;
  readonly target: string;
  readonly token: number;
  readonly sender: PartSender;
  readonly position: CopyPosition;
  /** What has changed in the partition since the copy began and has not been sent, as records. */
  readonly changes: ByteWriter;
  /** All entries have been copied, as they were when it was their turn. */
  isScanned: boolean;
  /** Nothing changes in the partition any more. */
  isSealed: boolean;
  index: number;
  kind: number;
  sentAtMs: number;
  bytesCopied: number;
  /** The next chunk waits until the budget allows it. */
  isHeldBack: boolean;
  /** The target's process that has acknowledged the whole copy. */
  targetIncarnation: number;
  outcome: 'copying' | 'copied' | 'failed';
  reason: string;
}

/** With so little that is not sent yet, one more frame ends the copy: the partition is sealed for it. */
const SEAL_BELOW_BYTES = 64 * 1024;
/** A partition that changes faster than it can be copied is sealed before more than this has come up. */
const MAX_CHANGES_BYTES = 4 * 1024 * 1024;

export interface MoveSourcePorts {
  readonly control: Bus;
  readonly data: Bus;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
}

/**
 * Copies partitions to their next primary: chunk by chunk, each sent when the one before has been acknowledged, while
 * operations go on and their changes are sent along. Only for the last of them is the partition sealed. The coordinator
 * alone decides how a move ends; until its table says so, the partition stays sealed.
 */
export class MoveSource {
  /** Set with the first table. */
  clusterId = '';
  /** Total since the start. */
  bytesSent = 0;
  private readonly moves = new Map<number, OutgoingMove>();
  private readonly writer = new ByteWriter(64 * 1024);
  private readonly records = new EventBatch();
  private readonly copier: ShardCopier;
  private readonly budget: CopyBudget;
  private readonly reader = new EventReader();
  /** By partition: the moves whose partition still changes. */
  private readonly followed = new Map<number, OutgoingMove>();

  constructor(
    private readonly ports: MoveSourcePorts,
    private readonly subjects: Subjects,
    private readonly options: StorageOptions,
    private readonly stores: () => readonly StoreShards[],
    private readonly incarnation: number,
    private readonly maxFrameBytes: number,
    /** Nothing is executed in the partition from then on. */
    private readonly seal: (partition: number) => void,
  ) {
    this.copier = new ShardCopier(this.records, options.moveChunkBytes);
    this.budget = new CopyBudget(options.moveBytesPerSecond, ports.clock);
  }

  /** Whether that very move is under way: an aborted one may be followed by another to the same node. */
  isUnderWay(partition: number, moveId: number): boolean {
    return this.moves.get(partition)?.moveId === moveId;
  }

  progress(): readonly MoveProgress[] {
    return [...this.moves.values()].map(({ partition, bytesCopied }) => ({ partition, bytesCopied }));
  }

  /** Notes what has happened in partitions that are being copied; to be called with the events of each turn. */
  follow(events: EventBatch): void {
    if (this.followed.size === 0) return;
    const { reader } = this;
    const { buffer } = events.writer;
    reader.open(buffer, 0, events.length);
    while (reader.advance()) {
      const move = this.followed.get(reader.partition);
      // An epoch that starts is no change of an entry.
      if (move === undefined || reader.kind === EVENT_KINDS.epochStarted) continue;
      move.changes.bytes(buffer, reader.recordOffset, reader.recordLength);
    }
    for (const move of this.followed.values()) if (move.changes.length > MAX_CHANGES_BYTES) this.sealFor(move);
  }

  /** Starts copying a partition that this node serves. */
  begin(partition: number, epoch: number, moveId: number, target: string): void {
    const subject = this.subjects.moves(target);
    const replyTo = this.subjects.moves(this.options.nodeId);
    const move: OutgoingMove = {
      partition,
      epoch,
      moveId,
      target,
      token: moveId >>> 0,
      sender: new PartSender(this.ports.rng.nextU32(), this.maxFrameBytes, (frame) =>
        this.ports.data.publish(subject, frame, { replyTo }),
      ),
      position: new CopyPosition(partition),
      changes: new ByteWriter(),
      isScanned: false,
      isSealed: false,
      index: 0,
      kind: MOVE_KINDS.begin,
      sentAtMs: 0,
      bytesCopied: 0,
      isHeldBack: false,
      targetIncarnation: 0,
      outcome: 'copying',
      reason: '',
    };
    this.moves.set(partition, move);
    this.followed.set(partition, move);
    this.send(move);
  }

  /** The coordinator's table has ended the move, one way or the other. */
  end(partition: number): void {
    this.moves.delete(partition);
    this.followed.delete(partition);
  }

  onAck(ack: MoveAck): void {
    const move = this.moves.get(ack.partition);
    if (move === undefined || ack.token !== move.token || ack.index !== move.index || move.outcome !== 'copying')
      return;
    if (!ack.accepted) return this.fail(move, 'the target refused it: out of memory or no longer the target');
    if (move.kind === MOVE_KINDS.end) {
      move.targetIncarnation = ack.incarnation;
      return this.finish(move, 'copied', '');
    }
    move.index++;
    move.isHeldBack = !this.budget.isOpen;
    if (!move.isHeldBack) this.sendNext(move);
  }

  onPartAck(incarnation: number, messageId: number, index: number): void {
    for (const move of this.moves.values()) move.sender.onAck(incarnation, messageId, index);
  }

  /** Looks for acknowledgements that are overdue, and repeats reports that the coordinator has not answered. */
  tick(nowMs: number): void {
    for (const move of this.moves.values()) {
      if (move.isHeldBack) {
        this.goOn(move, nowMs);
        continue;
      }
      if (nowMs - move.sentAtMs < this.options.moveAckMs) continue;
      if (move.outcome === 'copying') this.fail(move, `no acknowledgement within ${this.options.moveAckMs} ms`);
      else this.report(move);
    }
  }

  /** The target has acknowledged everything so far, so it is not overdue. */
  private goOn(move: OutgoingMove, nowMs: number): void {
    move.sentAtMs = nowMs;
    if (!this.budget.isOpen) return;
    move.isHeldBack = false;
    this.sendNext(move);
  }

  /** A frame has what has changed, then what comes next of the copy: each is as things were later than what is before it. */
  private sendNext(move: OutgoingMove): void {
    this.records.reset();
    if (!move.isScanned) move.isScanned = !this.copier.collect(move.position, this.stores());
    if (move.isScanned && move.changes.length <= SEAL_BELOW_BYTES) this.sealFor(move);
    const isLast = move.isScanned && move.isSealed && move.changes.length === 0;
    move.kind = isLast ? MOVE_KINDS.end : MOVE_KINDS.records;
    this.send(move);
  }

  private sealFor(move: OutgoingMove): void {
    move.isSealed = true;
    this.followed.delete(move.partition);
    this.seal(move.partition);
  }

  private send(move: OutgoingMove): void {
    const { partition, epoch, token, index, kind, changes } = move;
    beginMoveFrame(this.writer, { kind, partition, epoch, token, index });
    if (kind === MOVE_KINDS.records) {
      this.writer.bytes(changes.buffer, 0, changes.length);
      this.writer.bytes(this.records.writer.buffer, 0, this.records.writer.length);
      changes.reset();
    }
    if (kind === MOVE_KINDS.end) this.writeSequences(partition);
    const frame = finishMoveFrame(this.writer);
    move.bytesCopied += frame.length;
    this.bytesSent += frame.length;
    this.budget.spend(frame.length);
    move.sentAtMs = this.ports.clock.monotonicMs();
    if (!move.sender.send(frame)) this.fail(move, 'the bus refused the frame');
  }

  private writeSequences(partition: number): void {
    const stores = this.stores();
    this.writer.u16(stores.length);
    for (const store of stores) {
      this.writer.u16(store.definition.id);
      this.writer.u53(store.sequences[partition]);
    }
  }

  private fail(move: OutgoingMove, reason: string): void {
    this.finish(move, 'failed', reason);
  }

  private finish(move: OutgoingMove, outcome: 'copied' | 'failed', reason: string): void {
    if (move.outcome !== 'copying') return;
    move.outcome = outcome;
    this.followed.delete(move.partition);
    move.reason = reason;
    this.report(move);
  }

  private report(move: OutgoingMove): void {
    move.sentAtMs = this.ports.clock.monotonicMs();
    const report = encodeMoveFinished({
      clusterId: this.clusterId,
      partition: move.partition,
      epoch: move.epoch,
      source: this.options.nodeId,
      target: move.target,
      moveId: move.moveId,
      incarnation: this.incarnation,
      targetIncarnation: move.targetIncarnation,
      ok: move.outcome === 'copied',
      reason: move.reason,
    });
    this.ports.control.request(this.subjects.moveFinished, report, this.options.moveAckMs, (outcome) => {
      if (!outcome.ok) this.log(`coordinator did not answer about partition ${move.partition}: ${outcome.reason}`);
    });
    if (move.outcome === 'failed')
      this.log(`move of partition ${move.partition} to ${move.target} failed: ${move.reason}`);
  }

  private log(message: string): void {
    this.ports.logger.log('WARN', 'REPLICATION', message, { nodeId: this.options.nodeId });
  }
}
