import { ClusterConfig } from './cluster-config.js';
import { DebugConfig } from './debug-config.js';
import { LimitsConfig } from './limits-config.js';
import { NatsConfig } from './nats-config.js';
import { NetworkConfig, ProtocolsConfig } from './network-config.js';
import { MemoryConfig } from './memory-config.js';
import { LoggingConfig, PersistenceConfig, TracingConfig } from './operations-config.js';
import { RebalanceConfig } from './rebalance-config.js';
import { RaftConfig } from './raft-config.js';
import { SecurityConfig } from './security-config.js';
import { ListSetting, SectionOf } from './setting-types.js';
import { defaultStore, StoreConfig, type StoreDefaults } from './stores-config.js';
import type { Layer } from './layer.js';

export const ROLES = ['gateway', 'storage-node', 'coordinator', 'standalone'] as const;
export type Role = (typeof ROLES)[number];

/** Every setting of every service. Sections that a role does not use are checked all the same. */
export class HyperCacheConfig {
  @SectionOf(ClusterConfig, 'Who this node is, and how the cluster forms and notices failures')
  cluster = new ClusterConfig();

  @SectionOf(RebalanceConfig, 'How partitions move when storage nodes come, go or change their weight')
  rebalance = new RebalanceConfig();
  @SectionOf(RaftConfig, 'How coordinators agree; the same at all of them')
  raft = new RaftConfig();

  @SectionOf(NetworkConfig, 'Where the node listens; port 0 takes any free port')
  network = new NetworkConfig();

  @SectionOf(ProtocolsConfig, 'Which protocols a gateway speaks')
  protocols = new ProtocolsConfig();

  @SectionOf(NatsConfig, 'The bus between the services; standalone does not use it')
  nats = new NatsConfig();

  @SectionOf(LimitsConfig, 'Bounds on clients, requests and buffers')
  limits = new LimitsConfig();

  @SectionOf(SecurityConfig, 'Who may use the gateway')
  security = new SecurityConfig();

  @ListSetting(StoreConfig, {
    doc: 'The stores. One named `default` is added where none is listed.',
    defaultText: 'one store, `default`',
  })
  stores: readonly StoreConfig[] = [defaultStore()];

  @SectionOf(MemoryConfig, 'How much the stores hold')
  memory = new MemoryConfig();

  @SectionOf(TracingConfig, 'Traces by OpenTelemetry’s protocol')
  tracing = new TracingConfig();

  @SectionOf(LoggingConfig, 'What is logged')
  logging = new LoggingConfig();

  @SectionOf(DebugConfig, 'More to see while a fault is looked for')
  debug = new DebugConfig();

  @SectionOf(PersistenceConfig, 'What survives a restart')
  persistence = new PersistenceConfig();

  /** Where the settings came from. Not a setting. */
  origin: ConfigOrigin = { file: undefined, warnings: [], values: new Map() };
}

export function storeDefaults({ memory, cluster }: HyperCacheConfig): StoreDefaults {
  return { memoryLimitBytes: memory.defaultLimit, replicas: cluster.replicationFactor };
}

export interface ConfigOrigin {
  readonly file: string | undefined;
  /** What was set, by path, with the place where. */
  readonly values: Layer;
  /** Worth a line in the log, such as a variable that looks like a setting and is none. */
  readonly warnings: readonly string[];
}
