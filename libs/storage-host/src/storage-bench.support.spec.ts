/** Storage nodes on a bus under the test's control, with the test as their coordinator and their gateway. */
import {
  type ClusterTable,
  encodeClusterTable,
  settledPartition,
  storeFromPreset,
  type TableStore,
} from '#libs/cluster';
import { ALL_COMMANDS, CommandTable, type StorageCommand } from '#libs/commands';
import { ByteWriter, latin1Text, SLOT_COUNT, slotOfKey, utf8Bytes } from '#libs/kernel';
import type { Disk, TimerHandle, Timers } from '#libs/ports';
import { encodeCommand } from '#libs/resp';
import { CollectingLogger, CollectingTelemetry, type ManualBus, ManualNetwork, SeededRng } from '#libs/test-ports';
import {
  appendOperation,
  beginOperationsFrame,
  decodePartAck,
  encodePartAck,
  finishOperationsFrame,
  FRAME_TYPES,
  PartAssembler,
  type PartitionRoute,
  PartSender,
  readFrameType,
  RepliesReader,
  REPLY_STATUS,
  subjectsOf,
} from '#libs/wire';
import { STORAGE_DEFAULTS, StorageHost, type StorageOptions } from './index.js';

export const SUBJECTS = subjectsOf('t');
export const MIB = 1024 * 1024;

export const DEFAULT_STORE: TableStore = {
  id: 0,
  ...storeFromPreset('general', { name: 'default', memoryLimitBytes: 64 * MIB }),
};

export interface PartitionPlan {
  readonly owner?: string;
  readonly epoch?: number;
  readonly movingTo?: string | undefined;
  readonly moveId?: number;
}

export interface TestOperation {
  readonly command: readonly (string | Uint8Array)[];
  readonly partition?: number;
  readonly epoch?: number;
  readonly generation?: number;
  readonly database?: number;
  readonly store?: number;
  readonly flags?: number;
  readonly trace?: Uint8Array;
  readonly routes?: readonly PartitionRoute[];
  readonly commandId?: number;
}

export class StorageBench {
  readonly network: ManualNetwork;
  readonly logger = new CollectingLogger();
  readonly telemetry = new CollectingTelemetry();
  readonly hosts = new Map<string, StorageHost>();
  readonly buses = new Map<string, ManualBus>();
  readonly startErrors: Error[] = [];
  private readonly ends = new Map<string, () => void>();
  readonly coordinator: ManualBus;
  stores: readonly TableStore[] = [DEFAULT_STORE];
  tableVersion = 0;
  readonly partitions: { owner: string; epoch: number; movingTo: string | undefined; moveId: number }[];
  /** Commands that a test adds to the table. */
  readonly table: CommandTable;
  private readonly rng = new SeededRng();

  constructor(
    readonly partitionCount = 4,
    maxPayloadBytes = MIB,
    extraCommands: readonly StorageCommand[] = [],
  ) {
    this.network = new ManualNetwork(undefined, maxPayloadBytes);
    this.coordinator = this.network.bus();
    this.table = new CommandTable([...ALL_COMMANDS, ...extraCommands]);
    this.partitions = Array.from({ length: partitionCount }, () => {
      return { owner: 's1', epoch: 1, movingTo: undefined, moveId: 0 };
    });
  }

  get time() {
    return this.network.time;
  }

  /** `disk`: what the node keeps its log on, where the options say so. */
  node(nodeId: string, options: Partial<StorageOptions> = {}, disk?: Disk): StorageHost {
    const { network, time, logger, telemetry, rng } = this;
    const data = network.bus();
    const control = network.bus();
    const timers = new MortalTimers(time);
    this.ends.set(nodeId, () => {
      timers.isOver = true;
      for (const bus of [data, control]) bus.setStatus('disconnected');
    });
    const processUsage = { rssBytes: () => 300 * MIB, cpuMs: () => 1_234 };
    const ports = {
      ...{ control, data, clock: time, timers, rng, processUsage, logger, telemetry },
      ...(disk !== undefined && { disk }),
    };
    const identity = {
      cluster: 't',
      nodeId,
      softwareVersion: '0',
      advertise: { host: 'h', adminPort: 0 },
      zone: '',
      weight: 1,
    };
    const host = new StorageHost(ports, { ...STORAGE_DEFAULTS, ...identity, ...options }, this.table);
    this.hosts.set(nodeId, host);
    this.buses.set(nodeId, data);
    host.recover((error) => {
      if (error === undefined) host.start();
      else this.startErrors.push(error);
    });
    network.settle();
    return host;
  }

