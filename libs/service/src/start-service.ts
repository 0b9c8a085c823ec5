/**
 * Starts a service from its configuration, and stops it in the right order. Knows nothing of signals and exit codes,
 * so that tests run it with hosts of their own; run-service.ts is the process around it.
 */
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { DynamicModule, INestApplication, NestApplicationOptions, Type } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { resolveNodeId, RuntimeConfig, type HyperCacheConfig, type Role } from '#libs/config';
import { FilesDisk } from '#libs/disk-files';
import { NestLoggerAdapter, type PinoLogger } from '#libs/logger-pino';
import { MetricsRegistry } from '#libs/metrics-prom';
import { REST_APPLICATION_OPTIONS } from '#libs/rest';
import { SystemClock, SystemProcessUsage, SystemRng, SystemTimers } from '#libs/runtime-node';
import { createTelemetry, type ManagedTelemetry } from '#libs/telemetry-otel';
import { subjectsOf } from '#libs/wire';
import { addBusMetrics } from './bus-metrics.js';
import type { Buses, ConnectBuses } from './buses.js';
import { lockDataFolder } from './data-folder-lock.js';
import { followSettings } from './follow-settings.js';
import { chooseEndpoints, listenError, type PortSetting } from './ports.js';
import { readyReport, type ReadyReport } from './ready-report.js';
import { SERVICE_CONTEXT, type ServiceContext } from './service-context.js';
import { ServiceHealth } from './service-health.js';
import { ServiceLifecycle } from './service-lifecycle.js';
import { ServiceModule } from './service.module.js';
import { SOFTWARE_VERSION } from './software-version.js';

export interface ServiceDefinition {
  readonly role: Role;
  readonly connectBuses: ConnectBuses;
  /** Modules of the hosts; they tell health, lifecycle and metrics about their parts. */
  readonly modules: readonly Type<unknown>[];
  /** Whether there are controllers with bus patterns. */
  readonly hasBusControllers: boolean;
  /** The application of the HTTP port, made after the hosts; `app` gives access to them. Loaded where REST is on. */
  readonly api?: (context: ServiceContext, app: INestApplication) => Promise<DynamicModule>;
  /** What that application needs before it listens. */
  readonly setUpApi?: (app: NestExpressApplication) => void;
}

export interface RunningService {
  readonly context: ServiceContext;
  readonly report: ReadyReport;
  /** Resolves once the service can do its work; never where it cannot. */
  whenReady(): Promise<void>;
  /** Not ready any more, finish what is under way, leave, disconnect. Never rejects. */
  stop(): Promise<void>;
}

const READY_POLL_MS = 10;

/**
 * `signal` ends the wait for NATS. Rejects with ConfigError, NatsConnectError, StartError or what a host fails with; nothing stays open
 * then.
 */
export async function startService(
  definition: ServiceDefinition,
  config: HyperCacheConfig,
  logger: PinoLogger,
  nodeId: string = resolveNodeId(config, definition.role),
  signal: AbortSignal = new AbortController().signal,
): Promise<RunningService> {
  const endpoints = await chooseEndpoints(config, definition.role);
  const settings = new RuntimeConfig(config);
  const timers = new SystemTimers();
  const telemetry = await startTelemetry(definition.role, config, nodeId);
  const buses = await definition.connectBuses({ config, nodeId, timers, logger, signal });
  const context: ServiceContext = {
    role: definition.role,
    config,
    settings,
    nodeId,
    softwareVersion: SOFTWARE_VERSION,
    endpoints,
    control: buses.control,
    data: buses.data,
    disk: new FilesDisk(config.persistence.dataDir),
    clock: new SystemClock(),
    processUsage: new SystemProcessUsage(),
    timers,
    rng: new SystemRng(),
    logger,
    telemetry,
    metrics: new MetricsRegistry({ node: nodeId, role: definition.role }),
    health: new ServiceHealth(),
    lifecycle: new ServiceLifecycle(logger),
  };
  followSettings(settings, logger, telemetry);
  addBusMetrics(context.metrics, buses);
  registerLastSteps(context, telemetry, buses);
  if (keepsData(context)) lockWhileRunning(context);
  const apps: INestApplication[] = [];
  try {
    await startApps(definition, context, apps);
  } catch (error) {
    await stopAll(context, apps);
    throw error;
  }
  let stopped: Promise<void> | undefined;
  return {
    context,
    report: readyReport(context, process.pid),
    whenReady: () => whenReady(context.health),
    stop: () => (stopped ??= stopAll(context, apps)),
  };
}

