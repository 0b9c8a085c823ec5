/** A whole cluster in virtual time: machines, network, clients, and everything that is found wrong with them. */
import { type ClusterTable, DEFAULT_STORE_ID } from '#libs/cluster';
import { EVENT_KINDS, EventReader, REMOVAL_CAUSES } from '#libs/events';
import { latin1Text, slotOfKey, partitionShift, utf8Bytes } from '#libs/kernel';
import {
  coordinatorName,
  type ClusterSettings,
  DEFAULT_CLUSTER,
  gatewayName,
  REQUEST_TIMEOUT_MS,
  storageName,
} from './cluster-settings.js';
import { EventQueue } from './event-queue.js';
import { History } from './history.js';
import { Invariants } from './invariants.js';
import { SimClient } from './sim-client.js';
import { SimConnection } from './sim-connection.js';
import { formatError, SimLog, type SimLogLine } from './sim-log.js';
import { type MachineRole, type Sabotage, SimMachine } from './sim-machine.js';
import { SimNetwork } from './sim-network.js';
import { SimRng } from './sim-rng.js';
import { Trace } from './trace.js';

export interface SimClusterOptions {
  readonly seed: number;
  readonly settings?: Partial<ClusterSettings>;
  readonly sabotage?: Sabotage;
  readonly onLogLine?: (line: SimLogLine) => void;
  /** Looks after each turn at the machine that had it, in the place of a look at all of them now and then. */
  readonly onMachineTurn?: (machine: SimMachine) => void;
}

/** How often the invariants are looked at. */
const CHECK_EVERY_MS = 5;
/** The gateway's sweep, its turns and the sockets' delays come on top of the deadline. */
const REPLY_MARGIN_MS = 100;
const MAX_FINDINGS = 50;

export class SimCluster {
  readonly settings: ClusterSettings;
  readonly queue = new EventQueue();
  readonly trace = new Trace();
  readonly rng: SimRng;
  readonly log: SimLog;
  readonly network: SimNetwork;
  readonly history = new History();
  readonly invariants: Invariants;
  readonly findings: string[] = [];
  /** Partitions that have changed their primary. */
  moves = 0;
  evictions = 0;
  readonly machines = new Map<string, SimMachine>();
  private readonly events = new EventReader();
  private connections = 0;
  private readonly clientsOf = new Map<string, Set<SimConnection<unknown>>>();

  constructor(options: SimClusterOptions) {
    this.settings = { ...DEFAULT_CLUSTER, ...options.settings };
    this.rng = new SimRng(options.seed);
    this.log = new SimLog(() => this.queue.nowMs, undefined, options.onLogLine);
    this.network = new SimNetwork(this.queue, this.rng.fork('network'), this.trace);
    this.invariants = new Invariants((text) => this.find(text), this.settings.coordinators);
    this.network.onPublished = (_from, subject, payload) => this.invariants.onPublished(subject, payload);
    const { coordinators, spareCoordinators, storageNodes, lateStorageNodes, gateways } = this.settings;
    for (let i = 0; i < coordinators + spareCoordinators; i++) this.add(coordinatorName(i), 'coordinator', options);
    for (let i = 0; i < storageNodes + lateStorageNodes; i++) this.add(storageName(i), 'storage-node', options);
    for (let i = 0; i < gateways; i++) this.add(gatewayName(i), 'gateway', options);
    if (options.onMachineTurn === undefined) this.watch();
  }

  machine(name: string): SimMachine {
    const machine = this.machines.get(name);
    if (machine === undefined) throw new RangeError(`there is no machine ${name}`);
    return machine;
  }

  of(role: MachineRole): SimMachine[] {
    return [...this.machines.values()].filter((machine) => machine.role === role);
  }

  /** The coordinator that leads and knows that it may, of several the one that was elected last; undefined while none does. */
  get leader(): SimMachine | undefined {
    let newest: SimMachine | undefined;
    for (const machine of this.of('coordinator')) {
      if (machine.coordinator?.isLeading === true && termOf(machine) > termOf(newest)) newest = machine;
    }
    return newest;
  }

  /** Starts everybody but the late storage nodes and the spare coordinators, at about the same time. */
  startAll(): void {
    const { coordinators, spareCoordinators, storageNodes, lateStorageNodes } = this.settings;
    const late = new Set([
      ...Array.from({ length: lateStorageNodes }, (_, i) => storageName(storageNodes + i)),
      ...Array.from({ length: spareCoordinators }, (_, i) => coordinatorName(coordinators + i)),
    ]);
    for (const machine of this.machines.values()) {
      if (!late.has(machine.name)) this.queue.after(this.rng.between(0, 50), () => machine.start());
    }
  }

  /** Crashes a machine's process; keys that it may have held may be gone from now on. */
  crash(name: string, power: 'kept' | 'lost' = 'kept'): void {
    const machine = this.machine(name);
    if (!machine.isUp) return;
    if (machine.role === 'storage-node') this.loseKeysOf(name);
    machine.crash(power);
    for (const connection of this.clientsOf.get(name) ?? []) connection.breakOff();
    this.clientsOf.delete(name);
  }

