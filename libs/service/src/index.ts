import 'reflect-metadata';

export { AdminModule } from './admin.module.js';
export { ApiModule } from './api.module.js';
export { inProcessBuses, natsBuses, type Buses, type BusNeeds, type ConnectBuses } from './buses.js';
export { CoordinatorModule } from './coordinator.module.js';
export { GatewayModule } from './gateway.module.js';
export { HealthController } from './health.controller.js';
export { StartError } from './ports.js';
export type { ReadyReport } from './ready-report.js';
export { makeRest } from './make-rest.js';
export { runService, type RunOptions, type ServiceProcess } from './run-service.js';
export {
  CONFIG,
  CONTROL_BUS,
  DATA_BUS,
  LOGGER,
  METRICS_REGISTRY,
  SERVICE_CONTEXT,
  type ServiceContext,
} from './service-context.js';
export { ServiceHealth } from './service-health.js';
export { ServiceLifecycle, START_PHASES, STOP_PHASES, type StartPhase, type StopPhase } from './service-lifecycle.js';
export { SOFTWARE_VERSION } from './software-version.js';
export { startService, type RunningService, type ServiceDefinition } from './start-service.js';
export { StorageModule } from './storage.module.js';
