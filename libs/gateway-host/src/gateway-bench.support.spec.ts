/** A gateway on a bus under the test's control, with storage nodes that answer what the test wants. */
import {
  type ClusterTable,
  encodeClusterTable,
  type NodeStatus,
  settledPartition,
  storeFromPreset,
  type TableNode,
  type TableStore,
} from '#libs/cluster';
import { ALL_COMMANDS, CommandTable } from '#libs/commands';
import { ByteWriter, latin1Bytes, latin1Text, SLOT_COUNT, slotOfKey, utf8Bytes } from '#libs/kernel';
import { encodeCommand, RequestScanner } from '#libs/resp';
import {
  CollectingLogger,
  CollectingTelemetry,
  FakeSocket,
  type ManualBus,
  ManualNetwork,
  SeededRng,
} from '#libs/test-ports';
import {
  beginRepliesFrame,
  beginReply,
  decodePartAck,
  encodePartAck,
  endReply,
  finishRepliesFrame,
  FRAME_TYPES,
  OperationsReader,
  PartAssembler,
  PartSender,
  readFrameType,
  REPLY_STATUS,
  subjectsOf,
} from '#libs/wire';
import { GATEWAY_DEFAULTS, GatewayHost, type GatewayOptions, type GatewaySession } from './index.js';

export const SUBJECTS = subjectsOf('t');
export const COMMANDS = new CommandTable(ALL_COMMANDS);

const SCANNER_LIMITS = { maxBulkBytes: 64 * 1024 * 1024, maxArguments: 1024 * 1024, maxInlineBytes: 65536 };

/** An operation as a storage node receives it. */
export interface Received {
  readonly id: number;
  readonly name: string;
  readonly words: readonly string[];
  readonly partition: number;
  readonly partitions: readonly number[];
  readonly epoch: number;
  readonly generation: number;
  readonly database: number;
  readonly storeId: number;
  readonly flags: number;
  readonly deadlineMs: number;
  readonly trace: Uint8Array | undefined;
  readonly sequence: number;
  readonly incarnation: number;
  readonly tableVersion: number;
  readonly subject: string;
}

/** RESP bytes as text; a status; or undefined where the operation is answered later, or never. */
export type Answer = string | 'stale' | 'moving' | undefined;

export class FakeNode {
  readonly received: Received[] = [];
  frames = 0;
  /** What is answered at once; by default nothing. */
  answer: (operation: Received) => Answer = () => undefined;
  tableVersion = 0;
  readonly bus: ManualBus;
  readonly sender: PartSender;
  private readonly assembler = new PartAssembler(64 * 1024 * 1024);
  private readonly reader = new OperationsReader();
  private readonly writer = new ByteWriter();
  private readonly subscription;

  constructor(
    network: ManualNetwork,
    readonly nodeId: string,
  ) {
    this.bus = network.bus();
    this.sender = new PartSender(99, network.maxPayloadBytes, (message) => this.publish(message));
    this.subscription = this.bus.subscribe(SUBJECTS.operations(nodeId), ({ payload, replyTo, noResponders }) => {
      if (!noResponders) this.receive(payload, replyTo ?? '');
    });
  }

  /** Stops listening, as a process that has gone. */
  leave(): void {
    this.subscription.unsubscribe();
  }

  reply(operation: Received, answer: Answer): void {
    this.replyAll([[operation, answer]]);
  }

  replyAll(answers: readonly (readonly [Received, Answer])[]): void {
    const { writer } = this;
    beginRepliesFrame(writer);
    for (const [operation, answer = ''] of answers) {
      const at = beginReply(writer);
      const status = answer === 'stale' || answer === 'moving' ? REPLY_STATUS[answer] : REPLY_STATUS.executed;
      if (status === REPLY_STATUS.executed) writer.bytes(latin1Bytes(answer));
      endReply(writer, at, operation.id, status);
    }
    finishRepliesFrame(writer, answers[0]?.[0].incarnation ?? 0, this.tableVersion, answers.length);
    this.sender.send(writer.toBytes());
  }

