export { absentReplyBytes } from './absent-replies.js';
export { ACL_CATEGORIES, aclCategories } from './acl-categories.js';
export { ALL_COMMANDS } from './all-commands.js';
export { ALL_KEYS, KEY_VALUE_PAIRS, NO_KEYS, ONE_KEY, TWO_KEYS } from './command-row.js';
export type {
  AbsentReply,
  AclCategory,
  ArgumentDoc,
  CommandFlag,
  CommandGroup,
  CommandRoute,
  CommandRow,
  KeyAccess,
  KeyPositions,
  ReplyMerge,
} from './command-row.js';
export type { Command, ContainerCommand, GatewayCommand, Outcome, StorageCommand } from './command.js';
export { unknownCommandText, wrongArityText } from './command-errors.js';
export { arityMatches, firstKey, keyIndexes } from './command-keys.js';
export { renderCommandReference } from './command-reference.js';
export { CommandTable } from './command-table.js';
export { DATABASE_COUNT } from './database-argument.js';
export { defineContainerCommand, defineGatewayCommand, defineStorageCommand } from './define-command.js';
export type {
  ClientSession,
  AbsentMember,
  ClusterNodeView,
  NodeReport,
  ClusterView,
  CommandDirectory,
  EventsOutcome,
  GatewayContext,
  LeaderView,
  MoveView,
  RuntimeSettings,
  NearFilterFigures,
  SettingsPlan,
  ServerInfo,
  SlotRange,
} from './gateway-context.js';
export { entityTag, ETAG_CHARS } from './hypercache/entity-tag.js';
export { argumentBytes, argumentIs, argumentText, tailRequest } from './request.js';
export type { Request } from './request.js';
export { renderInfo } from './server/info.js';
export { policyRows, type PolicyRow } from './store/store-policies.js';
export { definitionFields, type Field, type FieldValue } from './store/definition-reply.js';
export { LATENCY_UNIT_US, type StoreReport, type StoreValues } from './store/store-report.js';
export {
  filterStatistics,
  nearFilterStatistics,
  NO_NEAR_FILTER,
  PRESSURE_LEVELS,
  statisticsFields,
} from './store/statistics-reply.js';
export { StoreSummary, summariesOf } from './store/store-summary.js';
export { ABSENT, KEEP_TTL, MAX_EXPIRES_AT_MS, NO_EXPIRY, STRING_TYPE, VALUE_TYPES } from './storage-context.js';
export type { EntryRef, EntryView, Keyspace, RemovalCause, StorageContext } from './storage-context.js';
