/**
 * A coordinator on fake ports, and storage nodes that play their part as far as coordinators can see it: a candidate serves once
 * majorities of its owners, old and new, can be heard for a lease; copies take a while; an owner that comes back lags at first.
 */
import {
  CAPABILITIES,
  decodeClusterTable,
  encodeEpochReports,
  encodeHeartbeat,
  encodeMoveFinished,
  NO_NODE,
  NO_STATS,
  REPLICATION,
  storeFromPreset,
  type ClusterTable,
  type Heartbeat,
  type LaggingPartition,
  type PromotionFailure,
  type TablePartition,
} from '#libs/cluster';
import { subjectsOf } from '#libs/wire';
import { CoordinatorHost } from './coordinator-host.js';
import { CollectingLogger, FakeDisk, ManualTime, RecordingBus, SeededRng } from './fake-ports.support.spec.js';
import type { CoordinatorOptions } from './options.js';

export const SUBJECTS = subjectsOf('test');
const TICK_MS = 100;
const HEARTBEAT_MS = 500;
/** From the table to service, where a majority agrees; to giving up, where none does. */
const PROMOTION_MS = 300;
const GIVE_UP_MS = 1_000;
/** Between two reports of one thing. */
const REPEAT_MS = 500;
/** To copy a partition, and to catch up after an absence. */
const COPY_MS = 200;
const CATCH_UP_MS = 1_500;

interface Candidacy {
  readonly epoch: number;
  readonly sinceMs: number;
  serves: boolean;
  hasFailed: boolean;
  reportAtMs: number;
}

export class ScriptedNode {
  isAlive = true;
  /** Cut off from the bus, and from the other nodes. */
  isCutOff = false;
  incarnation = 100;
  /** Candidates of these partitions give up at once, with that reason. */
  readonly failing = new Map<number, PromotionFailure>();
  /** Never caught up. */
  lagsForEver = false;
  private caughtUpMs = 0;
  private readonly candidacies = new Map<number, Candidacy>();
  private readonly copies = new Map<number, number>();

  constructor(
    private readonly world: ReplicatingWorld,
    readonly nodeId: string,
    readonly zone = '',
    readonly weight = 1,
  ) {}

  get isThere(): boolean {
    return this.isAlive && !this.isCutOff;
  }

  kill(): void {
    this.isAlive = false;
    this.candidacies.clear();
    this.copies.clear();
  }

  /** Another process, which has kept its disk and lacks what came meanwhile. */
  restart(): void {
    this.kill();
    this.isAlive = true;
    this.incarnation++;
    this.caughtUpMs = this.world.nowMs + CATCH_UP_MS;
  }

  /** The same process, heard again. */
  reconnect(): void {
    this.isCutOff = false;
    this.caughtUpMs = this.world.nowMs + CATCH_UP_MS;
  }

  isInSync(nowMs: number): boolean {
    return this.isThere && !this.lagsForEver && nowMs >= this.caughtUpMs;
  }

  beat(table: ClusterTable | undefined): void {
    if (this.isThere) this.world.bus.deliver(SUBJECTS.heartbeat, encodeHeartbeat(this.heartbeat(table)));
  }

  tick(table: ClusterTable, nowMs: number): void {
    if (!this.isThere || !this.counts(table)) return;
    table.partitions.forEach((partition, number) => this.lead(table, partition, number, nowMs));
  }

  serves(partition: number): boolean {
    return this.candidacies.get(partition)?.serves === true;
  }

  private lead(table: ClusterTable, partition: TablePartition, number: number, nowMs: number): void {
    if (table.nodes[partition.primary].nodeId !== this.nodeId) {
      this.candidacies.delete(number);
      this.copies.delete(number);
      return;
    }
    const { epoch } = partition;
    const known = this.candidacies.get(number);
    const candidacy =
      known?.epoch === epoch ? known : { epoch, sinceMs: nowMs, serves: false, hasFailed: false, reportAtMs: 0 };
    this.candidacies.set(number, candidacy);
    if (!candidacy.serves) this.stand(table, partition, number, candidacy, nowMs);
    if (candidacy.serves) {
      if (partition.outgoing.length > 0) this.report(table, { served: [{ partition: number, epoch }] });
      this.copy(table, partition, number, nowMs);
    }
  }