  /** Ends a machine's process in good order. What a storage node held is gone all the same: nothing else has it. */
  stop(name: string): void {
    const machine = this.machine(name);
    if (machine.role === 'storage-node' && machine.isUp) this.loseKeysOf(name);
    machine.stop(() => this.crash(name));
  }

  /** A storage node is told to stop, as by SIGTERM: it hands its partitions over first, as long as that is of use. */
  drainAndStop(name: string): void {
    this.machine(name).drain(() => this.stop(name));
  }

  /** Every gateway can send to a primary of every partition. */
  get isReady(): boolean {
    return this.of('gateway').every(({ gateway }) => gateway?.ready === true);
  }

  /** Runs until a condition holds; false where it does not within the limit. */
  runUntil(condition: () => boolean, limitMs = 10_000): boolean {
    const endMs = this.queue.nowMs + limitMs;
    while (!condition()) {
      if (this.queue.nowMs >= endMs) return false;
      this.queue.runFor(1);
    }
    return true;
  }

  /** A client connected to a gateway; undefined while that gateway is down. */
  connect(gateway: string, onClosed: () => void = () => undefined): SimClient | undefined {
    const machine = this.machine(gateway);
    const { process, sockets } = machine;
    if (process === undefined || sockets === undefined) return undefined;
    const id = ++this.connections;
    const client = new SimClient(id, {
      queue: this.queue,
      history: this.history,
      replyWithinMs: REQUEST_TIMEOUT_MS + REPLY_MARGIN_MS,
      gatewayPausedMs: () => process.pausedMs,
      onFinding: (text) => this.find(text),
      onClosed,
    });
    const connection = new SimConnection(process, sockets, this.rng.fork(`connection ${id}`), 10_000 + id, client);
    client.attach(connection);
    const open = this.clientsOf.get(gateway) ?? new Set();
    open.add(connection as SimConnection<unknown>);
    this.clientsOf.set(gateway, open);
    return client;
  }

  partitionOf(key: string): number {
    const bytes = utf8Bytes(key);
    return slotOfKey(bytes, 0, bytes.length) >>> partitionShift(this.settings.partitionCount);
  }

  /** The node that the durable table names as a key's primary. */
  primaryOf(key: string): string {
    const table = this.invariants.durableTable;
    const owner = table?.partitions[this.partitionOf(key)].primary;
    return owner === undefined || table === undefined ? '' : table.nodes[owner].nodeId;
  }

  find(text: string): void {
    if (this.findings.length >= MAX_FINDINGS || this.findings.includes(text)) return;
    this.findings.push(text);
    this.log.add('sim', 'ERROR', 'LIFECYCLE', `FOUND: ${text}`, {});
  }

  /** Keys that clients use, so that a crash can be marked in their histories. */
  readonly keys = new Set<string>();

  private add(name: string, role: MachineRole, options: SimClusterOptions): void {
    const { queue, trace, log, network, settings } = this;
    const machine = new SimMachine(name, role, {
      queue,
      trace,
      log,
      network,
      settings,
      rng: this.rng,
      sabotage: options.sabotage ?? {},
      ...(options.onMachineTurn !== undefined && { onMachineTurn: options.onMachineTurn }),
      onThrow: (process, error) => this.find(`${process} threw: ${formatError(error)}`),
      onDurableTable: (table) => this.follow(table),
      onEvents: (records, length) => this.noteEvictions(records, length),
    });
    this.machines.set(name, machine);
  }

  /** Whoever owns a partition, or is about to, takes its keys along. */
  private loseKeysOf(name: string): void {
    const table = this.invariants.durableTable;
    if (table === undefined) return;
    const index = table.nodes.findIndex((node) => node.nodeId === name);
    for (const key of this.keys) {
      const { primary, movingTo } = table.partitions[this.partitionOf(key)];
      if (index >= 0 && (primary === index || movingTo === index)) this.history.lose(key, this.queue.nowMs);
    }
  }

  /** What a client finds missing may have been evicted where, and when, an event says so. */
  private noteEvictions(records: Uint8Array, length: number): void {
    const { events } = this;
    events.open(records, 0, length);
    while (events.advance()) {
      if (events.kind !== EVENT_KINDS.entryRemoved || events.detail !== REMOVAL_CAUSES.evicted) continue;
      this.evictions++;
      const key = latin1Text(records, events.bodyOffset + 1, events.bodyLength - 1);
      if (events.storeId === DEFAULT_STORE_ID && this.keys.has(key)) this.history.lose(key, this.queue.nowMs);
    }
  }

  private follow(table: ClusterTable): void {
    const before = this.invariants.durableTable;
    this.invariants.onDurableTable(table);
    if (before === undefined || table.tableVersion <= before.tableVersion) return;
    const primary = ({ nodes, partitions }: ClusterTable, partition: number): string =>
      nodes[partitions[partition].primary].nodeId;
    table.partitions.forEach((_, partition) => {
      if (primary(before, partition) !== primary(table, partition)) this.moves++;
    });
  }

  private watch(): void {
    this.invariants.check(this.machines.values());
    this.queue.after(CHECK_EVERY_MS, () => this.watch());
  }
}

function termOf(machine: SimMachine | undefined): number {
  return machine?.coordinator?.raft?.status.term ?? 0;
}