  publish(message: Uint8Array): boolean {
    return this.bus.publish(SUBJECTS.replies('g1', `${this.nodeId}.r`), message, {
      replyTo: SUBJECTS.operations(this.nodeId),
    });
  }

  /** Takes what has been received since the last call. */
  take(): Received[] {
    return this.received.splice(0);
  }

  /** Words of what has been received, as text. */
  get commands(): string[] {
    return this.received.map(({ words }) => words.join(' '));
  }

  private receive(message: Uint8Array, subject: string): void {
    const type = readFrameType(message);
    if (type === FRAME_TYPES.PART_ACK) {
      const { incarnation, messageId, index } = decodePartAck(message);
      return this.sender.onAck(incarnation, messageId, index);
    }
    if (type !== FRAME_TYPES.PART) return this.execute(message, subject);
    const whole = this.assembler.accept(message);
    this.publish(encodePartAck(message));
    if (whole !== undefined) this.execute(whole, subject);
  }

  private execute(frame: Uint8Array, subject: string): void {
    const { reader } = this;
    this.frames++;
    reader.open(frame);
    const answers: [Received, Answer][] = [];
    while (reader.advance()) {
      const operation = readOperation(reader, subject);
      this.received.push(operation);
      const answer = this.answer(operation);
      if (answer !== undefined) answers.push([operation, answer]);
    }
    if (answers.length > 0) this.replyAll(answers);
  }
}

function readOperation(reader: OperationsReader, subject: string): Received {
  const scanner = new RequestScanner(SCANNER_LIMITS);
  scanner.authenticated = true;
  const { buffer, commandOffset, commandLength, traceOffset } = reader;
  scanner.scan(buffer, commandOffset, commandOffset + commandLength);
  const words = Array.from({ length: scanner.count }, (_, i) =>
    latin1Text(buffer, scanner.offsets[i], scanner.lengths[i]),
  );
  return {
    id: reader.operationId,
    name: COMMANDS.byId(reader.commandId)?.name ?? '',
    words,
    partition: reader.partition,
    partitions: [reader.partition, ...Array.from({ length: reader.routeCount }, (_, i) => reader.routePartition(i))],
    epoch: reader.epoch,
    generation: reader.generation,
    database: reader.database,
    storeId: reader.storeId,
    flags: reader.flags,
    deadlineMs: reader.deadlineMs,
    trace: traceOffset < 0 ? undefined : buffer.slice(traceOffset, traceOffset + 24),
    sequence: reader.sequence,
    incarnation: reader.incarnation,
    tableVersion: reader.tableVersion,
    subject,
  };
}

export class TestClient {
  readonly socket = new FakeSocket();
  readonly session: GatewaySession;

  constructor(private readonly bench: GatewayBench) {
    this.session = bench.gateway.sockets.onConnect(this.socket);
  }

  /** Sends commands in one chunk, without letting anything else happen. */
  post(...commands: (string | readonly string[])[]): void {
    const chunks = commands.map((command) => encodeCommand(typeof command === 'string' ? command.split(' ') : command));
    this.raw(Buffer.concat(chunks));
  }

  raw(bytes: Uint8Array): void {
    this.bench.gateway.sockets.onData(this.session, bytes);
  }

  /** Sends commands, lets everything happen, and answers what has come back. */
  call(...commands: (string | readonly string[])[]): string {
    this.post(...commands);
    this.bench.network.settle();
    return this.socket.take();
  }

  close(): void {
    this.bench.gateway.sockets.onClose(this.session);
  }
}

export interface BenchOptions extends Partial<GatewayOptions> {
  readonly partitions?: number;
  readonly nodes?: readonly string[];
  readonly maxPayloadBytes?: number;
  /** Without a table at first. */
  readonly noTable?: boolean;
}

export class GatewayBench {
  readonly network: ManualNetwork;
  readonly logger = new CollectingLogger();
  readonly telemetry = new CollectingTelemetry();
  readonly nodes = new Map<string, FakeNode>();
  readonly gateway: GatewayHost;
  readonly data: ManualBus;
  readonly control: ManualBus;
  readonly partitionCount: number;
  /** By partition: the owner's id; empty where there is none. */
  readonly owners: string[];
  readonly epochs: number[];
  readonly statuses = new Map<string, NodeStatus>();
  otherGateways: string[] = [];
  stores: TableStore[] = [{ id: 0, ...storeFromPreset('general', { name: 'default' }) }];
  tableVersion = 0;

