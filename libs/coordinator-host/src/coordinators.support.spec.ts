/** Several coordinators, each with a disk of its own, on one network; storage nodes are heartbeats that a test sends. */
import {
  decodeEventsReply,
  encodeEventsRequest,
  encodeHeartbeat,
  NO_STATS,
  type AnyEventNotice,
  type ChangeReply,
  type ClusterChange,
  type ClusterTable,
  type Heartbeat,
} from '#libs/cluster';
import { MemoryDisk } from '#libs/disk-memory';
import { CollectingLogger, ManualNetwork, SeededRng, type ManualBus } from '#libs/test-ports';
import { subjectsOf } from '#libs/wire';
import { CoordinatorHost } from './coordinator-host.js';
import type { CoordinatorOptions } from './options.js';

export const SUBJECTS = subjectsOf('test');
export const NAMES = ['c1', 'c2', 'c3'];

interface Machine {
  readonly host: CoordinatorHost;
  readonly bus: ManualBus;
  readonly logger: CollectingLogger;
}

export class Coordinators {
  readonly network = new ManualNetwork();
  readonly failures: string[] = [];
  private readonly disks = new Map<string, MemoryDisk>();
  private readonly machines = new Map<string, Machine>();
  private readonly rng = new SeededRng();
  private readonly outside = this.network.bus();
  private requests = 0;

  constructor(private readonly options: Partial<CoordinatorOptions> = {}) {}

  start(nodeId: string, options: Partial<CoordinatorOptions> = {}): CoordinatorHost {
    const { time } = this.network;
    const disk = this.disks.get(nodeId) ?? new MemoryDisk({ runLater: (turn) => time.endOfTurn(turn) });
    this.disks.set(nodeId, disk);
    const bus = this.network.bus();
    const logger = new CollectingLogger();
    const identity = { cluster: 'test', nodeId, coordinators: NAMES, partitionCount: 16, expectedStorageNodes: 1 };
    const host = new CoordinatorHost({
      bus,
      disk,
      clock: time,
      timers: time,
      rng: this.rng,
      logger,
      options: { ...identity, ...this.options, ...options },
    });
    host.onFailed = (error) => this.failures.push(error.message);
    this.machines.set(nodeId, { host, bus, logger });
    host.bindToBus();
    host.start((error) => error === undefined || this.failures.push(error.message));
    this.network.settle();
    return host;
  }

  /** All three, with a storage node, until everybody votes and has the table. */
  formed(): this {
    for (const nodeId of NAMES) this.start(nodeId);
    this.until(() => this.leader?.raft?.status.configuration.voters.length === NAMES.length);
    this.until(() => NAMES.every((nodeId) => this.host(nodeId).clusterTable()?.nodes.length === 4));
    return this;
  }

  host(nodeId: string): CoordinatorHost {
    return this.machine(nodeId).host;
  }

  logOf(nodeId: string): CollectingLogger {
    return this.machine(nodeId).logger;
  }

  /** The process ends at once: nobody hears of it. Its disk stays. */
  kill(nodeId: string): void {
    const { host, bus } = this.machine(nodeId);
    bus.setStatus('disconnected');
    host.stop(() => undefined);
    this.machines.delete(nodeId);
    this.network.settle();
  }

  wipe(nodeId: string): void {
    this.disks.delete(nodeId);
  }

  /** Cuts a coordinator off, or connects it again. */
  cut(nodeId: string, isCut: boolean): void {
    this.machine(nodeId).bus.setStatus(isCut ? 'disconnected' : 'connected');
  }

  get leader(): CoordinatorHost | undefined {
    return [...this.machines.values()].find(({ host, bus }) => host.isLeading && bus.status === 'connected')?.host;
  }

  get followers(): CoordinatorHost[] {
    return [...this.machines.values()].map(({ host }) => host).filter((host) => host !== this.leader);
  }

  run(ms: number): void {
    for (let passed = 0; passed < ms; passed += 10) {
      if (passed % 100 === 0) this.outside.publish(SUBJECTS.heartbeat, encodeHeartbeat(STORAGE_NODE));
      this.network.time.advance(10);
      this.network.settle();
    }
  }

  /** Answers how long it took. */
  until(condition: () => boolean, limitMs = 10_000): number {
    for (let passed = 0; passed <= limitMs; passed += 10) {
      if (condition()) return passed;
      this.run(10);
    }
    throw new Error(`not within ${limitMs} ms: ${condition}`);
  }

  /** Asks all coordinators; the answers come into the list that is returned. */
  change(...changes: ClusterChange[]): ChangeReply[] {
    return this.request(`r${++this.requests}`, ...changes);
  }

  request(requestId: string, ...changes: ClusterChange[]): ChangeReply[] {
    const replies: ChangeReply[] = [];
    const clusterId = [...this.machines.values()][0].host.clusterTable()?.clusterId ?? '';
    for (const { host, bus } of this.machines.values()) {
      if (bus.status !== 'connected') continue;
      host.change({ clusterId, requestId, changes }, (reply) => replies.push(reply));
    }
    this.network.settle();
    return replies;
  }

  events(nodeId: string): readonly AnyEventNotice[] {
    const bytes = this.host(nodeId).inbox.onEventsRequest(encodeEventsRequest({ since: 1, limit: 1000 }));
    return bytes === undefined ? [] : decodeEventsReply(bytes).notices;
  }

  table(nodeId: string): ClusterTable {
    return this.host(nodeId).clusterTable() as ClusterTable;
  }

  private machine(nodeId: string): Machine {
    const machine = this.machines.get(nodeId);
    if (machine === undefined) throw new Error(`${nodeId} does not run`);
    return machine;
  }
}

const STORAGE_NODE: Heartbeat = {
  featureLevel: 1,
  cluster: 'test',
  nodeId: 's1',
  role: 'storage-node',
  incarnation: 7,
  softwareVersion: '1',
  endpoints: { host: 's1', respPort: 0, httpPort: 0, adminPort: 6380 },
  zone: '',
  weight: 1,
  tableVersion: 0,
  clusterId: '',
  state: 'ready',
  stats: NO_STATS,
  moves: [],
  capabilities: [],
};