async function startTelemetry(role: Role, { tracing }: HyperCacheConfig, nodeId: string): Promise<ManagedTelemetry> {
  return createTelemetry({
    endpoint: tracing.endpoint,
    serviceName: `hypercache-${role}`,
    nodeId,
    samplesPerSecond: tracing.samplesPerSecond,
  });
}

function registerLastSteps(
  { lifecycle, health, control, data }: ServiceContext,
  telemetry: ManagedTelemetry,
  buses: Buses,
): void {
  health.addCheck(() => (control.status === 'connected' ? undefined : `the control connection is ${control.status}`));
  health.addCheck(() => (data.status === 'connected' ? undefined : `the data connection is ${data.status}`));
  lifecycle.onStop('flush', 'tracing', () => telemetry.shutdown());
  lifecycle.onStop('disconnect', 'bus', () => buses.close());
}

/** Gateways keep nothing but their name. */
function keepsData({ role, config }: ServiceContext): boolean {
  return role === 'coordinator' || role === 'standalone' || (role === 'storage-node' && config.persistence.enabled);
}

/** Before the hosts, which register their steps later, and until the connections are closed. */
function lockWhileRunning({ lifecycle, config }: ServiceContext): void {
  let unlock = (): void => undefined;
  lifecycle.onStart('recover', 'data folder', async () => {
    unlock = lockDataFolder(config.persistence.dataDir);
  });
  lifecycle.onStop('disconnect', 'data folder', async () => unlock());
}

async function startApps(
  definition: ServiceDefinition,
  context: ServiceContext,
  apps: INestApplication[],
): Promise<void> {
  const { config, endpoints, control, logger, lifecycle } = context;
  const admin = await createApp(ServiceModule.register(context, ...definition.modules), context);
  apps.push(admin);
  if (definition.hasBusControllers) {
    const { BusTransport } = await import('./bus-transport.js');
    admin.connectMicroservice({ strategy: new BusTransport(control, subjectsOf(config.cluster.name), logger) });
    await admin.startAllMicroservices();
  }
  await listen(admin, 'admin_port', config.network.host, endpoints.adminPort);
  await lifecycle.start();
  if (definition.api === undefined || endpoints.httpPort === 0) return;
  const api = await createApp(await definition.api(admin.get<ServiceContext>(SERVICE_CONTEXT), admin), context);
  apps.push(api);
  definition.setUpApi?.(api);
  lifecycle.onStop('close-listeners', 'HTTP', () => api.close());
  await listen(api, 'http_port', config.network.host, endpoints.httpPort);
}

/** Nothing parses bodies unasked: the admin port takes none, and REST stores them as they come. */
async function createApp(module: DynamicModule, { logger }: ServiceContext): Promise<NestExpressApplication> {
  const options: NestApplicationOptions = {
    ...REST_APPLICATION_OPTIONS,
    logger: new RoutineAsDebug(logger),
    abortOnError: false,
  };
  const app = await NestFactory.create<NestExpressApplication>(module, options);
  app.disable('x-powered-by');
  return app;
}

/** Nest tells of every module and route at its start; that is for the search of a fault. */
class RoutineAsDebug extends NestLoggerAdapter {
  override log(message: unknown, ...rest: unknown[]): void {
    this.debug(message, ...rest);
  }

  /** A port in use is reported by the service itself, in one line. */
  override error(message: unknown, ...rest: unknown[]): void {
    if (rest.at(-1) === 'NestApplication') this.debug(message, ...rest);
    else super.error(message, ...rest);
  }
}

async function listen(app: INestApplication, setting: PortSetting, host: string, port: number): Promise<void> {
  try {
    await app.listen(port, host);
  } catch (error) {
    throw listenError(setting, host, port, error);
  }
}

/** The admin port goes last: it answers that the service is alive and not ready until the end. */
async function stopAll(context: ServiceContext, apps: readonly INestApplication[]): Promise<void> {
  context.health.beginShutdown();
  await context.lifecycle.stop();
  await Promise.all(apps.map((app) => app.close().catch(() => undefined)));
}

function whenReady(health: ServiceHealth): Promise<void> {
  return new Promise((resolve) => {
    if (health.ready) return resolve();
    const poll = setInterval(() => {
      if (!health.ready) return;
      clearInterval(poll);
      resolve();
    }, READY_POLL_MS);
    poll.unref();
  });
}
