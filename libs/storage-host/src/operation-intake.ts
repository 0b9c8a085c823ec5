/**
 * What gateways send a storage node, and what it answers: drops what comes twice or late, keeps what is ahead of the node's
 * table, executes operations in their order, and hands finished replies on. Synchronous: a frame's operations run to their
 * end in the call that brings it.
 */
import type { CommandTable } from '#libs/commands';
import type { EventBatch } from '#libs/events';
import { BOUNDS, DecodeError } from '#libs/kernel';
import type { BusMessage } from '#libs/ports';
import { ReplyWriter } from '#libs/resp';
import {
  beginRepliesFrame,
  beginReply,
  decodePartAck,
  encodePartAck,
  endReply,
  finishRepliesFrame,
  FRAME_TYPES,
  FrameSlab,
  OperationsReader,
  readFrameType,
  REPLY_STATUS,
} from '#libs/wire';
import type { GatewayLink } from './gateway-link.js';
import { GatewayLinks } from './gateway-links.js';
import { StorageKeyspace } from './keyspace.js';
import { LookAhead } from './look-ahead.js';
import type { NodeStores } from './node-stores.js';
import { OperationExecutor } from './operation-executor.js';
import type { StorageOptions } from './options.js';
import { PartitionOwnership, type RouteVerdict } from './partition-ownership.js';
import type { Durability } from './persistence/durability.js';
import type { ShardClock } from './shard-clock.js';
import type { StorageStatistics } from './statistics.js';
import type { StoragePorts } from './storage-ports.js';
import { type WaitingOperation, WaitingOperations } from './waiting-operations.js';

export interface OperationIntakeParts {
  readonly ports: StoragePorts;
  readonly options: StorageOptions;
  readonly commands: CommandTable;
  readonly events: EventBatch;
  readonly nodeStores: NodeStores;
  readonly statistics: StorageStatistics;
  readonly shardClock: ShardClock;
  readonly durability: Durability;
  /** The subject that gateways send operations to. */
  readonly subject: string;
  requestTable(): void;
  /** The turn's events are complete. */
  endTurn(): void;
}

export class OperationIntake {
  readonly links: GatewayLinks;
  private ownership = new PartitionOwnership(1);
  private isMember = false;
  private tableVersion = 0;
  /** Too much waits to be durable, so that nothing of the frame under way is executed. */
  private isFull = false;
  private readonly reader = new OperationsReader();
  private readonly reply = new ReplyWriter(BOUNDS.flushFrameBytes);
  private readonly slab = new FrameSlab();
  private readonly lookAhead: LookAhead;
  private executor: OperationExecutor;
  private readonly waiting: WaitingOperations;
  /** The operation that goes on after it has waited, while it is executed. */
  private resumed: WaitingOperation | undefined;

  constructor(private readonly parts: OperationIntakeParts) {
    const { ports, options, nodeStores, commands, subject } = parts;
    this.links = new GatewayLinks(ports.data, ports.rng, ports.data.maxPayloadBytes, subject);
    this.lookAhead = new LookAhead(nodeStores.byId, options.lookAheadOperations, options.lookAheadStoreBytes);
    this.executor = this.makeExecutor();
    this.waiting = new WaitingOperations(commands, this.executor.scanner);
  }

  /**
   * A newer table. `isMember`: it counts this very process as the node. What waited for it goes on, and what waits in partitions
   * that are gone is sent back.
   */
  onTable(ownership: PartitionOwnership, isMember: boolean, tableVersion: number): void {
    if (ownership !== this.ownership) {
      this.ownership = ownership;
      this.executor = this.makeExecutor();
    }
    this.isMember = isMember;
    this.tableVersion = tableVersion;
    const lost = this.waiting.takeWhere((partition) => !ownership.isServing(partition));
    this.answerAll(lost, (link, reader, nowMs) => this.runOrReject(link, reader, nowMs));
    for (const link of this.links.all()) if (link.parked.length > 0) this.unpark(link);
  }

  onOperations(message: BusMessage): void {
    if (message.replyTo === undefined || message.noResponders) return;
    this.parts.statistics.framesIn++;
    const link = this.links.of(message.replyTo, this.parts.ports.clock.monotonicMs());
    this.guard(() => {
      const { payload } = message;
      const type = readFrameType(payload);
      if (type === FRAME_TYPES.OPERATIONS) this.receive(link, payload);
      else if (type === FRAME_TYPES.PART) this.receivePart(link, payload);
      else if (type === FRAME_TYPES.PART_ACK) this.acknowledgePart(link, payload);
      else this.parts.statistics.malformedFrames++;
    });
  }

  private receivePart(link: GatewayLink, part: Uint8Array): void {
    const whole = link.assembler.accept(part);
    link.transmit(encodePartAck(part));
    if (whole === undefined) return;
    if (readFrameType(whole) !== FRAME_TYPES.OPERATIONS) throw new DecodeError('parts of another frame type');
    this.receive(link, whole);
  }

  private acknowledgePart(link: GatewayLink, ack: Uint8Array): void {
    const { incarnation, messageId, index } = decodePartAck(ack);
    link.sender.onAck(incarnation, messageId, index);
  }

  private receive(link: GatewayLink, frame: Uint8Array): void {
    const { reader } = this;
    reader.open(frame);
    if (!link.accept(reader.incarnation, reader.sequence)) {
      this.parts.statistics.duplicateFrames++;
      return;
    }
    const isNewer = reader.tableVersion > this.tableVersion;
    if (isNewer || link.parked.length > 0) {
      if (this.park(link, frame)) return;
      this.unpark(link);
      reader.open(frame);
    }
    this.execute(link);
  }

