import type { MemberRole } from './member.js';

/**
 * Version levels of the control plane. A format version says how a message is to be read: it is raised only by a
 * change that an older reader would misunderstand (protobuf's added fields are none), and this release reads its own
 * and the one before. The feature level says what the whole cluster may use: the lowest of all members'.
 */
export const FORMAT_VERSION = 1;
export const OLDEST_FORMAT_VERSION = 1;
export const FEATURE_LEVEL = 1;

/** Answers pings, and pings others for those who ask. */
export const PROBES = 'probes';
/**
 * Works with several owners of a partition. Storage nodes do not replicate yet, so they do not say so: that alone keeps
 * every replication factor at 1 (`replication.ts`).
 */
export const REPLICATION = 'replication';

/** What members of this release can do beyond their feature level, as heartbeats tell it. */
export const CAPABILITIES: Readonly<Record<MemberRole, readonly string[]>> = {
  gateway: [PROBES, REPLICATION],
  coordinator: [PROBES, REPLICATION],
  'storage-node': [PROBES],
};
