import type { ClusterTable, RoutingTable } from '#libs/cluster';
import { type ClusterMember, drawIncarnation } from '#libs/cluster-member';
import type { CommandTable } from '#libs/commands';
import type { SyncPolicy } from '#libs/event-log';
import { EventBatch } from '#libs/events';
import { errorText } from '#libs/kernel';
import type { BusSubscription, TimerHandle } from '#libs/ports';
import { subjectsOf, type Subjects } from '#libs/wire';
import { Drain } from './drain.js';
import { GroupPositions } from './group-positions.js';
import { memberStats } from './member-stats.js';
import { MemorySlices } from './memory-slices.js';
import { MoveEndpoint } from './move-endpoint.js';
import { MoveSource } from './move-source.js';
import { MoveTarget } from './move-target.js';
import { NodeStores } from './node-stores.js';
import { OperationIntake } from './operation-intake.js';
import type { StorageOptions } from './options.js';
import { PARTITION_STATES, PartitionOwnership } from './partition-ownership.js';
import { type Durability, NO_LOG } from './persistence/durability.js';
import { NodePersistence } from './persistence/node-persistence.js';
import { ShardClock } from './shard-clock.js';
import { storageMember } from './storage-member.js';
import type { StoragePorts } from './storage-ports.js';
import { StorageStatistics } from './statistics.js';
import type { StoreShards } from './store-shards.js';
import { applyStores, applyTable } from './table-change.js';

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
  /** Undefined where the node keeps nothing over restarts. */
  readonly persistence: NodePersistence | undefined;
  /** Called when a later process has taken the node id: this one should end. */
  onSuperseded: () => void = () => undefined;
  /** Called with each new table, before anything else follows it. */
  onNewTable: (table: ClusterTable) => void = () => undefined;
  /** Sees the events of every turn before they are dropped; the batch is reused, nothing of it may be kept. */
  onEvents: (events: EventBatch) => void = () => undefined;

  private readonly subjects: Subjects;
  private readonly member: ClusterMember;
  private readonly intake: OperationIntake;
  private readonly events = new EventBatch();
  private readonly moveSource: MoveSource;
  private moveTarget: MoveTarget;
  private readonly subscriptions: BusSubscription[] = [];
  private readonly handles: TimerHandle[] = [];
  private readonly shardClock: ShardClock;
  private readonly drainage: Drain;
  private readonly memorySlices: MemorySlices;
  private readonly durability: Durability;
  /** The table that counts; a newer one that has not been saved yet waits. */
  private current: RoutingTable | undefined;
  /** Whether the table counts this very process as the node. */
  private isMember = false;
  private stopping = false;

  constructor(
    private readonly ports: StoragePorts,
    private readonly options: StorageOptions,
    table: CommandTable,
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
    this.moveSource = new MoveSource(
      ports,
      this.subjects,
      options,
      () => [...this.stores.values()],
      this.incarnation,
      data.maxPayloadBytes,
      (partition) => this.seal(partition),
    );
    this.persistence = this.makePersistence();
    this.durability = this.persistence?.log ?? NO_LOG;
    this.moveTarget = this.makeMoveTarget();
    this.intake = this.makeIntake(table);
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
    return this.current;
  }

  /** What the node is busy with before it can join its cluster; undefined once it is done. */
  get recovering(): string | undefined {
    return this.persistence?.progress;
  }

  /** What to tell people about stores and disk. */
  notices(): readonly string[] {
    const refusal = this.durability.refusal === undefined ? [] : [errorText(this.durability.refusal)];
    return [...refusal, ...this.nodeStores.notices()];
  }

  setSyncPolicy(policy: SyncPolicy): void {
    this.persistence?.log.setPolicy(policy);
  }

  /** Brings back what the node has kept, before it starts; calls back then, or with what went wrong. */
  recover(onRecovered: (error: Error | undefined) => void): void {
    if (this.persistence === undefined) onRecovered(undefined);
    else this.persistence.open(onRecovered);
  }

  /** Joins the cluster. */
  start(): void {
    const { data, timers } = this.ports;
    const { nodeId, expirySweepMs } = this.options;
    this.subscriptions.push(
      data.subscribe(this.subjects.operations(nodeId), (message) => this.intake.onOperations(message)),
    );
    const moves = new MoveEndpoint(
      data,
      this.moveSource,
      () => this.moveTarget,
      (target, frame) => this.durability.acknowledge(target, frame),
    );
    this.subscriptions.push(
      data.subscribe(this.subjects.moves(nodeId), (message) => {
        this.intake.guard(() => moves.onMessage(message));
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
    if (this.persistence === undefined) onStopped();
    else this.persistence.log.close(onStopped);
  }

  /** Executes, in order, the operations that wait for a key; see {@link WaitingOperations.nameOf}. */
  wake(name: string): void {
    this.intake.wake(name);
  }

  /** The point where the turn's events go to the log and the replicas. */
  private emitEvents(): void {
    if (this.events.count > 0) this.onEvents(this.events);
    this.moveSource.follow(this.events);
    this.durability.record(this.events);
    this.statistics.events += this.events.count;
    this.statistics.eventBytes += this.events.length;
    this.events.reset();
  }

  /** The partition is about to have another primary. */
  private seal(partition: number): void {
    this.ownership.states[partition] = PARTITION_STATES.sealed;
    for (const store of this.stores.values()) store.setRole(partition, false, true);
  }

  /** A table may bring stores, whose first event follows the file that says what they are. */
  private onTable(routing: RoutingTable): void {
    if (this.persistence === undefined) this.follow(routing);
    else this.persistence.save(routing, (saved) => this.follow(saved));
  }

  private resize(partitionCount: number): void {
    if (this.ownership.partitionCount === partitionCount) return;
    this.ownership = new PartitionOwnership(partitionCount);
    this.nodeStores.positions = new GroupPositions(partitionCount);
    this.events.origin = { epochs: this.ownership.epochs, groups: this.nodeStores.groups };
    this.moveTarget = this.makeMoveTarget();
  }

  private follow(routing: RoutingTable): void {
    if (this.stopping) return;
    this.current = routing;
    this.onNewTable(routing.table);
    this.resize(routing.partitionCount);
    this.moveSource.clusterId = routing.table.clusterId;
    const index = routing.nodeIndexOf(this.options.nodeId);
    this.isMember = index >= 0 && routing.nodes[index].incarnation === this.incarnation;
    const self = this.isMember ? index : -1;
    applyTable(routing, self, this.ownership, this.nodeStores, this.moveSource, this.moveTarget);
    this.intake.onTable(this.ownership, this.isMember, routing.tableVersion);
    this.emitEvents();
    this.drainage.look(routing);
  }

  private tick(): void {
    const nowMs = this.ports.clock.monotonicMs();
    this.persistence?.log.tick(nowMs);
    this.moveSource.tick(nowMs);
    this.drainage.look(this.routing);
    this.intake.tick(nowMs);
  }

  private sweep(): void {
    this.nodeStores.sweep(this.ownership, this.shardClock.nowMs());
    this.memorySlices.run();
    this.emitEvents();
  }

  private makeIntake(commands: CommandTable): OperationIntake {
    const { ports, options, events, nodeStores, statistics, shardClock, durability } = this;
    return new OperationIntake({
      ports,
      options,
      commands,
      events,
      nodeStores,
      statistics,
      shardClock,
      durability,
      subject: this.subjects.operations(options.nodeId),
      requestTable: () => this.member.requestTable(),
      endTurn: () => this.emitEvents(),
    });
  }

  private makePersistence(): NodePersistence | undefined {
    const { ports, options, nodeStores, shardClock } = this;
    const { disk } = ports;
    const { persistence: settings } = options;
    if (disk === undefined || settings === undefined) return undefined;
    return new NodePersistence({
      ports: { ...ports, disk },
      nodeId: options.nodeId,
      settings,
      stores: nodeStores,
      shardTimeMs: () => shardClock.nowMs(),
      prepare: (table) => {
        this.resize(table.partitions.length);
        applyStores(table, nodeStores);
        nodeStores.memory.balance();
        return this.ownership;
      },
    });
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
          memberStats(
            this.stores.values(),
            this.ownership,
            this.statistics,
            this.intake.links.size,
            this.ports.processUsage,
          ),
        moves: () => this.moveSource.progress(),
        onTable: (routing) => this.onTable(routing),
        onSuperseded: () => this.onSuperseded(),
      },
      this.incarnation,
    );
  }
}
