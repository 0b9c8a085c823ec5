export {
  type Acknowledgement,
  decodeAcknowledgement,
  encodeAcknowledgement,
  type Refusal,
  REFUSAL_REASONS,
  type RefusalReason,
} from './acknowledgement.js';
export { REPLICATION_BOUNDS, REPLICATION_TIMES, type ReplicationBounds, type ReplicationTimes } from './bounds.js';
export { CommitTracker } from './commit-tracker.js';
export { GroupPositions } from './group-positions.js';
export { factorOf, groupOf, GROUPS_PER_PARTITION, NO_GROUP, partitionOf } from './group.js';
export type { LinkStateName } from './link-groups.js';
export {
  type CatchUpBudget,
  NO_BUDGET,
  type PrimaryHost,
  type PrimaryOwnership,
  type TailOutcome,
  type TailRead,
} from './primary-side.js';
export { RecordRuns } from './record-runs.js';
export { type IntakeOptions, ReplicaIntake } from './replica-intake.js';
export type { ReplicaHost, ReplicaOwnership } from './replica-side.js';
export { type LinkLife, REPLICATE_KINDS, REPLICATION_VERSION } from './replicate-format.js';
export { ReplicateReader, UnknownFormatError } from './replicate-reader.js';
export { type LinkOptions, ReplicationLink } from './replication-link.js';
export { WAIT_LEVELS, WaitList, type WaitListener } from './wait-list.js';
