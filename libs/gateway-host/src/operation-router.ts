import { NO_NODE, type RoutingTable } from '#libs/cluster';
import { BOUNDS, ByteWriter, errorText, type ErrorCode, latin1Bytes } from '#libs/kernel';
import type { Bus, BusMessage, Clock, Rng } from '#libs/ports';
import {
  appendOperation,
  appendRerouted,
  type OperationFields,
  type PartitionRoute,
  RepliesReader,
  REPLY_STATUS,
  type Subjects,
} from '#libs/wire';
import { InFlightOperations, OPERATION_STATES } from './in-flight-operations.js';
import { InFlightRecords } from './in-flight-records.js';
import type { InFlightFrame, NodeLink } from './node-link.js';
import { NodeLinks } from './node-links.js';
import type { GatewayOptions } from './options.js';
import { hasSameRoute, PartitionRoutes } from './partition-routes.js';
import type { ReplySink } from './reply-sink.js';
import type { GatewayStatistics } from './statistics.js';

const MINUS = 0x2d;

/** An operation over several partitions that was sent back: whoever planned it plans it again, partition by partition. */
export interface RejectedPlan {
  readonly record: Uint8Array;
  readonly commandId: number;
  readonly sink: ReplySink;
  readonly position: number;
  readonly startedMs: number;
  readonly ordinal: number;
}

export interface RouterEvents {
  /** There is something to flush at the end of the turn. */
  onDirty(): void;
  onMultiRejected(plan: RejectedPlan): void;
  /** A node speaks of a newer table than this gateway has. */
  onNewerTable(): void;
}

/**
 * Sends operations to the primaries of their partitions and takes their answers, by these rules: operations of one
 * partition keep their order; after a change of its route a partition's operations wait until the old primary has answered,
 * or timed out on, all earlier ones; an operation is sent again only when it was definitely not executed.
 */
export class OperationRouter {
  readonly operations: InFlightOperations;
  /** Filled by the caller before each send. */
  readonly fields: OperationFields = {
    commandId: 0,
    flags: 0,
    database: 0,
    storeId: 0,
    trace: undefined,
    buffer: new Uint8Array(0),
    offset: 0,
    length: 0,
  };
  routing: RoutingTable | undefined;
  private routes = new PartitionRoutes(1);
  private readonly links: NodeLinks;
  private readonly replies = new RepliesReader();
  private readonly records: InFlightRecords;
  private readonly scratch = new ByteWriter();
  private heldBytes = 0;

  constructor(
    private readonly bus: Bus,
    private readonly clock: Clock,
    rng: Rng,
    subjects: Subjects,
    /** Some change at run time, so they are read when they are needed. */
    private readonly options: GatewayOptions,
    private readonly statistics: GatewayStatistics,
    private readonly events: RouterEvents,
  ) {
    this.operations = new InFlightOperations(options.maxInFlightOperations);
    this.records = new InFlightRecords(this.operations);
    this.links = new NodeLinks(bus, rng, subjects, options.nodeId);
  }

  /** Too much is unanswered: clients are not read until some of it is. */
  get isSaturated(): boolean {
    return this.operations.isFull || this.links.inFlightBytes > this.options.linkCreditBytes * this.links.count;
  }

  room(operations: number): boolean {
    return this.operations.count + operations <= this.operations.capacity;
  }

  isHeld(partition: number): boolean {
    return this.routes.isHeld(partition);
  }

  /** Sends the operation in `fields` to its partition's primary, or keeps it until the partition's route is settled. */
  send(sink: ReplySink, position: number, partition: number, startedMs: number): void {
    const { operations, fields } = this;
    const ordinal = operations.nextOrdinal();
    const slot = operations.allocate(sink, position, fields.commandId, partition, startedMs, ordinal);
    if (this.routes.isHeld(partition)) return this.hold(slot, this.encodeRecord(partition));
    const link = this.linkFor(partition);
    if (link === undefined) return this.fail(slot, 'CLUSTER_DOWN');
    const { epochOf } = this.routing as RoutingTable;
    const id = operations.ids[slot];
    const generation = this.routes.generation[partition];
    const { requestTimeoutMs } = this.options;
    const at = appendOperation(link.writer, fields, id, partition, epochOf[partition], generation, requestTimeoutMs);
    this.routes.outstanding[partition]++;
    this.placed(slot, link, at);
  }