  /** Ends a node's process without a word. */
  kill(nodeId: string): void {
    this.ends.get(nodeId)?.();
  }

  gateway(nodeId = 's1', incarnation = 1, gatewayId = 'g1'): TestGateway {
    return new TestGateway(this, nodeId, incarnation, gatewayId);
  }

  /** Changes the plan of a partition; {@link publishTable} tells everybody. */
  plan(partition: number, plan: PartitionPlan): void {
    const { owner, epoch, movingTo, moveId } = plan;
    const current = this.partitions[partition];
    current.owner = owner ?? current.owner;
    current.epoch = epoch ?? current.epoch;
    current.movingTo = 'movingTo' in plan ? movingTo : current.movingTo;
    current.moveId = moveId ?? (current.movingTo === undefined ? 0 : current.moveId);
  }

  makeTable(incarnationOf = (nodeId: string) => this.hosts.get(nodeId)?.incarnation ?? 1): ClusterTable {
    const ids = [...this.hosts.keys()];
    return {
      featureLevel: 1,
      clusterId: 'id-1',
      clusterName: 't',
      hashSeed: 7,
      tableVersion: ++this.tableVersion,
      partitions: this.partitions.map(({ owner, epoch, movingTo, moveId }) => {
        const partition = settledPartition(epoch, ids.includes(owner) ? [ids.indexOf(owner)] : []);
        if (movingTo === undefined) return { ...partition, moveId };
        return { ...partition, movingTo: ids.indexOf(movingTo), movingFrom: partition.primary, moveId };
      }),
      nodes: ids.map((nodeId) => ({
        nodeId,
        role: 'storage-node',
        incarnation: incarnationOf(nodeId),
        softwareVersion: '0',
        endpoints: { host: 'h', respPort: 0, httpPort: 0, adminPort: 0 },
        zone: '',
        weight: 1,
        status: 'up',
      })),
      stores: this.stores,
      settings: [],
    };
  }

  publishTable(incarnationOf?: (nodeId: string) => number): void {
    this.coordinator.publish(SUBJECTS.table, encodeClusterTable(this.makeTable(incarnationOf)));
    this.network.settle();
  }

  partitionOf(key: string): number {
    const bytes = utf8Bytes(key);
    return Math.floor((slotOfKey(bytes, 0, bytes.length) * this.partitionCount) / SLOT_COUNT);
  }

  /** The first of key0, key1, … that lies in a partition. */
  keyIn(partition: number, from = 0): string {
    for (let i = from; ; i++) if (this.partitionOf(`key${i}`) === partition) return `key${i}`;
  }
}

/** Timers of one process, which end with it. */
class MortalTimers implements Timers {
  isOver = false;

  constructor(private readonly timers: Timers) {}

  after(delayMs: number, callback: () => void): TimerHandle {
    return this.timers.after(delayMs, () => this.run(callback));
  }

  every(intervalMs: number, callback: () => void): TimerHandle {
    return this.timers.every(intervalMs, () => this.run(callback));
  }

  endOfTurn(callback: () => void): void {
    this.timers.endOfTurn(() => this.run(callback));
  }

  private run(callback: () => void): void {
    if (!this.isOver) callback();
  }
}

/** One gateway's link to one storage node. */
export class TestGateway {
  sequence = 0;
  tableVersion: number | undefined;
  /** Replies in their order, as `status text`: the status is left out where the operation was executed. */
  readonly replies: { readonly id: number; readonly text: string }[] = [];
  readonly sender: PartSender;
  private readonly assembler = new PartAssembler(64 * MIB);
  private readonly bus: ManualBus;
  private readonly reader = new RepliesReader();
  private lastId = 0;