  private stand(
    table: ClusterTable,
    { owners, outgoing }: TablePartition,
    partition: number,
    candidacy: Candidacy,
    nowMs: number,
  ): void {
    const waitedMs = nowMs - candidacy.sinceMs;
    const agree = [owners, outgoing].every((set) => {
      const there = set.filter((owner) => this.world.nodes.get(table.nodes[owner].nodeId)?.isThere);
      return set.length === 0 || 2 * there.length > set.length;
    });
    const reason = this.failing.get(partition) ?? 'no-majority';
    candidacy.serves = agree && !this.failing.has(partition) && waitedMs >= PROMOTION_MS;
    candidacy.hasFailed ||= this.failing.has(partition) || (!agree && waitedMs >= GIVE_UP_MS);
    if (!candidacy.hasFailed || candidacy.serves || nowMs < candidacy.reportAtMs) return;
    candidacy.reportAtMs = nowMs + REPEAT_MS;
    this.report(table, { failed: [{ partition, epoch: candidacy.epoch, reason }] });
  }

  private copy(table: ClusterTable, partition: TablePartition, number: number, nowMs: number): void {
    const { movingTo, moveId, epoch } = partition;
    if (movingTo === NO_NODE) return void this.copies.delete(number);
    const startedMs = this.copies.get(number) ?? nowMs;
    this.copies.set(number, startedMs);
    const target = this.world.nodes.get(table.nodes[movingTo].nodeId);
    if (nowMs - startedMs < COPY_MS || target?.isThere !== true) return;
    const report = {
      clusterId: table.clusterId,
      partition: number,
      epoch,
      source: this.nodeId,
      target: target.nodeId,
      moveId,
      incarnation: this.incarnation,
      targetIncarnation: target.incarnation,
      ok: true,
      reason: '',
    };
    this.world.bus.deliver(SUBJECTS.moveFinished, encodeMoveFinished(report), 'reply');
  }

  private report(table: ClusterTable, words: Partial<Parameters<typeof encodeEpochReports>[0]>): void {
    const { nodeId, incarnation } = this;
    const reports = { clusterId: table.clusterId, nodeId, incarnation, served: [], failed: [], ...words };
    this.world.bus.deliver(SUBJECTS.epochReports, encodeEpochReports(reports), 'reply');
  }

  private counts({ nodes }: ClusterTable): boolean {
    return nodes.some(({ nodeId, incarnation }) => nodeId === this.nodeId && incarnation === this.incarnation);
  }

  private lagging({ nodes, partitions }: ClusterTable): readonly LaggingPartition[] {
    const { nowMs } = this.world;
    return partitions.flatMap(({ owners, primary, epoch }, partition) => {
      if (nodes[primary].nodeId !== this.nodeId) return [];
      const bits = owners.reduce((sum, owner, rank) => {
        const isWell =
          owner === primary
            ? this.serves(partition)
            : this.world.nodes.get(nodes[owner].nodeId)?.isInSync(nowMs) === true;
        return isWell ? sum : sum | (1 << rank);
      }, 0);
      return bits === 0 ? [] : [{ partition, epoch, owners: bits }];
    });
  }

  private heartbeat(table: ClusterTable | undefined): Heartbeat {
    const { nodeId, incarnation, zone, weight } = this;
    const lagging = table !== undefined && this.counts(table) ? this.lagging(table) : [];
    return {
      featureLevel: 1,
      cluster: 'test',
      nodeId,
      role: 'storage-node',
      incarnation,
      softwareVersion: '1',
      endpoints: { host: nodeId, respPort: 0, httpPort: 0, adminPort: 0 },
      zone,
      weight,
      tableVersion: table?.tableVersion ?? 0,
      clusterId: table?.clusterId ?? '',
      state: 'ready',
      stats: NO_STATS,
      moves: [],
      capabilities: [...CAPABILITIES['storage-node'], REPLICATION],
      replication: { laggingCount: lagging.length, lagging },
    };
  }
}

