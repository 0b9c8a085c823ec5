export {
  type Acknowledgement,
  decodeAcknowledgement,
  encodeAcknowledgement,
  type Refusal,
  REFUSAL_REASONS,
  type RefusalReason,
} from './acknowledgement.js';
export { REPLICATION_BOUNDS, REPLICATION_TIMES, type ReplicationTimes } from './bounds.js';
export { factorOf, groupOf, GROUPS_PER_PARTITION, NO_GROUP, partitionOf } from './group.js';
export { type LinkLife, REPLICATE_KINDS, REPLICATION_VERSION } from './replicate-format.js';
export { ReplicateReader, UnknownFormatError } from './replicate-reader.js';