  /** As {@link send} for partitions that one node serves and of which none is held. */
  sendMulti(sink: ReplySink, position: number, partitions: ArrayLike<number>, startedMs: number): void {
    if (partitions.length === 1) return this.send(sink, position, partitions[0], startedMs);
    const { operations, fields } = this;
    const first = partitions[0];
    const slot = operations.allocate(sink, position, fields.commandId, first, startedMs, operations.nextOrdinal());
    operations.multi[slot] = 1;
    const link = this.linkFor(first);
    if (link === undefined) return this.fail(slot, 'CLUSTER_DOWN');
    const { epochOf } = this.routing as RoutingTable;
    const routes = Array.from({ length: partitions.length - 1 }, (_, i) => this.routeOf(partitions[i + 1]));
    const { requestTimeoutMs } = this.options;
    const generation = this.routes.generation[first];
    const id = operations.ids[slot];
    const at = appendOperation(link.writer, fields, id, first, epochOf[first], generation, requestTimeoutMs, routes);
    for (let i = 0; i < partitions.length; i++) this.routes.outstanding[partitions[i]]++;
    this.placed(slot, link, at);
  }

  /** Keeps one partition's share of a rejected operation, in the order of the original. */
  holdShare(plan: RejectedPlan, sink: ReplySink, position: number, partition: number): void {
    const { operations } = this;
    if (!this.room(1)) return this.answerError(sink, position, 'BUSY');
    const slot = operations.allocate(sink, position, plan.commandId, partition, plan.startedMs, plan.ordinal);
    this.routes.hold(partition, this.clock.monotonicMs() + this.options.retryMs);
    this.hold(slot, this.encodeRecord(partition));
  }

  /** Sends every frame that this turn has filled. */
  flush(): void {
    for (const link of this.links.takeDirty()) if (link.pending > 0) this.flushLink(link);
  }

  onMessage(message: BusMessage): void {
    const { link, token } = this.links.ofSubject(message.subject);
    if (link === undefined) return;
    if (message.noResponders) return this.onNoResponders(link, Number(token));
    const frame = link.receive(message.payload);
    if (frame !== undefined) this.onReplies(link, frame);
  }

  /** Follows a new table: a partition whose route changed waits for the answers of its old primary. */
  onTable(routing: RoutingTable): void {
    const before = this.routing;
    if (this.routes.partitionCount !== routing.partitionCount)
      this.routes = new PartitionRoutes(routing.partitionCount);
    this.routing = routing;
    this.links.onTable(routing);
    for (let partition = 0; partition < routing.partitionCount; partition++) {
      if (before === undefined || hasSameRoute(before, routing, partition)) continue;
      if (this.routes.isHeld(partition) || this.routes.outstanding[partition] > 0) this.routes.hold(partition, 0);
    }
    this.retry();
  }

  /** Sends the operations of held partitions whose time has come. */
  retry(): void {
    if (this.routes.heldCount === 0) return;
    const nowMs = this.clock.monotonicMs();
    for (const partition of this.routes.heldPartitions()) this.releaseIfReady(partition, nowMs);
  }

  /** Answers operations that are overdue: whether a sent one was executed is unknown, so it is not repeated. */
  sweep(nowMs: number): void {
    const { operations } = this;
    for (const link of this.links.all()) link.tick(nowMs);
    let isFlushed = false;
    for (;;) {
      const slot = operations.oldest();
      if (slot < 0 || operations.startedMs[slot] + this.options.requestTimeoutMs > nowMs) return;
      if (!isFlushed) {
        isFlushed = true;
        this.flush();
        continue;
      }
      this.statistics.timeouts++;
      if (operations.state[slot] === OPERATION_STATES.held) this.failHeld(slot);
      else this.failSent(slot, 'TIMEOUT');
    }
  }

  /** The bus is gone: what waits here was not executed, and says so at once. */
  onDisconnect(): void {
    for (const partition of this.routes.heldPartitions()) {
      for (const id of this.routes.takeQueue(partition)) {
        const slot = this.operations.slotOf(id);
        if (slot >= 0) this.fail(slot, 'CLUSTER_DOWN');
      }
    }
    for (const link of this.links.all()) {
      for (const frame of link.abandonBacklog())
        this.records.forEachIn(frame, (slot) => this.failSent(slot, 'CLUSTER_DOWN'));
    }
  }

