import type { TableStore } from '#libs/cluster';
import type { EventBatch } from '#libs/events';
import type { Logger } from '#libs/ports';
import { EntryRemover } from './entry-remover.js';
import { GroupPositions } from './group-positions.js';
import { NodeMemory } from './node-memory.js';
import type { StorageOptions } from './options.js';
import type { PartitionOwnership } from './partition-ownership.js';
import { PressuredWrite } from './pressured-write.js';
import type { StorageStatistics } from './statistics.js';
import { StoreShards } from './store-shards.js';

/** The group of all stores, until they are replicated. */
export const GROUP_OF_ONE_COPY = 1;

/** A node's stores, and what they need besides operations: expiry, cleaning, eviction, an account of time spent. */
export class NodeStores {
  readonly byId = new Map<number, StoreShards>();
  /** The stores of the frame under way; {@link StoreShards.frameOperations} says how many operations each had. */
  readonly inFrame: StoreShards[] = [];
  readonly remover: EntryRemover;
  readonly memory: NodeMemory;
  readonly pressured: PressuredWrite;
  /** Where the sequences of events stand; made for as many partitions as the cluster has. */
  positions = new GroupPositions(1);
  /** By store id: the group of its events. */
  readonly groups = new Uint8Array(0x1_0000);
  /** Whose turn it is to build its filter first. */
  private filterTurn = 0;

  constructor(
    private readonly events: EventBatch,
    private readonly statistics: StorageStatistics,
    private readonly options: StorageOptions,
    private readonly logger: Logger,
  ) {
    this.remover = new EntryRemover(events, statistics);
    this.memory = new NodeMemory(options.nodeMemoryBytes, options.pressureLevels, this.remover);
    this.pressured = new PressuredWrite(events, this.memory);
  }

  add(definition: TableStore, hashSeed: number): void {
    const { positions, memory } = this;
    const { sequences } = positions.of(GROUP_OF_ONE_COPY);
    const store = new StoreShards(definition, positions.partitionCount, hashSeed, memory.limitBytes, sequences);
    this.groups[definition.id] = GROUP_OF_ONE_COPY;
    this.byId.set(definition.id, store);
    memory.add(store);
  }

  /** Records that this node decides about the partition from now on, under this epoch. */
  startEpoch(partition: number, epoch: number): void {
    for (const [group, { sequences, epochs }] of this.positions.all()) {
      const before = sequences[partition]++;
      this.events.epochStarted(group, partition, sequences[partition], epochs[partition], before);
      epochs[partition] = epoch;
    }
  }

  /** After the operations of a frame, which took `elapsedMs` together. */
  endFrame(elapsedMs: number, nowMs: number): void {
    const { inFrame, memory } = this;
    let operations = 0;
    for (const store of inFrame) operations += store.frameOperations;
    for (const store of inFrame) {
      store.statistics.latency.record(elapsedMs / operations, store.frameOperations);
      store.frameOperations = 0;
      memory.relieve(store, nowMs);
    }
    if (inFrame.length > 0 && this.logger.isEnabled('TRACE', 'STORAGE_ENGINE')) this.traceFilters(inFrame);
    inFrame.length = 0;
  }

  /** One line for each store of a frame whose filter has decided something. */
  private traceFilters(stores: readonly StoreShards[]): void {
    for (const { definition, entries } of stores) {
      const decisions = entries.takeDecisions();
      if (decisions === undefined || decisions.lookups + decisions.bypassed === 0) continue;
      this.logger.log('TRACE', 'STORAGE_ENGINE', `filter of store '${definition.name}' was asked`, {
        details: { store: definition.name, ...decisions },
      });
    }
  }

  /** Counts from zero again what was done here, to each store, and by its filter. */
  resetStatistics(): void {
    this.statistics.reset();
    for (const { statistics, entries } of this.byId.values()) {
      statistics.reset();
      entries.resetCounters();
    }
  }

  /** What to tell people about stores that are under back-pressure. */
  notices(): readonly string[] {
    return [...this.byId.values()].filter((store) => store.pressure === 3).map(usageOf);
  }

  /** Bounded steps of all that is to be done from time to time. */
  sweep(ownership: PartitionOwnership, nowMs: number): void {
    for (const store of this.byId.values()) {
      store.engine.collectExpired(nowMs, this.options.expirySweepEntries, (partition, ref) => {
        if (ownership.isServing(partition)) this.remover.expire(store, partition, ref);
      });
      store.engine.reclaim(this.options.reclaimPages);
    }
    this.buildFilters();
    this.memory.sweep();
    for (const store of this.byId.values()) this.reportPressure(store);
  }

  /** One step for all filters together; stores take turns at being first. */
  private buildFilters(): void {
    const filtered = [...this.byId.values()].filter(({ entries }) => entries.filter !== undefined);
    this.filterTurn++;
    let left = this.options.filterSweepKeys;
    for (let i = 0; i < filtered.length && left > 0; i++) {
      left -= filtered[(this.filterTurn + i) % filtered.length].entries.buildFilter(left);
    }
  }

  /** Says once when evicting does not keep up with writes, and once when it is over. */
  private reportPressure(store: StoreShards): void {
    const { pressure } = store;
    if (store.isShort ? pressure >= 2 : pressure < 3) return;
    store.isShort = !store.isShort;
    if (store.isShort) this.logger.log('WARN', 'STORAGE_ENGINE', `memory is short: ${usageOf(store)}`);
    else this.logger.log('INFO', 'STORAGE_ENGINE', `memory is no longer short: ${usageOf(store)}`);
  }
}

function usageOf({ definition, engine, share }: StoreShards): string {
  return `store '${definition.name}' uses ${engine.usedBytes} of the ${share.targetBytes} bytes that it may`;
}
