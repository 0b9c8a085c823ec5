import {
  CAPABILITIES,
  decodeClusterTable,
  decodeTableReply,
  encodeHeartbeat,
  encodeLeave,
  encodeTableRequest,
  FEATURE_LEVEL,
  type Endpoints,
  type MemberRole,
  type MemberStats,
  type MoveProgress,
  type ReplicationStanding,
  type ReportedState,
  RoutingTable,
} from '#libs/cluster';
import { DecodeError } from '#libs/kernel';
import type { Bus, BusSubscription, Clock, Logger, TimerHandle, Timers } from '#libs/ports';
import { subjectsOf } from '#libs/wire';
import { ProbeResponder } from './probe-responder.js';

export interface ClusterMemberOptions {
  readonly cluster: string;
  readonly nodeId: string;
  readonly role: MemberRole;
  readonly softwareVersion: string;
  readonly endpoints: Endpoints;
  readonly zone: string;
  readonly weight: number;
  readonly heartbeatMs: number;
  readonly tableRequestMs: number;
}

/** What a member asks of its host when it announces itself, and tells it. */
export interface ClusterMemberHost {
  reportedState(): ReportedState;
  stats(): MemberStats;
  moves(): readonly MoveProgress[];
  /** Of storage nodes that replicate. */
  replication?(): ReplicationStanding;
  /** A newer table arrived. */
  onTable(routing: RoutingTable): void;
  /** The table has counted this process as the node, and now counts a later one: this one should end. */
  onSuperseded(): void;
}

/**
 * The part of every gateway and storage node that belongs to the cluster: it announces the node by heartbeats, answers
 * probes, and follows the cluster table, of which only a higher version of the same cluster counts.
 */
export class ClusterMember {
  /** Distinguishes this process from earlier ones with the same node id. */
  readonly incarnation: number;
  routing: RoutingTable | undefined;
  private clusterId = '';
  /** Answers those who ask whether this process, or one that it can reach, is alive. */
  readonly probes: ProbeResponder;
  private readonly subjects;
  private subscription: BusSubscription | undefined;
  private readonly timers: TimerHandle[] = [];
  private requestUnderWay = false;
  private wasCounted = false;
  private stopped = false;

  constructor(
    private readonly bus: Bus,
    private readonly ports: { readonly clock: Clock; readonly timers: Timers; readonly logger: Logger },
    private readonly options: ClusterMemberOptions,
    private readonly host: ClusterMemberHost,
    incarnation: number,
  ) {
    this.incarnation = incarnation;
    this.subjects = subjectsOf(options.cluster);
    const { cluster, nodeId } = options;
    this.probes = new ProbeResponder(bus, ports.clock, { cluster, nodeId, incarnation });
  }

  start(): void {
    this.subscription = this.bus.subscribe(this.subjects.table, (message) => this.receive(message.payload, false));
    this.probes.start();
    this.announce();
    this.requestTable();
    const { heartbeatMs, tableRequestMs } = this.options;
    this.timers.push(this.ports.timers.every(heartbeatMs, () => this.announce()));
    this.timers.push(
      this.ports.timers.every(tableRequestMs, () => {
        if (this.routing === undefined) this.requestTable();
      }),
    );
  }

  /** Says goodbye, so that nobody has to wait for the silence to be noticed. */
  stop(): void {
    if (this.stopped) return;
    this.stopped = true;
    for (const timer of this.timers) timer.cancel();
    this.subscription?.unsubscribe();
    this.probes.stop();
    const { cluster, nodeId } = this.options;
    this.bus.publish(this.subjects.leave, encodeLeave({ cluster, nodeId, incarnation: this.incarnation }));
  }

  /** Publishes a heartbeat at once, outside the interval, when something changed. */
  announce(): void {
    if (this.stopped) return;
    const { cluster, nodeId, role, softwareVersion, endpoints, zone, weight } = this.options;
    const heartbeat = encodeHeartbeat({
      featureLevel: FEATURE_LEVEL,
      cluster,
      nodeId,
      role,
      incarnation: this.incarnation,
      softwareVersion,
      endpoints,
      zone,
      weight,
      tableVersion: this.routing?.tableVersion ?? 0,
      clusterId: this.clusterId,
      state: this.host.reportedState(),
      stats: this.host.stats(),
      moves: this.host.moves(),
      capabilities: CAPABILITIES[role],
      ...(this.host.replication === undefined ? {} : { replication: this.host.replication() }),
    });
    this.bus.publish(this.subjects.heartbeat, heartbeat);
  }

  /** Asks for the table, because there is none yet or somebody spoke of a newer one. */
  requestTable(): void {
    if (this.requestUnderWay || this.stopped) return;
    this.requestUnderWay = true;
    const { nodeId, tableRequestMs } = this.options;
    const request = encodeTableRequest({ nodeId, tableVersion: this.routing?.tableVersion ?? 0 });
    this.bus.request(this.subjects.tableRequest, request, tableRequestMs, (outcome) => {
      this.requestUnderWay = false;
      if (outcome.ok && !this.stopped) this.receive(outcome.message.payload, true);
    });
  }

  private receive(payload: Uint8Array, isReply: boolean): void {
    try {
      const table = isReply ? decodeTableReply(payload) : decodeClusterTable(payload);
      if (table === undefined) return;
      if (this.clusterId !== '' && table.clusterId !== this.clusterId) {
        this.log('ERROR', `table of another cluster ignored: ${table.clusterId} is not ${this.clusterId}`);
        return;
      }
      if (this.routing !== undefined && table.tableVersion <= this.routing.tableVersion) return;
      this.clusterId = table.clusterId;
      this.routing = new RoutingTable(table);
      this.host.onTable(this.routing);
      this.noteOwnEntry(this.routing);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.log('WARN', `malformed cluster table ignored: ${error.message}`);
    }
  }

  private noteOwnEntry(routing: RoutingTable): void {
    const index = routing.nodeIndexOf(this.options.nodeId);
    if (index < 0) return;
    const isCounted = routing.nodes[index].incarnation === this.incarnation;
    const isSuperseded = this.wasCounted && !isCounted;
    this.wasCounted = isCounted;
    if (isSuperseded) this.host.onSuperseded();
  }

  private log(level: 'WARN' | 'ERROR', message: string): void {
    this.ports.logger.log(level, 'MEMBERSHIP', message, { nodeId: this.options.nodeId });
  }
}