  private linkFor(partition: number): NodeLink | undefined {
    if (this.routing === undefined || this.bus.status !== 'connected') return undefined;
    const node = this.routing.servingOf[partition];
    return node === NO_NODE ? undefined : this.links.at(node);
  }

  private routeOf(partition: number): PartitionRoute {
    const epoch = this.routing?.epochOf[partition] ?? 0;
    return { partition, epoch, generation: this.routes.generation[partition] };
  }

  private placed(slot: number, link: NodeLink, recordOffset: number): void {
    const { operations } = this;
    operations.state[slot] = OPERATION_STATES.sent;
    operations.frames[slot] = link.current;
    operations.recordOffsets[slot] = recordOffset;
    link.current.remaining++;
    link.pending++;
    if (this.links.markDirty(link)) this.events.onDirty();
    if (link.writer.length >= BOUNDS.flushFrameBytes) this.flushLink(link);
  }

  private flushLink(link: NodeLink): void {
    const refused = this.links.flush(link, this.routing?.tableVersion ?? 0);
    this.statistics.framesOut++;
    if (refused !== undefined) this.records.forEachIn(refused, (slot) => this.failSent(slot, 'CLUSTER_DOWN'));
  }

  private onReplies(link: NodeLink, frame: Uint8Array): void {
    const { replies, operations } = this;
    this.statistics.framesIn++;
    replies.open(frame);
    if (replies.incarnation !== link.incarnation) return;
    if (replies.tableVersion > (this.routing?.tableVersion ?? 0)) this.events.onNewerTable();
    const nowMs = this.clock.monotonicMs();
    while (replies.advance()) {
      const slot = operations.slotOf(replies.operationId);
      const sentIn = slot < 0 ? undefined : operations.frames[slot];
      if (sentIn?.bytes === undefined || sentIn.link !== link) continue;
      if (replies.status !== REPLY_STATUS.executed) {
        this.reject(slot, nowMs);
        continue;
      }
      const commandId = operations.commandIds[slot];
      this.statistics.observeLatency(commandId, nowMs - operations.startedMs[slot]);
      if (replies.buffer[replies.replyOffset] === MINUS) this.statistics.errors[commandId]++;
      const sink = operations.sinks[slot] as ReplySink;
      const position = operations.positions[slot];
      if (this.routes.heldCount > 0) this.noteExecuted(slot);
      this.settle(slot, nowMs);
      operations.release(slot);
      sink.onReply(position, replies.buffer, replies.replyOffset, replies.replyLength);
    }
  }

  /** Nobody listens for that node: the frame, and only that one, was not executed. */
  private onNoResponders(link: NodeLink, sequence: number): void {
    const frame = link.frames.get(sequence);
    if (frame === undefined) return;
    const nowMs = this.clock.monotonicMs();
    this.records.forEachIn(frame, (slot) => this.reject(slot, nowMs));
    link.abandon(frame);
  }

  /** The operation was definitely not executed: it waits, in its place, to be sent again. */
  private reject(slot: number, nowMs: number): void {
    const record = this.records.copyOf(slot);
    this.records.forEachPartition(slot, (each) => this.routes.hold(each, nowMs + this.options.retryMs));
    this.settle(slot, nowMs);
    if (this.operations.multi[slot] === 1) return this.replan(slot, record);
    this.operations.renew(slot);
    this.hold(slot, record);
  }

  private replan(slot: number, record: Uint8Array): void {
    const { operations } = this;
    const plan: RejectedPlan = {
      record,
      commandId: operations.commandIds[slot],
      sink: operations.sinks[slot] as ReplySink,
      position: operations.positions[slot],
      startedMs: operations.startedMs[slot],
      ordinal: operations.ordinals[slot],
    };
    operations.release(slot);
    this.events.onMultiRejected(plan);
  }