  /** Keeps a frame until the newer table that its sender knows has arrived here too. */
  private park(link: GatewayLink, frame: Uint8Array): boolean {
    if (!link.park(frame, this.parts.ports.clock.monotonicMs())) return false;
    this.parts.requestTable();
    return true;
  }

  private unpark(link: GatewayLink): void {
    for (const frame of link.takeParked()) {
      this.guard(() => {
        this.reader.open(frame);
        this.execute(link);
      });
    }
  }

  /** Executes the opened frame's operations in order and answers them. */
  private execute(link: GatewayLink): void {
    const { reader, reply, lookAhead } = this;
    const { nodeStores, ports, shardClock } = this.parts;
    const nowMs = shardClock.nowMs();
    const beginMs = ports.clock.monotonicMs();
    const incarnation = reader.incarnation;
    this.isFull = this.parts.durability.isFull;
    beginRepliesFrame(reply);
    let count = 0;
    try {
      lookAhead.begin(reader);
      while (reader.advance()) {
        lookAhead.step();
        if (this.runOrReject(link, reader, nowMs)) count++;
        if (reply.length < BOUNDS.flushFrameBytes) continue;
        this.sendReplies(link, incarnation, count);
        beginRepliesFrame(reply);
        count = 0;
      }
    } finally {
      if (count > 0) this.sendReplies(link, incarnation, count);
      nodeStores.endFrame(ports.clock.monotonicMs() - beginMs, nowMs);
      this.parts.endTurn();
    }
  }

  /** True where it was answered; false where it waits. */
  private runOrReject(link: GatewayLink, reader: OperationsReader, nowMs: number): boolean {
    const verdict = this.isMember ? link.judge(reader, this.ownership) : 'stale';
    if (verdict !== 'serve') {
      this.reject(link, reader, verdict);
      return true;
    }
    if (this.isFull) {
      this.executor.refuse(reader, 'BUSY');
      return true;
    }
    const { waiting } = this;
    const isBlocked = !waiting.isEmpty && waiting.isBlocked(reader);
    const store = this.parts.nodeStores.byId.get(reader.storeId);
    if (!isBlocked && this.executor.run(reader, store, nowMs) === 'done') return true;
    if (waiting.add(reader, link, this.deadlineOf(reader)) !== undefined) return false;
    this.executor.refuse(reader, 'BUSY');
    return true;
  }

  /** When the operation's gateway gives it up; one that has waited before does not get longer by that. */
  private deadlineOf(reader: OperationsReader): number {
    return this.resumed?.deadlineMs ?? this.parts.ports.clock.monotonicMs() + reader.deadlineMs;
  }

  /** Executes, in order, the operations that wait for a key; see {@link WaitingOperations.nameOf}. */
  wake(name: string): void {
    this.answerAll(this.waiting.take(name), (link, reader, nowMs) => this.runOrReject(link, reader, nowMs));
  }

  /** Runs `answer` over operations that stand alone, each answered in a frame of its own. */
  private answerAll(
    operations: readonly WaitingOperation[],
    answer: (link: GatewayLink, reader: OperationsReader, nowMs: number) => boolean,
  ): void {
    if (operations.length === 0) return;
    const nowMs = this.parts.shardClock.nowMs();
    const beginMs = this.parts.ports.clock.monotonicMs();
    for (const operation of operations) {
      const { link, incarnation } = operation;
      if (incarnation !== link.incarnation) continue;
      beginRepliesFrame(this.reply);
      this.resumed = operation;
      if (answer(link, this.waiting.open(operation), nowMs)) this.sendReplies(link, incarnation, 1);
    }
    this.resumed = undefined;
    this.parts.nodeStores.endFrame(this.parts.ports.clock.monotonicMs() - beginMs, nowMs);
    this.parts.endTurn();
  }

  private reject(link: GatewayLink, reader: OperationsReader, verdict: RouteVerdict): void {
    this.parts.statistics.rejected++;
    link.raiseFences(reader, this.ownership.partitionCount);
    const at = beginReply(this.reply);
    endReply(this.reply, at, reader.operationId, verdict === 'moving' ? REPLY_STATUS.moving : REPLY_STATUS.stale);
  }

  private sendReplies(link: GatewayLink, incarnation: number, count: number): void {
    finishRepliesFrame(this.reply, incarnation, this.tableVersion, count);
    this.parts.statistics.framesOut++;
    this.parts.durability.reply(link.sender, this.slab.copy(this.reply.buffer, this.reply.length));
  }

  tick(nowMs: number): void {
    if (!this.waiting.isEmpty) this.waiting.expire(nowMs);
    for (const link of this.links.all()) {
      if (link.parked.length > 0 && nowMs - link.parkedSinceMs >= this.parts.options.parkMs) this.unpark(link);
      link.sender.tick(nowMs, BOUNDS.partAckMs);
    }
  }

  /** Runs an action that reads what others have sent: what is malformed is dropped and counted. */
  guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.parts.statistics.malformedFrames++;
      this.parts.ports.logger.log('WARN', 'STORAGE_ENGINE', `malformed frame dropped: ${error.message}`);
    }
  }

  private makeExecutor(): OperationExecutor {
    const { ports, options, commands, events, nodeStores, statistics, durability } = this.parts;
    const { remover, pressured } = nodeStores;
    const { reply, ownership } = this;
    const keyspace = new StorageKeyspace(events, reply, ownership, ports.rng, statistics, remover, pressured);
    return new OperationExecutor(
      commands,
      keyspace,
      reply,
      options,
      nodeStores,
      statistics,
      ports.telemetry,
      ports.logger,
      durability,
    );
  }
}
