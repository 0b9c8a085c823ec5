import type { ClusterTable, RoutingTable } from '#libs/cluster';
import { type ClusterMember, drawIncarnation } from '#libs/cluster-member';
import type { CommandTable } from '#libs/commands';
import { EventBatch } from '#libs/events';
import { BOUNDS, DecodeError } from '#libs/kernel';
import type { BusMessage, BusSubscription, TimerHandle } from '#libs/ports';
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
  subjectsOf,
  type Subjects,
} from '#libs/wire';
import { Drain } from './drain.js';
import type { GatewayLink } from './gateway-link.js';
import { GatewayLinks } from './gateway-links.js';
import { StorageKeyspace } from './keyspace.js';
import { GroupPositions } from './group-positions.js';
import { LookAhead } from './look-ahead.js';
import { memberStats } from './member-stats.js';
import { MemorySlices } from './memory-slices.js';
import { MoveEndpoint } from './move-endpoint.js';
import { MoveSource } from './move-source.js';
import { MoveTarget } from './move-target.js';
import { NodeStores } from './node-stores.js';
import { OperationExecutor } from './operation-executor.js';
import type { StorageOptions } from './options.js';
import { PARTITION_STATES, PartitionOwnership, type RouteVerdict } from './partition-ownership.js';
import { ShardClock } from './shard-clock.js';
import { storageMember } from './storage-member.js';
import { type Durability, NO_LOG } from './persistence/durability.js';
import type { StoragePorts } from './storage-ports.js';
import { applyTable } from './table-change.js';
import { StorageStatistics } from './statistics.js';
import type { StoreShards } from './store-shards.js';
import { type WaitingOperation, WaitingOperations } from './waiting-operations.js';

const TICK_MS = 50;

/**
 * A storage node: executes the operations of the partitions that the cluster table gives it, and answers with finished
 * RESP bytes. Synchronous: a frame's operations run to their end in the call that delivers it.
 */
export class StorageHost {
  readonly statistics: StorageStatistics;
  readonly incarnation: number;
  readonly nodeStores: NodeStores;
  readonly stores: ReadonlyMap<number, StoreShards>;
  ownership = new PartitionOwnership(1);
  /** Called when a later process has taken the node id: this one should end. */
  onSuperseded: () => void = () => undefined;
  /** Called with each new table, before anything else follows it. */
  onNewTable: (table: ClusterTable) => void = () => undefined;
  /** Sees the events of every turn before they are dropped; the batch is reused, nothing of it may be kept. */
  onEvents: (events: EventBatch) => void = () => undefined;

  private readonly subjects: Subjects;
  private readonly member: ClusterMember;
  private readonly links: GatewayLinks;
  private readonly reader = new OperationsReader();
  private readonly reply = new ReplyWriter(BOUNDS.flushFrameBytes);
  private readonly slab = new FrameSlab();
  private readonly events = new EventBatch();
  private readonly lookAhead: LookAhead;
  private readonly moveSource: MoveSource;
  private moveTarget: MoveTarget;
  private keyspace: StorageKeyspace;
  private executor: OperationExecutor;
  private readonly waiting: WaitingOperations;
  private readonly subscriptions: BusSubscription[] = [];
  private readonly handles: TimerHandle[] = [];
  private readonly shardClock: ShardClock;
  private readonly drainage: Drain;
  private readonly memorySlices: MemorySlices;
  private readonly durability: Durability = NO_LOG;
  /** Whether the table counts this very process as the node. */
  private isMember = false;
  private stopping = false;

  constructor(
    private readonly ports: StoragePorts,
    private readonly options: StorageOptions,
    private readonly table: CommandTable,
  ) {
    const { rng, data, clock, logger } = ports;
    this.incarnation = drawIncarnation(rng);
    this.shardClock = new ShardClock(clock);
    const { nodeId, drainTimeoutMs: timeoutMs } = options;
    this.drainage = new Drain({ nodeId, incarnation: this.incarnation, timeoutMs, clock, logger });
    this.subjects = subjectsOf(options.cluster);
    this.statistics = new StorageStatistics(table.maxId + 1);
    this.nodeStores = new NodeStores(this.events, this.statistics, options, ports.logger);
    this.stores = this.nodeStores.byId;
    const { memory } = this.nodeStores;
    const shardTimeMs = (): number => this.shardClock.nowMs();
    this.memorySlices = new MemorySlices(memory, clock, ports.timers, shardTimeMs, () => this.emitEvents());
    const maxFrameBytes = data.maxPayloadBytes;
    this.links = new GatewayLinks(data, rng, maxFrameBytes, this.subjects.operations(options.nodeId));
    this.lookAhead = new LookAhead(this.stores, options.lookAheadOperations, options.lookAheadStoreBytes);
    this.moveSource = new MoveSource(
      ports,
      this.subjects,
      options,
      () => [...this.stores.values()],
      this.incarnation,
      maxFrameBytes,
      (partition) => this.seal(partition),
    );
    this.moveTarget = this.makeMoveTarget();
    this.keyspace = this.makeKeyspace();
    this.executor = this.makeExecutor();
    this.waiting = new WaitingOperations(table, this.executor.scanner);
    this.member = this.makeMember();
  }

