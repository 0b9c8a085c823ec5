/** Gateways and storage nodes on one bus, with a table as a test defines it, for copies of filters at gateways. */
import {
  type ClusterTable,
  encodeClusterTable,
  settledPartition,
  type StoreFilter,
  storeFromPreset,
} from '#libs/cluster';
import { ALL_COMMANDS, CommandTable } from '#libs/commands';
import { SLOT_COUNT, slotOfKey, utf8Bytes } from '#libs/kernel';
import { encodeCommand } from '#libs/resp';
import { STORAGE_DEFAULTS, StorageHost } from '#libs/storage-host';
import {
  CollectingLogger,
  CollectingTelemetry,
  FakeSocket,
  type ManualBus,
  ManualNetwork,
  SeededRng,
} from '#libs/test-ports';
import { subjectsOf } from '#libs/wire';
import { GATEWAY_DEFAULTS, GatewayHost } from './index.js';

const TABLE = new CommandTable(ALL_COMMANDS);
const SUBJECTS = subjectsOf('t');
const IDENTITY = { cluster: 't', softwareVersion: '0', zone: '' };
const NODES = ['s1', 's2'];
export const STALENESS_MS = 1_000;
export const NEAR: StoreFilter = { enabled: true, falsePositiveRate: 0.0001, nearStalenessMs: STALENESS_MS };

export interface NearClient {
  readonly post: (...commands: readonly string[]) => void;
  /** Sends commands as one chunk and answers what came back. */
  readonly call: (...commands: readonly string[]) => string;
  readonly socket: FakeSocket;
}

export class NearRig {
  readonly network = new ManualNetwork();
  readonly logger = new CollectingLogger();
  readonly storage = new Map<string, StorageHost>();
  readonly gateways = new Map<string, GatewayHost>();
  readonly owners: string[];
  readonly epochs: number[];
  filter: StoreFilter;
  storeId = 1;
  private readonly coordinator: ManualBus;
  private readonly rng = new SeededRng();
  private tableVersion = 0;

  constructor(
    filter: StoreFilter = NEAR,
    readonly partitionCount = 8,
  ) {
    this.filter = filter;
    this.coordinator = this.network.bus();
    this.owners = Array.from({ length: partitionCount }, (_, i) => NODES[i % 2]);
    this.epochs = this.owners.map(() => 1);
    for (const nodeId of NODES) this.addStorage(nodeId);
    for (const nodeId of ['g1', 'g2']) this.addGateway(nodeId);
    this.publish();
    this.advance(1_000);
  }

  publish(): void {
    this.coordinator.publish(SUBJECTS.table, encodeClusterTable(this.table()));
    this.network.settle();
  }

  advance(ms: number): void {
    this.network.time.advance(ms);
    this.network.settle();
  }

  /** A client that has selected the store. */
  client(gatewayId = 'g1'): NearClient {
    const gateway = this.gateway(gatewayId);
    const socket = new FakeSocket();
    const session = gateway.sockets.onConnect(socket);
    const post = (...commands: readonly string[]): void => {
      gateway.sockets.onData(session, Buffer.concat(commands.map((command) => encodeCommand(command.split(' ')))));
    };
    const call = (...commands: readonly string[]): string => {
      post(...commands);
      this.network.settle();
      return socket.take();
    };
    expect(call('select near')).toBe('+OK\r\n');
    return { post, call, socket };
  }

  gateway(gatewayId = 'g1'): GatewayHost {
    return this.gateways.get(gatewayId)!;
  }

  figures(gatewayId = 'g1') {
    return this.gateway(gatewayId).nearFilters.figuresOf(this.storeId);
  }

  /** Commands that have reached storage nodes. */
  executed(name: string): number {
    const id = TABLE.byName(name)!.id;
    return [...this.storage.values()].reduce((sum, { statistics }) => sum + statistics.operations[id], 0);
  }

  partitionOf(key: string): number {
    const bytes = utf8Bytes(key);
    return Math.floor((slotOfKey(bytes, 0, bytes.length) * this.partitionCount) / SLOT_COUNT);
  }

  private table(): ClusterTable {
    const general = (id: number, name: string, filter: StoreFilter) => ({
      id,
      ...storeFromPreset('general', { name, filter }),
    });
    return {
      featureLevel: 1,
      clusterId: 'id-1',
      clusterName: 't',
      hashSeed: 7,
      tableVersion: ++this.tableVersion,
      partitions: this.owners.map((owner, i) => settledPartition(this.epochs[i], [NODES.indexOf(owner)])),
      nodes: NODES.map((nodeId) => ({
        nodeId,
        role: 'storage-node',
        incarnation: this.storage.get(nodeId)!.incarnation,
        softwareVersion: '0',
        endpoints: { host: 'h', respPort: 0, httpPort: 0, adminPort: 0 },
        zone: '',
        weight: 1,
        status: 'up',
      })),
      stores: [
        general(0, 'default', { ...this.filter, enabled: false, nearStalenessMs: 0 }),
        general(this.storeId, 'near', this.filter),
      ],
      settings: [],
    };
  }

  private ports() {
    const { network, logger, rng } = this;
    const { time } = network;
    const buses = { control: network.bus(), data: network.bus() };
    return { ...buses, clock: time, timers: time, rng, logger, telemetry: new CollectingTelemetry() };
  }

  private addStorage(nodeId: string): void {
    const advertise = { host: 'h', adminPort: 0 };
    const options = { ...STORAGE_DEFAULTS, ...IDENTITY, nodeId, advertise, weight: 1 };
    const host = new StorageHost(this.ports(), options, TABLE);
    this.storage.set(nodeId, host);
    host.start();
  }

  private addGateway(nodeId: string): void {
    const advertise = { host: '127.0.0.1', respPort: 6379, httpPort: 0, adminPort: 0 };
    const options = { ...GATEWAY_DEFAULTS, ...IDENTITY, nodeId, mode: 'cluster' as const, advertise };
    const host = new GatewayHost(this.ports(), { ...options, users: new Map() }, TABLE);
    this.gateways.set(nodeId, host);
    host.start();
  }
}
