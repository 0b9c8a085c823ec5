export { BusEventBus } from './bus-event-bus.js';
export { CoordinatorHost, type CoordinatorCounters, type CoordinatorDependencies } from './coordinator-host.js';
export {
  DEFAULT_COORDINATOR_OPTIONS,
  coordinatorOptions,
  type CoordinatorIdentity,
  type CoordinatorOptions,
} from './options.js';
export { CoordinatorFilesError, IDENTITY_PATH, RAFT_FOLDER } from './group/identity-file.js';
export { DEFAULT_RAFT_OPTIONS, type RaftOptions } from './raft/raft-timing.js';
export type { RaftMember } from './raft/raft-member.js';
export { decodeCommand, type ReplicatedCommand } from './state/commands.js';