  /** Has a cluster table in which this process takes part, and a bus to work with. */
  get ready(): boolean {
    return !this.stopping && this.isMember && this.ports.data.status === 'connected';
  }

  /** Sent to other nodes because partitions move, since the start. */
  get movedBytes(): number {
    return this.moveSource.bytesSent;
  }

  get routing(): RoutingTable | undefined {
    return this.member.routing;
  }

  start(): void {
    const { data, timers } = this.ports;
    const { nodeId, expirySweepMs } = this.options;
    this.subscriptions.push(data.subscribe(this.subjects.operations(nodeId), (message) => this.onOperations(message)));
    const moves = new MoveEndpoint(
      data,
      this.moveSource,
      () => this.moveTarget,
      (target, frame) => this.durability.acknowledge(target, frame),
    );
    this.subscriptions.push(
      data.subscribe(this.subjects.moves(nodeId), (message) => {
        this.guard(() => moves.onMessage(message));
        this.emitEvents();
      }),
    );
    this.handles.push(timers.every(expirySweepMs, () => this.sweep()));
    this.handles.push(timers.every(TICK_MS, () => this.tick()));
    this.member.start();
  }

  /** Hands its partitions over and serves meanwhile; calls back once that is done, or of no use. `stop` follows. */
  drain(onDrained: () => void): void {
    this.drainage.begin(this.routing, onDrained);
    this.member.announce();
  }

  /** Leaves the cluster. Nothing is in flight between turns, so there is nothing to wait for. */
  stop(onStopped: () => void): void {
    this.stopping = true;
    this.member.stop();
    for (const handle of this.handles) handle.cancel();
    this.memorySlices.stop();
    for (const subscription of this.subscriptions) subscription.unsubscribe();
    onStopped();
  }

  private onOperations(message: BusMessage): void {
    if (message.replyTo === undefined || message.noResponders) return;
    this.statistics.framesIn++;
    const link = this.links.of(message.replyTo, this.ports.clock.monotonicMs());
    this.guard(() => {
      const { payload } = message;
      const type = readFrameType(payload);
      if (type === FRAME_TYPES.OPERATIONS) this.receive(link, payload);
      else if (type === FRAME_TYPES.PART) this.receivePart(link, payload);
      else if (type === FRAME_TYPES.PART_ACK) this.acknowledgePart(link, payload);
      else this.statistics.malformedFrames++;
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
      this.statistics.duplicateFrames++;
      return;
    }
    const isNewer = reader.tableVersion > (this.routing?.tableVersion ?? 0);
    if (isNewer || link.parked.length > 0) {
      if (this.park(link, frame)) return;
      this.unpark(link);
      reader.open(frame);
    }
    this.execute(link);
  }

  /** Keeps a frame until the newer table that its sender knows has arrived here too. */
  private park(link: GatewayLink, frame: Uint8Array): boolean {
    if (!link.park(frame, this.ports.clock.monotonicMs())) return false;
    this.member.requestTable();
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
    const nowMs = this.shardClock.nowMs();
    const beginMs = this.ports.clock.monotonicMs();
    const incarnation = reader.incarnation;
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
      this.nodeStores.endFrame(this.ports.clock.monotonicMs() - beginMs, nowMs);
      this.emitEvents();
    }
  }

  /** True where it was answered; false where it waits. */
  private runOrReject(link: GatewayLink, reader: OperationsReader, nowMs: number): boolean {
    const verdict = this.isMember ? link.judge(reader, this.ownership) : 'stale';
    if (verdict !== 'serve') {
      this.reject(link, reader, verdict);
      return true;
    }
    const { waiting } = this;
    const blocker = waiting.size === 0 ? undefined : waiting.blockedBy(reader);
    if (blocker === undefined && this.executor.run(reader, this.stores.get(reader.storeId), nowMs) === 'done')
      return true;
    const name = blocker ?? waiting.firstName(reader);
    if (name !== undefined && waiting.add(name, reader, link, this.ports.clock.monotonicMs())) return false;
    this.executor.refuse(reader, 'BUSY');
    return true;
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
    const nowMs = this.shardClock.nowMs();
    const beginMs = this.ports.clock.monotonicMs();
    for (const operation of operations) {
      const { link, incarnation } = operation;
      if (incarnation !== link.incarnation) continue;
      beginRepliesFrame(this.reply);
      if (answer(link, this.waiting.open(operation), nowMs)) this.sendReplies(link, incarnation, 1);
    }
    this.nodeStores.endFrame(this.ports.clock.monotonicMs() - beginMs, nowMs);
    this.emitEvents();
  }

