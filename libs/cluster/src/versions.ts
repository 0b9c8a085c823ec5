/**
 * Version levels of the control plane. A format version says how a message is to be read: it is raised only by a
 * change that an older reader would misunderstand (protobuf's added fields are none), and this release reads its own
 * and the one before. The feature level says what the whole cluster may use: the lowest of all members'.
 */
export const FORMAT_VERSION = 1;
export const OLDEST_FORMAT_VERSION = 1;
export const FEATURE_LEVEL = 1;

/** What every member of this release can do beyond its feature level, as heartbeats tell it. */
export const CAPABILITIES: readonly string[] = [
  /** Answers pings, and pings others for those who ask. */
  'probes',
];
