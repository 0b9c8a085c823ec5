import { NO_NODE, type RoutingTable } from '#libs/cluster';
import {
  absentReplyBytes,
  type CommandTable,
  keyIndexes,
  type NearFilterFigures,
  NO_NEAR_FILTER,
  type StorageCommand,
} from '#libs/commands';
import { KeyHasher } from '#libs/engine';
import { BOUNDS } from '#libs/kernel';
import type { Clock, Logger } from '#libs/ports';
import { encodeCommand, type RequestScanner } from '#libs/resp';
import type { GatewaySession } from './gateway-session.js';
import { NearMemory } from './near-memory.js';
import { NearStore } from './near-store.js';
import type { OperationRouter } from './operation-router.js';

/** What a command is to copies of filters. */
const ROLES = { none: 0, read: 1, write: 2, anyWrite: 3 } as const;
/** They may write to another database than the session's: which key that is, is theirs to know. */
const CROSS_DATABASE = new Set(['copy', 'move']);

/**
 * Copies of the filters of those stores that permit them (`filter.near_staleness_ms`): a read of one key that a copy does
 * not have is answered here, without the bus. {@link NearStore} says when a copy may answer.
 */
export class NearFilters {
  private readonly stores = new Map<number, NearStore>();
  private readonly memory = new NearMemory();
  /** By command id. */
  private readonly roles: Uint8Array;
  private readonly copyCommandId: number;
  private keys = new Int32Array(16);
  private hasher = new KeyHasher(0);
  private hashSeed: number | undefined;
  private routing: RoutingTable | undefined;
  private lastStepMs = 0;
  private cursor = 0;
  /** Hits of each store that a line at TRACE has told of. */
  private readonly tracedHits = new Map<number, number>();