  private reject(link: GatewayLink, reader: OperationsReader, verdict: RouteVerdict): void {
    this.statistics.rejected++;
    link.raiseFences(reader, this.ownership.partitionCount);
    const at = beginReply(this.reply);
    endReply(this.reply, at, reader.operationId, verdict === 'moving' ? REPLY_STATUS.moving : REPLY_STATUS.stale);
  }

  private sendReplies(link: GatewayLink, incarnation: number, count: number): void {
    finishRepliesFrame(this.reply, incarnation, this.routing?.tableVersion ?? 0, count);
    this.statistics.framesOut++;
    this.durability.reply(link.sender, this.slab.copy(this.reply.buffer, this.reply.length));
  }

  /** The point where the turn's events go to the log and the replicas. */
  private emitEvents(): void {
    if (this.events.count > 0) this.onEvents(this.events);
    this.moveSource.follow(this.events);
    this.durability.record(this.events);
    this.statistics.events += this.events.count;
    this.statistics.eventBytes += this.events.writer.length;
    this.events.reset();
  }

  /** The partition is about to have another primary. */
  private seal(partition: number): void {
    this.ownership.states[partition] = PARTITION_STATES.sealed;
    for (const store of this.stores.values()) store.setRole(partition, false, true);
  }

  private onTable(routing: RoutingTable): void {
    this.onNewTable(routing.table);
    if (this.ownership.partitionCount !== routing.partitionCount) {
      this.ownership = new PartitionOwnership(routing.partitionCount);
      this.nodeStores.positions = new GroupPositions(routing.partitionCount);
      this.events.origin = { epochs: this.ownership.epochs, groups: this.nodeStores.groups };
      this.moveTarget = this.makeMoveTarget();
      this.keyspace = this.makeKeyspace();
      this.executor = this.makeExecutor();
    }
    this.moveSource.clusterId = routing.table.clusterId;
    const index = routing.nodeIndexOf(this.options.nodeId);
    this.isMember = index >= 0 && routing.nodes[index].incarnation === this.incarnation;
    const self = this.isMember ? index : -1;
    applyTable(routing, self, this.ownership, this.nodeStores, this.moveSource, this.moveTarget);
    const lost = this.waiting.takeWhere((partition) => !this.ownership.isServing(partition));
    this.answerAll(lost, (link, reader, nowMs) => this.runOrReject(link, reader, nowMs));
    for (const link of this.links.all()) if (link.parked.length > 0) this.unpark(link);
    this.emitEvents();
    this.drainage.look(routing);
  }

  private tick(): void {
    const nowMs = this.ports.clock.monotonicMs();
    this.moveSource.tick(nowMs);
    this.drainage.look(this.routing);
    if (this.waiting.size > 0) this.waiting.expire(nowMs);
    for (const link of this.links.all()) {
      if (link.parked.length > 0 && nowMs - link.parkedSinceMs >= this.options.parkMs) this.unpark(link);
      link.sender.tick(nowMs, BOUNDS.partAckMs);
    }
  }

  private sweep(): void {
    this.nodeStores.sweep(this.ownership, this.shardClock.nowMs());
    this.memorySlices.run();
    this.emitEvents();
  }

  private guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.statistics.malformedFrames++;
      this.ports.logger.log('WARN', 'STORAGE_ENGINE', `malformed frame dropped: ${error.message}`);
    }
  }

  private makeKeyspace(): StorageKeyspace {
    const { remover, pressured } = this.nodeStores;
    const { rng } = this.ports;
    return new StorageKeyspace(this.events, this.reply, this.ownership, rng, this.statistics, remover, pressured);
  }

  private makeExecutor(): OperationExecutor {
    const { telemetry, logger } = this.ports;
    return new OperationExecutor(
      this.table,
      this.keyspace,
      this.reply,
      this.options,
      this.nodeStores,
      this.statistics,
      telemetry,
      logger,
      this.durability,
    );
  }

  private makeMoveTarget(): MoveTarget {
    const { stores, nodeStores } = this;
    const isMember = (): boolean => this.isMember;
    const shardTimeMs = (): number => this.shardClock.nowMs();
    const { ownership, incarnation, events } = this;
    return new MoveTarget(ownership, stores, isMember, nodeStores.pressured, shardTimeMs, incarnation, events);
  }

  private makeMember(): ClusterMember {
    return storageMember(
      this.ports,
      this.options,
      {
        reportedState: () => (this.stopping || this.drainage.isUnderWay ? 'draining' : 'ready'),
        stats: () =>
          memberStats(this.stores.values(), this.ownership, this.statistics, this.links.size, this.ports.processUsage),
        moves: () => this.moveSource.progress(),
        onTable: (routing) => this.onTable(routing),
        onSuperseded: () => this.onSuperseded(),
      },
      this.incarnation,
    );
  }
}
