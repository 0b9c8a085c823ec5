export { RAFT_BOUNDS } from './bounds.js';
export { COMPACTION, compactionIndex, isSnapshotDue, type CompactionPolicy } from './compaction.js';
export {
  configurationOf,
  CONFIGURATION_VERSION,
  decodeConfiguration,
  encodeConfiguration,
  isJoint,
  isVoter,
  membersOf,
  NO_MEMBERS,
  NOBODY,
  readConfiguration,
  writeConfiguration,
  type Configuration,
  type NodeId,
} from './configuration.js';
export type { RaftCounters } from './counters.js';
export { ENTRY_TYPES, totalEntryBytes, type Entry, type EntryType } from './entry.js';
export type { HardState, LogStorage, Snapshot, SnapshotMeta } from './log-storage.js';
export type { MemberChange } from './member-changes.js';
export { MemoryLogStorage, type StoredLog } from './memory-log-storage.js';
export { addressFault, decodeMessage, type AddressFault, type ReceivedMessage } from './message-decoder.js';
export { encodeMessage } from './message-encoder.js';
export { messageText } from './message-text.js';
export type * from './messages.js';
export type { RandomNumbers, RaftOptions } from './options.js';
export type { Accepted, Acknowledgement, Proposal, Refusal, RefusalReason } from './proposal.js';
export { RaftNode, type RaftStatus } from './raft-node.js';
export type { Role } from './core.js';
export type { ReadState } from './reads.js';
export type { Ready } from './ready.js';
export { SAFETY_RULES, type SafetyRules } from './rules.js';