  private hold(slot: number, record: Uint8Array): void {
    const { operations } = this;
    operations.state[slot] = OPERATION_STATES.held;
    if (this.heldBytes + record.length > this.options.maxHeldBytes) return this.fail(slot, 'BUSY');
    operations.records[slot] = record;
    this.heldBytes += record.length;
    this.routes.enqueue(operations.partitions[slot], operations.ids[slot]);
  }

  private releaseIfReady(partition: number, nowMs: number): void {
    if (!this.routes.isReady(partition, nowMs)) return;
    const { operations } = this;
    const waiting = this.routes.takeQueue(partition).map((id) => operations.slotOf(id));
    const slots = waiting
      .filter((slot) => slot >= 0)
      .toSorted((a, b) => operations.ordinals[a] - operations.ordinals[b]);
    this.routes.open(partition);
    for (const slot of slots) this.resend(slot, partition, nowMs);
  }

  /**
   * A frame that nobody listened for leaves no fence behind: later frames of the same pipeline may find the node back, and
   * what they carry is executed. What was to be repeated before it can then only fail.
   */
  private noteExecuted(slot: number): void {
    const ordinal = this.operations.ordinals[slot];
    this.records.forEachPartition(slot, (partition) => this.routes.executed(partition, ordinal));
  }

  private resend(slot: number, partition: number, nowMs: number): void {
    const { operations } = this;
    const link = this.linkFor(partition);
    if (link === undefined) return this.fail(slot, 'CLUSTER_DOWN');
    if (this.routes.isOvertaken(partition, operations.ordinals[slot])) return this.fail(slot, 'TRY_AGAIN');
    const record = operations.records[slot] as Uint8Array;
    this.heldBytes -= record.length;
    operations.records[slot] = undefined;
    const { epochOf } = this.routing as RoutingTable;
    const deadlineMs = Math.max(1, operations.startedMs[slot] + this.options.requestTimeoutMs - nowMs);
    const generation = this.routes.generation[partition];
    const at = appendRerouted(link.writer, record, operations.ids[slot], epochOf[partition], generation, deadlineMs);
    this.statistics.retries++;
    this.routes.outstanding[partition]++;
    this.placed(slot, link, at);
  }

  private encodeRecord(partition: number): Uint8Array {
    this.scratch.reset();
    const { requestTimeoutMs } = this.options;
    appendOperation(this.scratch, this.fields, 0, partition, 0, 0, requestTimeoutMs);
    return this.scratch.toBytes();
  }

  /** A sent operation is over: its frame and its partitions count one less. */
  private settle(slot: number, nowMs: number): void {
    const frame = this.operations.frames[slot] as InFlightFrame;
    if (this.operations.multi[slot] === 0) this.settlePartition(this.operations.partitions[slot], nowMs);
    else this.records.forEachPartition(slot, (partition) => this.settlePartition(partition, nowMs));
    this.links.settle(frame);
  }

  private settlePartition(partition: number, nowMs: number): void {
    const left = --this.routes.outstanding[partition];
    if (left === 0 && this.routes.isHeld(partition)) this.releaseIfReady(partition, nowMs);
  }

  private failSent(slot: number, code: ErrorCode): void {
    (this.operations.frames[slot] as InFlightFrame).isLost = true;
    this.settle(slot, this.clock.monotonicMs());
    this.fail(slot, code);
  }

  private failHeld(slot: number): void {
    const isServed = this.linkFor(this.operations.partitions[slot]) !== undefined;
    this.fail(slot, isServed ? 'TRY_AGAIN' : 'CLUSTER_DOWN');
  }

  /** Answers an error; a sent operation must have been settled. */
  private fail(slot: number, code: ErrorCode): void {
    const { operations } = this;
    const sink = operations.sinks[slot] as ReplySink;
    const position = operations.positions[slot];
    this.heldBytes -= operations.records[slot]?.length ?? 0;
    this.statistics.errors[operations.commandIds[slot]]++;
    if (code === 'TIMEOUT') operations.retire(slot);
    else operations.release(slot);
    this.answerError(sink, position, code);
  }

  private answerError(sink: ReplySink, position: number, code: ErrorCode): void {
    if (code === 'CLUSTER_DOWN') this.statistics.clusterDown++;
    const line = latin1Bytes(`-${errorText(code)}\r\n`);
    sink.onReply(position, line, 0, line.length);
  }
}
