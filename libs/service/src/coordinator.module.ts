import { Module } from '@nestjs/common';
import { storeDefaults, storeDefinition } from '#libs/config';
import { CoordinatorHost } from '#libs/coordinator-host';
import { RING_HASHES } from '#libs/ring';
import { atMostEvery } from './at-most-every.js';
import { addCoordinatorMetrics } from './coordinator-metrics.js';
import { CoordinatorController } from './coordinator.controller.js';
import { endFailed } from './end-failed.js';
import { memberId } from './member-id.js';
import { addRaftMetrics } from './raft-metrics.js';
import { SERVICE_CONTEXT, type ServiceContext } from './service-context.js';
import { stopHost } from './stop-host.js';
import { addTableVersionMetric } from './table-version-metric.js';

/** Coordinators answer the question whether they are there at once; the rest is for a machine that is busy. */
const FOUNDING_LISTEN_MS = 500;

/** Between two looks at the table's settings, where many changes come: each builds the whole configuration. */
const SETTINGS_REST_MS = 20;

/** The coordinator host with its controller. */
@Module({
  controllers: [CoordinatorController],
  providers: [{ provide: CoordinatorHost, inject: [SERVICE_CONTEXT], useFactory: makeCoordinator }],
  exports: [CoordinatorHost],
})
export class CoordinatorModule {}

function makeCoordinator(context: ServiceContext): CoordinatorHost {
  const { cluster, raft, rebalance, stores } = context.config;
  const { settings, clock, timers, rng, logger, disk, control, lifecycle, health } = context;
  const host = new CoordinatorHost({
    bus: control,
    disk,
    clock,
    timers,
    rng,
    logger,
    options: {
      cluster: cluster.name,
      nodeId: memberId(context, 'coordinator'),
      endpoints: context.endpoints,
      softwareVersion: context.softwareVersion,
      zone: cluster.zone,
      // In standalone the coordinator goes by another name than the process.
      coordinators: context.role === 'standalone' ? [] : cluster.coordinators,
      foundingListenMs: context.role === 'standalone' ? 0 : FOUNDING_LISTEN_MS,
      raft: {
        electionTimeoutMinMs: raft.electionTimeoutMinMs,
        electionTimeoutMaxMs: raft.electionTimeoutMaxMs,
        heartbeatMs: raft.heartbeatMs,
        compaction: { snapshotEvery: raft.snapshotOperations, keepEntries: raft.compactionEntries },
      },
      heartbeatMs: cluster.heartbeatIntervalMs,
      suspectAfterMs: cluster.suspectAfterMs,
      downAfterMs: cluster.downAfterMs,
      replaceAfterMs: cluster.replaceAfterMs,
      failureDetector: cluster.failureDetector,
      members: cluster.members,
      expectedStorageNodes: cluster.expectedStorageNodes,
      formationDelayMs: cluster.formationDelayMs,
      partitionCount: cluster.partitions,
      ring: { hash: RING_HASHES[cluster.ring.hash], virtualNodes: cluster.ring.virtualNodes },
      rebalance: rebalance.enabled,
      maxConcurrentMoves: rebalance.maxConcurrentMoves,
      stores: stores.map((store) => storeDefinition(store, storeDefaults(context.config))),
    },
  });
  host.onFailed = (error) => endFailed(error, timers);
  // Whoever asked for a change has the answer before this process looks at what it means for itself.
  const followSettings = (): void => settings.follow(host.clusterTable()?.settings ?? []);
  host.onTable(atMostEvery(SETTINGS_REST_MS, timers, followSettings));
  settings.onChange(({ cluster: { suspectAfterMs, downAfterMs, failureDetector } }) =>
    host.tune({ suspectAfterMs, downAfterMs, failureDetector }),
  );
  let started = false;
  const start = (): Promise<void> =>
    new Promise((resolve, reject) => host.start((error) => (error === undefined ? resolve() : reject(error))));
  lifecycle.onStart('start-hosts', 'coordinator', async () => {
    await start();
    followSettings();
    started = true;
  });
  lifecycle.onStop('stop-coordinator', 'coordinator', () => stopHost(host));
  health.addCheck(() => (started ? undefined : 'the coordinator has not read its state'));
  health.addCheck(() => host.trouble);
  addCoordinatorMetrics(context.metrics, host);
  addRaftMetrics(context.metrics, host);
  addTableVersionMetric(context, 'coordinator', () => host.clusterTable()?.tableVersion);
  return host;
}
