/** What every part of a service works with, made once per process before Nest starts; Nest only hands it out. */
import type { Endpoints } from '#libs/cluster';
import type { HyperCacheConfig, Role, RuntimeConfig } from '#libs/config';
import type { MetricsRegistry } from '#libs/metrics-prom';
import type { Bus, Clock, Disk, Logger, ProcessUsage, Rng, Telemetry, Timers } from '#libs/ports';
import type { ServiceHealth } from './service-health.js';
import type { ServiceLifecycle } from './service-lifecycle.js';

export interface ServiceContext {
  readonly role: Role;
  /** What the service was started with. */
  readonly config: HyperCacheConfig;
  /** The same with what was changed since. */
  readonly settings: RuntimeConfig;
  readonly nodeId: string;
  readonly softwareVersion: string;
  /** Where others reach this process; ports that were 0 are already chosen, and those not listened on are 0. */
  readonly endpoints: Endpoints;
  readonly control: Bus;
  readonly data: Bus;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly rng: Rng;
  readonly processUsage: ProcessUsage;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
  readonly metrics: MetricsRegistry;
  readonly health: ServiceHealth;
  readonly lifecycle: ServiceLifecycle;
}

/** Injection tokens of the context and of the parts that are asked for by themselves. */
export const SERVICE_CONTEXT = Symbol('SERVICE_CONTEXT');
export const CONTROL_BUS = Symbol('CONTROL_BUS');
export const DATA_BUS = Symbol('DATA_BUS');
export const LOGGER = Symbol('LOGGER');
export const CONFIG = Symbol('CONFIG');
export const METRICS_REGISTRY = Symbol('METRICS_REGISTRY');
