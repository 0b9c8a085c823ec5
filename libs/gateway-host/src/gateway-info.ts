import type { ServerInfo } from '#libs/commands';
import {
  decodeHeartbeat,
  DEFAULT_STORE_ID,
  redisPolicyName,
  type MemberStats,
  type StoreStats,
  type TableStore,
} from '#libs/cluster';
import type { Clock } from '#libs/ports';
import type { GatewayClusterView } from './gateway-cluster-view.js';
import type { GatewayOptions } from './options.js';
import type { GatewayStatistics } from './statistics.js';

type Rows = readonly (readonly [field: string, value: string])[];

/** A node that has been silent for so long no longer counts. */
const STATS_VALID_MS = 10_000;
/** Above this many nodes, those that have been silent are forgotten. */
const KEPT_NODES = 64;

/**
 * The sections of INFO. What storage nodes know (keys, memory, hits) comes from their latest heartbeats, so it may be as
 * old as the heartbeat interval.
 */
export class GatewayInfo implements ServerInfo {
  readonly sections = [
    'server',
    'clients',
    'memory',
    'persistence',
    'stats',
    'replication',
    'cpu',
    'cluster',
    'keyspace',
    'hypercache',
  ];
  readonly defaultSections = this.sections;
  private readonly storage = new Map<string, { readonly stats: MemberStats; readonly atMs: number }>();
  private readonly startedAtMs: number;

  constructor(
    private readonly options: GatewayOptions,
    private readonly statistics: GatewayStatistics,
    private readonly view: GatewayClusterView,
    private readonly clock: Clock,
    private readonly inFlight: () => number,
    private readonly stores: () => readonly TableStore[],
  ) {
    this.startedAtMs = clock.monotonicMs();
  }

  onHeartbeat(bytes: Uint8Array): void {
    const heartbeat = decodeHeartbeat(bytes);
    const { nodeId, role, stats } = heartbeat;
    this.view.onHeartbeat(heartbeat);
    if (role !== 'storage-node') return;
    const atMs = this.clock.monotonicMs();
    this.storage.set(nodeId, { stats, atMs });
    if (this.storage.size <= KEPT_NODES) return;
    for (const [id, known] of this.storage) if (atMs - known.atMs >= STATS_VALID_MS) this.storage.delete(id);
  }

  /** The storage nodes have reset their counters: until their next heartbeats, those last heard of count as zero. */
  resetCounters(): void {
    for (const [id, { stats, atMs }] of this.storage) {
      this.storage.set(id, { stats: { ...stats, hits: 0, misses: 0, expired: 0, evicted: 0 }, atMs });
    }
  }

  /** Limits of all storage nodes heard lately. */
  maxMemoryBytes(): number {
    return this.sum((stats) => stats.limitBytes);
  }

  render(section: string): Rows {
    switch (section) {
      case 'server':
        return this.server();
      case 'clients':
        return [
          ['connected_clients', String(this.statistics.connectionsOpen)],
          ['maxclients', String(this.options.maxClients)],
          ['blocked_clients', '0'],
        ];
      case 'memory':
        return this.memory();
      case 'persistence':
        return [
          ['loading', '0'],
          ['aof_enabled', '0'],
        ];
      case 'stats':
        return this.stats();
      case 'replication':
        return [
          ['role', 'master'],
          ['connected_slaves', '0'],
        ];
      case 'cpu':
        return [['storage_cpu_ms', String(this.sum((stats) => stats.cpuMs))]];
      case 'cluster':
        return [['cluster_enabled', this.options.mode === 'cluster' ? '1' : '0']];
      case 'keyspace':
        return this.keyspace();
      case 'hypercache':
        return this.hypercache();
      default:
        return [];
    }
  }

  private server(): Rows {
    const uptimeSeconds = Math.floor((this.clock.monotonicMs() - this.startedAtMs) / 1000);
    return [
      ['redis_version', this.options.redisVersion],
      ['redis_mode', this.options.mode],
      ['hypercache_version', this.options.softwareVersion],
      ['run_id', this.view.self.redisId],
      ['node_id', this.options.nodeId],
      ['tcp_port', String(this.options.advertise.respPort)],
      ['uptime_in_seconds', String(uptimeSeconds)],
      ['uptime_in_days', String(Math.floor(uptimeSeconds / 86_400))],
    ];
  }