  constructor(
    table: CommandTable,
    private readonly scanner: RequestScanner,
    private readonly router: OperationRouter,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {
    this.roles = new Uint8Array(table.maxId + 1);
    for (const command of table.all()) if (command.route !== 'gateway') this.roles[command.id] = roleOf(command);
    this.copyCommandId = table.byName('hc.filtercopy')?.id ?? 0;
  }

  /** Whether there is any store that permits copies. */
  get isActive(): boolean {
    return this.stores.size > 0;
  }

  figuresOf(storeId: number): NearFilterFigures {
    return this.stores.get(storeId)?.figures ?? NO_NEAR_FILTER;
  }

  /** By name of the store, those that permit copies. */
  all(): readonly (readonly [store: string, figures: NearFilterFigures])[] {
    const stores = this.routing?.table.stores ?? [];
    return stores.flatMap(({ id, name }) => {
      const store = this.stores.get(id);
      return store === undefined ? [] : [[name, store.figures] as const];
    });
  }

  resetCounters(): void {
    for (const store of this.stores.values()) store.resetCounters();
    this.tracedHits.clear();
  }

  /** Follows the stores' definitions; copies of a store that is gone, or permits none any more, go at once. */
  onTable(routing: RoutingTable): void {
    const { hashSeed, stores } = routing.table;
    const isOther = hashSeed !== this.hashSeed || routing.partitionCount !== this.routing?.partitionCount;
    if (isOther) this.hasher = new KeyHasher(hashSeed);
    this.hashSeed = hashSeed;
    this.routing = routing;
    const permitted = new Map(
      stores.filter(({ filter }) => filter.enabled && filter.nearStalenessMs > 0).map((store) => [store.id, store]),
    );
    for (const [id, store] of this.stores) {
      if (!isOther && permitted.has(id)) continue;
      store.close();
      this.stores.delete(id);
      this.tracedHits.delete(id);
    }
    for (const [id, { filter }] of permitted) {
      const known = this.stores.get(id);
      if (known !== undefined) known.stalenessMs = filter.nearStalenessMs;
      else this.stores.set(id, new NearStore(id, routing.partitionCount, filter.nearStalenessMs, this.memory));
    }
  }

  /**
   * The finished reply to the scanner's command where a copy says that its key is absent, else undefined: then it is to
   * be sent, and if it is a write it has been noted.
   */
  meet(session: GatewaySession, command: StorageCommand): Uint8Array | undefined {
    const store = this.stores.get(session.storeId);
    if (store === undefined || this.routing === undefined) return undefined;
    switch (this.roles[command.id]) {
      case ROLES.read:
        return this.absentReply(store, session, command, this.routing);
      case ROLES.write:
        this.noteKeys(store, session, command, this.routing);
        return undefined;
      case ROLES.anyWrite:
        store.noteAll();
        return undefined;
      default:
        return undefined;
    }
  }

  /** Asks for the copies that are due, a part of them each time, so that all come round in half the time permitted. */
  step(nowMs: number): void {
    const { routing } = this;
    const elapsedMs = nowMs - this.lastStepMs;
    this.lastStepMs = nowMs;
    if (routing === undefined || this.stores.size === 0) return;
    for (const store of this.stores.values()) this.askDue(store, routing, elapsedMs, nowMs);
    if (this.logger.isEnabled('TRACE', 'GATEWAY')) this.trace(routing);
  }

  private askDue(store: NearStore, routing: RoutingTable, elapsedMs: number, nowMs: number): void {
    const { partitionCount } = routing;
    const { cursor } = this;
    let quota = Math.ceil((partitionCount * elapsedMs * 2) / store.stalenessMs);
    for (let i = 0; i < partitionCount && quota > 0; i++) {
      const partition = (cursor + i) % partitionCount;
      if (routing.servingOf[partition] === NO_NODE || !store.isDue(partition, nowMs)) continue;
      if (!this.memory.mayFetch || this.router.isSaturated || !this.router.room(1)) return;
      quota--;
      this.cursor = (partition + 1) % partitionCount;
      this.ask(store, partition, routing.epochOf[partition], nowMs);
    }
  }

  /** The request goes the way of all operations, behind every write that was sent before it. */
  private ask(store: NearStore, partition: number, epoch: number, nowMs: number): void {
    const command = encodeCommand(store.ask(partition, epoch, nowMs));
    const { fields } = this.router;
    fields.commandId = this.copyCommandId;
    fields.flags = 0;
    fields.database = 0;
    fields.storeId = store.storeId;
    fields.trace = undefined;
    fields.buffer = command;
    fields.offset = 0;
    fields.length = command.length;
    this.router.send(store, partition, partition, nowMs);
  }

  private absentReply(
    store: NearStore,
    { database, protocol }: GatewaySession,
    command: StorageCommand,
    routing: RoutingTable,
  ): Uint8Array | undefined {
    const { scanner, hasher } = this;
    const key = command.keys.first;
    const length = scanner.lengths[key];
    const isOneKey = command.keys.last === key || scanner.count === key + 1;
    if (!isOneKey || length > BOUNDS.maxKeyBytes || command.absentReply === undefined) return undefined;
    const partition = routing.partitionOf(scanner.buffer, scanner.offsets[key], length);
    const hash = hasher.hash(database, scanner.buffer, scanner.offsets[key], length);
    if (!store.isAbsent(partition, routing.epochOf[partition], hash, hasher.low)) return undefined;
    // Not the turn's time: the process may have slept since the turn began.
    if (!store.isFresh(partition, this.clock.monotonicMs()) || routing.servingOf[partition] === NO_NODE)
      return undefined;
    store.hits++;
    return absentReplyBytes(command.absentReply, protocol);
  }

  private noteKeys(
    store: NearStore,
    { database }: GatewaySession,
    command: StorageCommand,
    routing: RoutingTable,
  ): void {
    const { scanner, hasher } = this;
    let count = keyIndexes(command, scanner, this.keys);
    if (count > this.keys.length) {
      this.keys = new Int32Array(count);
      count = keyIndexes(command, scanner, this.keys);
    }
    const isElsewhere = CROSS_DATABASE.has(command.name);
    for (let i = 0; i < count; i++) {
      const key = this.keys[i];
      const partition = routing.partitionOf(scanner.buffer, scanner.offsets[key], scanner.lengths[key]);
      if (isElsewhere) store.noteAny(partition);
      else {
        const hash = hasher.hash(database, scanner.buffer, scanner.offsets[key], scanner.lengths[key]);
        store.note(partition, hash, hasher.low);
      }
    }
  }

  private trace({ table }: RoutingTable): void {
    for (const { id, name } of table.stores) {
      const store = this.stores.get(id);
      const hits = (store?.hits ?? 0) - (this.tracedHits.get(id) ?? 0);
      if (store === undefined || hits === 0) continue;
      this.tracedHits.set(id, store.hits);
      const details = { store: name, hits, copies: store.copyCount };
      this.logger.log('TRACE', 'GATEWAY', `copies of the filter of store '${name}' answered`, { details });
    }
  }
}

/** Whatever is no read may write, and whatever names no keys may write any. */
function roleOf(command: StorageCommand): number {
  if (command.absentReply !== undefined) return ROLES.read;
  if (command.flags.includes('readonly')) return ROLES.none;
  return command.keys.first > 0 ? ROLES.write : ROLES.anyWrite;
}
