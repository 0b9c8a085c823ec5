export {
  ALL_DATABASES,
  EVENT_FORMAT_VERSION,
  EVENT_HEADER_BYTES,
  EVENT_KINDS,
  EventBatch,
  type EventOrigin,
  EventReader,
  readEpochStarted,
  readKeyedBody,
  REMOVAL_CAUSES,
  type KeyedBody,
  type RemovalCauseName,
} from './event-record.js';