  constructor(
    private readonly bench: StorageBench,
    private readonly nodeId: string,
    readonly incarnation: number,
    private readonly gatewayId: string,
  ) {
    this.bus = bench.network.bus();
    this.bus.subscribe(SUBJECTS.allReplies(gatewayId), ({ payload, noResponders }) => {
      if (!noResponders) this.receive(payload);
    });
    this.sender = new PartSender(incarnation, this.bus.maxPayloadBytes, (message) => this.publish(message));
  }

  /** Sends operations in one frame; answers their ids. */
  post(...operations: (TestOperation | readonly string[])[]): number[] {
    const ids: number[] = [];
    this.sender.send(this.encode(operations, ids));
    return ids;
  }

  /** Sends operations in one frame and answers what came back, in the order of the replies. */
  call(...operations: (TestOperation | readonly string[])[]): string[] {
    const before = this.replies.length;
    this.post(...operations);
    this.bench.network.settle();
    return this.replies.slice(before).map(({ text }) => text);
  }

  encode(operations: readonly (TestOperation | readonly string[])[], ids: number[] = []): Uint8Array {
    const writer = new ByteWriter();
    beginOperationsFrame(writer);
    for (const each of operations) {
      const operation: TestOperation = 'command' in each ? each : { command: each };
      ids.push(++this.lastId);
      this.append(writer, operation);
    }
    const version = this.tableVersion ?? this.bench.tableVersion;
    finishOperationsFrame(writer, this.incarnation, ++this.sequence, version, operations.length);
    return writer.toBytes();
  }

  publish(message: Uint8Array): boolean {
    const replyTo = SUBJECTS.replies(this.gatewayId, `${this.nodeId}.1`);
    return this.bus.publish(SUBJECTS.operations(this.nodeId), message, { replyTo });
  }

  private append(writer: ByteWriter, operation: TestOperation): void {
    const { bench } = this;
    const { command, database = 0, store = 0, flags = 0, trace, routes, generation = 0 } = operation;
    const [name, key] = command
      .slice(0, 2)
      .map((part) => (typeof part === 'string' ? part : latin1Text(part, 0, part.length)));
    const partition = operation.partition ?? bench.partitionOf(key ?? '');
    const epoch = operation.epoch ?? bench.partitions[partition]?.epoch ?? 0;
    const commandId = operation.commandId ?? bench.table.byName(name)?.id ?? 0xffff;
    const buffer = encodeCommand(command);
    const fields = { commandId, flags, database, storeId: store, trace, buffer, offset: 0, length: buffer.length };
    appendOperation(writer, fields, this.lastId, partition, epoch, generation, 2000, routes);
  }

  private receive(message: Uint8Array): void {
    const type = readFrameType(message);
    if (type === FRAME_TYPES.PART_ACK) {
      const { incarnation, messageId, index } = decodePartAck(message);
      this.sender.onAck(incarnation, messageId, index);
    } else if (type === FRAME_TYPES.PART) {
      const whole = this.assembler.accept(message);
      this.publish(encodePartAck(message));
      if (whole !== undefined) this.read(whole);
    } else this.read(message);
  }

  private read(frame: Uint8Array): void {
    const { reader } = this;
    reader.open(frame);
    if (reader.incarnation !== this.incarnation) return;
    while (reader.advance()) {
      const text = latin1Text(frame, reader.replyOffset, reader.replyLength);
      const status = reader.status === REPLY_STATUS.moving ? 'moving' : 'stale';
      this.replies.push({ id: reader.operationId, text: reader.status === REPLY_STATUS.executed ? text : status });
    }
  }
}

/** A node that serves every partition, and a gateway. */
export function oneNode(options: Partial<StorageOptions> = {}, partitionCount = 4, maxPayloadBytes = MIB) {
  const bench = new StorageBench(partitionCount, maxPayloadBytes);
  const host = bench.node('s1', options);
  bench.publishTable();
  return { bench, host, gateway: bench.gateway(), time: bench.time, network: bench.network };
}
