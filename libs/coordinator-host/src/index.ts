export { BusEventBus } from './bus-event-bus.js';
export { CoordinatorHost, type CoordinatorCounters, type CoordinatorDependencies } from './coordinator-host.js';
export {
  DEFAULT_COORDINATOR_OPTIONS,
  coordinatorOptions,
  type CoordinatorIdentity,
  type CoordinatorOptions,
} from './options.js';
export { STATE_PATH, StateFileError } from './state-file.js';