  constructor({ partitions = 8, nodes = ['s1', 's2'], maxPayloadBytes, noTable, ...options }: BenchOptions = {}) {
    this.network = new ManualNetwork(undefined, maxPayloadBytes);
    this.partitionCount = partitions;
    this.owners = Array.from({ length: partitions }, (_, i) => nodes[i % nodes.length]);
    this.epochs = Array.from({ length: partitions }, () => 1);
    for (const nodeId of nodes) this.nodes.set(nodeId, new FakeNode(this.network, nodeId));
    this.data = this.network.bus();
    this.control = this.network.bus();
    const { time } = this.network;
    const { logger, telemetry, data, control } = this;
    const ports = { control, data, clock: time, timers: time, rng: new SeededRng(), logger, telemetry };
    const identity = {
      cluster: 't',
      nodeId: 'g1',
      mode: 'cluster' as const,
      softwareVersion: '0.0.1',
      advertise: { host: '10.0.0.1', respPort: 6379, httpPort: 8080, adminPort: 6380 },
      zone: '',
      users: new Map<string, string>(),
    };
    this.gateway = new GatewayHost(ports, { ...GATEWAY_DEFAULTS, ...identity, ...options }, COMMANDS);
    this.gateway.start();
    this.network.settle();
    if (noTable !== true) this.publishTable();
  }

  get time() {
    return this.network.time;
  }

  node(nodeId = 's1'): FakeNode {
    const node = this.nodes.get(nodeId) ?? new FakeNode(this.network, nodeId);
    this.nodes.set(nodeId, node);
    return node;
  }

  client(): TestClient {
    return new TestClient(this);
  }

  /** Every node answers every operation so. */
  answerAll(answer: (operation: Received, nodeId: string) => Answer): void {
    for (const [nodeId, node] of this.nodes) node.answer = (operation) => answer(operation, nodeId);
  }

  makeTable(): ClusterTable {
    const ids = [...this.nodes.keys()];
    const node = (nodeId: string, role: TableNode['role'], respPort: number): TableNode => ({
      nodeId,
      role,
      incarnation: 1,
      softwareVersion: '0',
      endpoints: { host: `host-${nodeId}`, respPort, httpPort: 0, adminPort: 0 },
      zone: '',
      weight: 1,
      status: this.statuses.get(nodeId) ?? 'up',
    });
    return {
      featureLevel: 1,
      clusterId: 'id-1',
      clusterName: 't',
      hashSeed: 7,
      tableVersion: ++this.tableVersion,
      partitions: this.owners.map((owner, partition) =>
        settledPartition(this.epochs[partition], ids.includes(owner) ? [ids.indexOf(owner)] : []),
      ),
      nodes: [
        ...ids.map((nodeId) => node(nodeId, 'storage-node', 0)),
        ...['g1', ...this.otherGateways].map((nodeId) => node(nodeId, 'gateway', 6379)),
        node('c1', 'coordinator', 0),
      ],
      stores: this.stores,
      settings: [],
    };
  }

  publishTable(): void {
    this.network.bus().publish(SUBJECTS.table, encodeClusterTable(this.makeTable()));
    this.network.settle();
  }

  /** Gives a partition to another node under the next epoch. */
  move(partition: number, owner: string): void {
    this.owners[partition] = owner;
    this.epochs[partition]++;
  }

  partitionOf(key: string): number {
    const bytes = utf8Bytes(key);
    return Math.floor((slotOfKey(bytes, 0, bytes.length) * this.partitionCount) / SLOT_COUNT);
  }

  /** The n-th of key0, key1, … that lies in a partition. */
  keyIn(partition: number, nth = 0): string {
    let left = nth;
    for (let i = 0; ; i++) if (this.partitionOf(`key${i}`) === partition && left-- === 0) return `key${i}`;
  }
}

/** A value as a bulk string. */
export function bulk(text: string): string {
  return `$${text.length}\r\n${text}\r\n`;
}
