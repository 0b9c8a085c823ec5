import { Module } from '@nestjs/common';
import { ALL_COMMANDS, CommandTable } from '#libs/commands';
import { type HyperCacheConfig, nodeMemoryBytes } from '#libs/config';
import { BOUNDS } from '#libs/kernel';
import { type PersistenceOptions, STORAGE_DEFAULTS, StorageHost } from '#libs/storage-host';
import { endSuperseded } from './end-superseded.js';
import { memberId } from './member-id.js';
import { addPersistenceMetrics } from './persistence-metrics.js';
import { StartError } from './ports.js';
import { addRingMetrics } from './ring-metrics.js';
import { SERVICE_CONTEXT, type ServiceContext } from './service-context.js';
import { stopHost } from './stop-host.js';
import { addTableVersionMetric } from './table-version-metric.js';
import { addStorageMetrics } from './storage-metrics.js';

/** The storage host. */
@Module({
  providers: [{ provide: StorageHost, inject: [SERVICE_CONTEXT], useFactory: makeStorage }],
  exports: [StorageHost],
})
export class StorageModule {}

function makeStorage(context: ServiceContext): StorageHost {
  const { config, endpoints, lifecycle, health } = context;
  const commands = new CommandTable(ALL_COMMANDS);
  const host = new StorageHost(
    context,
    {
      ...STORAGE_DEFAULTS,
      cluster: config.cluster.name,
      nodeId: memberId(context, 'storage-node'),
      softwareVersion: context.softwareVersion,
      advertise: { host: endpoints.host, adminPort: endpoints.adminPort },
      zone: config.cluster.zone,
      weight: config.cluster.weight,
      heartbeatMs: config.cluster.heartbeatIntervalMs,
      nodeMemoryBytes: nodeMemoryBytes(config),
      pressureLevels: config.memory.pressure,
      moveBytesPerSecond: config.rebalance.maxBytesPerSecond,
      drainTimeoutMs: config.cluster.drainTimeoutMs,
      maxValueBytes: config.limits.maxValueBytes,
      maxKeyBytes: BOUNDS.maxKeyBytes,
      maxArguments: BOUNDS.maxArguments,
      ...(config.persistence.enabled && { persistence: persistenceOf(config) }),
    },
    commands,
  );
  host.onNewTable = (table) => context.settings.follow(table.settings);
  context.settings.onChange((changed) => {
    host.nodeStores.memory.configure(nodeMemoryBytes(changed), changed.memory.pressure);
    host.setSyncPolicy(changed.persistence.appendfsync);
  });
  host.onSuperseded = () => endSuperseded(memberId(context, 'storage-node'));
  lifecycle.onStart('recover', 'storage node', () => recoverStorage(host));
  lifecycle.onStart('start-hosts', 'storage node', async () => host.start());
  lifecycle.onStop('stop-storage', 'storage node', async () => {
    await new Promise<void>((resolve) => host.drain(resolve));
    await stopHost(host);
  });
  health.addCheck(() => (host.ready ? undefined : 'the storage node is in no cluster table'));
  health.addCheck(() => host.recovering);
  health.addNotice(() => host.notices());
  addStorageMetrics(context.metrics, host);
  addPersistenceMetrics(context.metrics, host);
  addRingMetrics(context.metrics, () => host.routing?.table, memberId(context, 'storage-node'));
  addTableVersionMetric(context, 'storage-node', () => host.routing?.tableVersion);
  return host;
}

/** Resolves once the node has back what its log holds. */
function recoverStorage(host: StorageHost): Promise<void> {
  return new Promise((resolve, reject) => {
    host.recover((error) =>
      error === undefined ? resolve() : reject(new StartError(error.message, { cause: error })),
    );
  });
}

function persistenceOf({ persistence }: HyperCacheConfig): PersistenceOptions {
  const { appendfsync, segmentBytes, checkpointBytes } = persistence;
  return { sync: appendfsync, segmentBytes, checkpointBytes };
}