export class ReplicatingWorld {
  readonly time = new ManualTime();
  readonly bus = new RecordingBus();
  readonly logger = new CollectingLogger();
  readonly disk = new FakeDisk(this.time);
  readonly nodes = new Map<string, ScriptedNode>();
  readonly host: CoordinatorHost;
  /** Called with each published table. */
  onTable: (table: ClusterTable, before: ClusterTable | undefined) => void = () => undefined;
  private latest: ClusterTable | undefined;
  private requests = 0;

  constructor(replicas: number, ids: readonly string[], options: Partial<CoordinatorOptions> = {}) {
    this.host = new CoordinatorHost({
      bus: this.bus,
      disk: this.disk,
      clock: this.time,
      timers: this.time,
      rng: new SeededRng(),
      logger: this.logger,
      options: {
        cluster: 'test',
        nodeId: 'c1',
        partitionCount: 64,
        expectedStorageNodes: ids.length,
        stores: [storeFromPreset('general', { name: 'default', replicas })],
        ...options,
      },
    });
    this.host.start(() => undefined);
    this.time.advance(0);
    this.host.bindToBus();
    for (const id of ids) this.add(id);
    this.run(1_000);
  }

  get nowMs(): number {
    return this.time.monotonicMs();
  }

  get table(): ClusterTable {
    this.takeTables();
    if (this.latest === undefined) throw new Error('no table has been published');
    return this.latest;
  }

  add(nodeId: string, zone = '', weight = 1): ScriptedNode {
    const node = new ScriptedNode(this, nodeId, zone, weight);
    this.nodes.set(nodeId, node);
    return node;
  }

  node(nodeId: string): ScriptedNode {
    return this.nodes.get(nodeId) as ScriptedNode;
  }

  run(ms: number): void {
    for (let passed = 0; passed < ms; passed += TICK_MS) {
      this.time.advance(TICK_MS);
      this.takeTables();
      const beats = Math.round(this.nowMs) % HEARTBEAT_MS === 0;
      for (const node of this.nodes.values()) {
        if (this.latest !== undefined) node.tick(this.latest, this.nowMs);
        if (beats) node.beat(this.latest);
      }
    }
    this.takeTables();
  }

  /** Until it holds; fails where that takes too long. */
  runUntil(holds: () => boolean, limitMs: number): number {
    const startMs = this.nowMs;
    while (!holds()) {
      if (this.nowMs - startMs > limitMs) throw new Error(`not within ${limitMs} ms`);
      this.run(TICK_MS);
    }
    return this.nowMs - startMs;
  }

  change(...changes: Parameters<CoordinatorHost['change']>[0]['changes']): boolean | undefined {
    let isAccepted: boolean | undefined;
    const request = { clusterId: this.table.clusterId, requestId: `r${++this.requests}`, changes };
    this.host.change(request, ({ accepted }) => (isAccepted = accepted));
    this.time.advance(0);
    return isAccepted;
  }

  /** Partitions by the id of their primary. */
  primaries(): Record<string, number> {
    const { nodes, partitions } = this.table;
    return countBy(partitions.map(({ primary }) => nodes[primary].nodeId));
  }

  copies(): Record<string, number> {
    const { nodes, partitions } = this.table;
    return countBy(partitions.flatMap(({ owners }) => owners.map((owner) => nodes[owner].nodeId)));
  }

  /** Every partition is served by its primary, under the present epoch, with settled owners. */
  get isServed(): boolean {
    const { nodes, partitions } = this.table;
    return partitions.every(
      ({ primary, outgoing }, number) => outgoing.length === 0 && this.nodes.get(nodes[primary].nodeId)?.serves(number),
    );
  }

  get isSettled(): boolean {
    return this.isServed && this.table.partitions.every(({ movingTo }) => movingTo === NO_NODE);
  }

  private takeTables(): void {
    const published = this.bus.published.splice(0).filter(({ subject }) => subject === SUBJECTS.table);
    for (const { payload } of published) {
      const table = decodeClusterTable(payload);
      if (table.tableVersion <= (this.latest?.tableVersion ?? 0)) continue;
      const before = this.latest;
      this.latest = table;
      this.onTable(table, before);
    }
  }
}

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names.toSorted()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
