/** What must hold between settings that are each in order. One line per fault. */
import { CLUSTER_LIMITS, STORE_LIMITS } from '#libs/cluster';
import { notAllowed } from './config-error.js';
import type { Fault, OriginOf } from './fault.js';
import type { HyperCacheConfig } from './hypercache-config.js';
import { replicationRelations } from './replication-relations.js';
import { storeRelations } from './store-relations.js';
import { formatBytes } from './values.js';

export function checkRelations(config: HyperCacheConfig, originOf: OriginOf): readonly string[] {
  const fault: Fault = (path, value, allowed) => notAllowed(path, value, allowed, originOf(path) ?? 'default');
  return [
    ...clusterRelations(config, fault),
    ...coordinatorRelations(config, fault),
    ...raftRelations(config, fault),
    ...portRelations(config, fault),
    ...limitRelations(config, fault),
    ...memoryRelations(config, fault),
    ...natsRelations(config),
    ...duplicates('stores', config.stores, fault),
    ...storeRelations(config, fault, originOf),
    ...replicationRelations(config, fault),
    ...duplicates('security.users', config.security.users, fault),
  ];
}

/** Settings that must grow from each to the next. */
function increasing(rows: readonly (readonly [path: string, value: number])[], fault: Fault): string[] {
  return rows.flatMap(([path, value], i) => {
    if (i === 0 || value > rows[i - 1][1]) return [];
    const [before, least] = rows[i - 1];
    return [fault(path, value, `more than ${before}, which is ${least}`)];
  });
}

function clusterRelations({ cluster }: HyperCacheConfig, fault: Fault): string[] {
  const isPower = (cluster.partitions & (cluster.partitions - 1)) === 0;
  return [
    ...(isPower ? [] : [fault('cluster.partitions', cluster.partitions, 'a power of two from 1 to 16384')]),
    ...increasing(
      [
        ['cluster.heartbeat_interval_ms', cluster.heartbeatIntervalMs],
        ['cluster.suspect_after_ms', cluster.suspectAfterMs],
        ['cluster.down_after_ms', cluster.downAfterMs],
        ['cluster.replace_after_ms', cluster.replaceAfterMs],
      ],
      fault,
    ),
  ];
}

function coordinatorRelations({ cluster: { coordinators } }: HyperCacheConfig, fault: Fault): string[] {
  const { maxCoordinators } = CLUSTER_LIMITS;
  const text = coordinators.join(',');
  const isDouble = new Set(coordinators).size < coordinators.length;
  return [
    ...(isDouble ? [fault('cluster.coordinators', text, 'names that differ from each other')] : []),
    ...(coordinators.length > maxCoordinators
      ? [fault('cluster.coordinators', text, `at most ${maxCoordinators} names`)]
      : []),
  ];
}

/** A follower must not lose patience between two heartbeats that come in time. */
function raftRelations({ raft }: HyperCacheConfig, fault: Fault): string[] {
  const { electionTimeoutMinMs, electionTimeoutMaxMs, heartbeatMs, compactionEntries, snapshotOperations } = raft;
  const isHasty = electionTimeoutMinMs < 2 * heartbeatMs;
  const least = `at least ${compactionEntries}, which is raft.compaction_entries`;
  return [
    ...(isHasty
      ? [
          fault(
            'raft.election_timeout_min_ms',
            electionTimeoutMinMs,
            `at least twice raft.heartbeat_ms, which is ${heartbeatMs}`,
          ),
        ]
      : []),
    ...increasing(
      [
        ['raft.election_timeout_min_ms', electionTimeoutMinMs],
        ['raft.election_timeout_max_ms', electionTimeoutMaxMs],
      ],
      fault,
    ),
    ...(snapshotOperations < compactionEntries ? [fault('raft.snapshot_operations', snapshotOperations, least)] : []),
  ];
}

function memoryRelations({ memory: { nodeLimit, defaultLimit, pressure } }: HyperCacheConfig, fault: Fault): string[] {
  const least = STORE_LIMITS.minMemoryBytes;
  const limits = [
    ['memory.node_limit', nodeLimit],
    ['memory.default_limit', defaultLimit],
  ] as const;
  return [
    ...limits.flatMap(([path, bytes]) =>
      bytes > 0 && bytes < least ? [fault(path, bytes, `0 or at least ${formatBytes(least)}`)] : [],
    ),
    ...increasing(
      [
        ['memory.pressure.clean_percent', pressure.cleanPercent],
        ['memory.pressure.evict_percent', pressure.evictPercent],
        ['memory.pressure.back_pressure_percent', pressure.backPressurePercent],
      ],
      fault,
    ),
  ];
}

function portRelations({ network, protocols }: HyperCacheConfig, fault: Fault): string[] {
  const ports = [
    ['network.admin_port', network.adminPort],
    ...(protocols.respEnabled ? [['network.resp_port', network.respPort] as const] : []),
    ...(protocols.restEnabled ? [['network.http_port', network.httpPort] as const] : []),
  ] as const;
  return ports.flatMap(([path, port], i) => {
    const other = ports.slice(0, i).find(([, taken]) => port !== 0 && taken === port);
    return other === undefined ? [] : [fault(path, port, `another port than ${other[0]}`)];
  });
}

function limitRelations({ limits }: HyperCacheConfig, fault: Fault): string[] {
  if (limits.pauseClientOutputBytes < limits.maxClientOutputBytes) return [];
  const most = `less than limits.max_client_output_bytes, which is ${limits.maxClientOutputBytes}`;
  return [fault('limits.pause_client_output_bytes', limits.pauseClientOutputBytes, most)];
}

function natsRelations({ nats }: HyperCacheConfig): string[] {
  const errors: string[] = [];
  const ways = [
    ['nats.user', nats.user],
    ['nats.token', nats.token],
    ['nats.creds_file', nats.credsFile],
    ['nats.nkey_seed_file', nats.nkeySeedFile],
  ].filter(([, value]) => value !== '');
  if (ways.length > 1)
    errors.push(`${ways.map(([path]) => path).join(', ')}: use one way to authenticate, not several`);
  if (nats.password !== '' && nats.user === '') errors.push('nats.password: needs nats.user');
  if ((nats.tls.certFile === '') !== (nats.tls.keyFile === '')) {
    errors.push('nats.tls.cert_file and nats.tls.key_file: need each other');
  }
  return errors;
}

/** Names must differ within a list. */
function duplicates(path: string, rows: readonly { readonly name: string }[], fault: Fault): string[] {
  return rows.flatMap((row, i) => {
    const first = rows.findIndex((other) => other.name === row.name);
    const allowed = `a name that no other element has, as ${path}[${first}].name does`;
    return first === i ? [] : [fault(`${path}[${i}].name`, row.name, allowed)];
  });
}