  private memory(): Rows {
    const usedBytes = this.sum((stats) => stats.usedBytes);
    return [
      ['used_memory', String(usedBytes)],
      ['used_memory_human', `${(usedBytes / 1024 / 1024).toFixed(2)}M`],
      ['maxmemory', String(this.maxMemoryBytes())],
      ['maxmemory_policy', this.defaultPolicy()],
      ['used_memory_rss', String(this.sum((stats) => stats.rssBytes))],
      ...this.stores().map(({ id, name }): [string, string] => [
        `used_memory_store_${name}`,
        String(this.sum((stats) => ofStore(stats, id)?.usedBytes ?? 0)),
      ]),
    ];
  }

  private stats(): Rows {
    return [
      ['total_connections_received', String(this.statistics.connectionsOpened)],
      ['total_commands_processed', String(this.statistics.totalRequests())],
      ['total_net_input_bytes', String(this.statistics.bytesIn)],
      ['total_net_output_bytes', String(this.statistics.bytesOut)],
      ['rejected_connections', String(this.statistics.connectionsRefused)],
      ['expired_keys', String(this.sum((stats) => stats.expired))],
      ['evicted_keys', String(this.sum((stats) => stats.evicted))],
      ['keyspace_hits', String(this.sum((stats) => stats.hits))],
      ['keyspace_misses', String(this.sum((stats) => stats.misses))],
    ];
  }

  private keyspace(): Rows {
    const rows: [string, string][] = [];
    const [all, expiring] = this.keysOf(DEFAULT_STORE_ID);
    for (let database = 0; database < 16; database++) {
      const keys = this.sum((stats) => stats.databaseKeys[database] ?? 0);
      // Expiries are counted for the store alone, so databases get their share by keys: exact where one holds all.
      const expires = Math.min(keys, Math.round((expiring * keys) / Math.max(1, all)));
      if (keys > 0) rows.push([`db${database}`, keyspaceText(keys, expires)]);
    }
    for (const { id, name } of this.stores()) {
      const [keys, expires] = this.keysOf(id);
      if (id !== DEFAULT_STORE_ID && keys > 0) rows.push([`store_${name}`, keyspaceText(keys, expires)]);
    }
    return rows;
  }

  private keysOf(storeId: number): [keys: number, expiring: number] {
    return [
      this.sum((stats) => ofStore(stats, storeId)?.keys ?? 0),
      this.sum((stats) => ofStore(stats, storeId)?.expiringKeys ?? 0),
    ];
  }

  private defaultPolicy(): string {
    const store = this.stores().find(({ id }) => id === DEFAULT_STORE_ID);
    return store === undefined ? 'noeviction' : redisPolicyName(store.policy, store.evictionScope);
  }

  private hypercache(): Rows {
    return [
      ['cluster_name', this.options.cluster],
      ['cluster_id', this.view.clusterId],
      ['table_version', String(this.view.tableVersion)],
      ['operations_in_flight', String(this.inFlight())],
      ['operations_retried', String(this.statistics.retries)],
      ['operations_timed_out', String(this.statistics.timeouts)],
      ['storage_nodes', String(this.view.nodes.filter((node) => node.role === 'storage-node').length)],
      ['absent_members', this.view.absent.map(({ id }) => id).join(',')],
      ['gateways', String(this.view.nodes.filter((node) => node.role === 'gateway').length)],
    ];
  }

  private sum(pick: (stats: MemberStats) => number): number {
    const nowMs = this.clock.monotonicMs();
    let total = 0;
    for (const { stats, atMs } of this.storage.values()) if (nowMs - atMs < STATS_VALID_MS) total += pick(stats);
    return total;
  }
}

function ofStore(stats: MemberStats, storeId: number): StoreStats | undefined {
  return stats.stores.find((store) => store.storeId === storeId);
}

function keyspaceText(keys: number, expires: number): string {
  return `keys=${keys},expires=${expires},avg_ttl=0`;
}
