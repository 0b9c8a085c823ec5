export {
  ALL_DATABASES,
  EVENT_FORMAT_VERSION,
  EVENT_HEADER_BYTES,
  EVENT_KINDS,
  EventBatch,
  EventReader,
  readKeyedBody,
  REMOVAL_CAUSES,
  type KeyedBody,
  type RemovalCauseName,
} from './event-record.js';
