import { assert, BOUNDS } from '#libs/kernel';

const KIB = 1024;

/** Bounds of what the control plane's messages may hold: larger ones are refused before they are built. */
export const CLUSTER_LIMITS = {
  /** Members of every role; indexes of nodes fit 16 bits. */
  maxNodes: 512,
  /** Coordinators of one cluster: each change waits for a majority of them. */
  maxCoordinators: 15,
  maxPartitions: 16384,
  /** Owners of one partition, so also the highest replication factor. */
  maxOwners: 8,
  /** Owners of all partitions together: the table is one message. Three each of 16,384, or eight each of 4,096. */
  maxCopies: 49_152,
  /** Partitions that move at a time. */
  maxMoves: 1024,
  maxStores: 256,
  /** Key prefixes with a time to live of their own: of one store, and of all stores together. */
  maxTtlPrefixes: 32,
  maxTtlPrefixesInAll: 512,
  maxTtlPrefixBytes: 64,
  /** Settings that are changed at run time. */
  maxSettings: 128,
  maxSettingPathLength: 64,
  /** UTF-8 bytes. */
  maxSettingValueBytes: 256,
  /** Store ids that there may ever be at one time; they have 16 bits on the wire. */
  maxStoreId: 0xffff,
  /** Changes in one request. */
  maxChangesAtOnce: 64,
  /** Partitions that one decision gives another primary, so that it fits an entry of the log; the rest follows at once. */
  maxFailoversAtOnce: 4096,
  /** Events that one decision may have: no more than a node can have moves under way, and its own. */
  maxEventsAtOnce: 0x7fff,
  /** Requests for changes that are remembered, so that one that is repeated is not carried out again. */
  maxRememberedRequests: 256,
  /** Relative share of partitions of one storage node. */
  maxWeight: 64,
  /** Characters of zones and versions. */
  maxLabelLength: 64,
  maxHostLength: 253,
  /** Characters of a reason or an event's field. */
  maxReasonLength: 1024,
  maxTableBytes: BOUNDS.maxFrameBytes,
  maxHeartbeatBytes: 64 * KIB,
  /** Moves, leaves, table requests and cluster events. */
  maxMessageBytes: 64 * KIB,
  /** Pings, probes and their replies. */
  maxProbeBytes: 256,
  /** How long a member waits at most for the answer of one that it probes for another. */
  maxProbeTimeoutMs: 60_000,
  /** Names of capabilities in a heartbeat. */
  maxCapabilities: 32,
  /** Databases whose keys a heartbeat counts. */
  maxDatabases: 256,
  /** Moves that a heartbeat reports. */
  maxReportedMoves: 1024,
  /** Partitions that a heartbeat reports as lagging; more are counted and unknown. */
  maxReportedLagging: 1024,
  /** Epochs of each kind that one report names; a node with more to say sends several. */
  maxEpochReports: 2048,
  maxEventFields: 32,
  /** Remembered events in one answer, and the bytes of that answer. */
  maxListedEvents: 1_000,
  maxListedEventsBytes: 512 * KIB,
  /** Replaced processes that are remembered of one node id. */
  maxSuperseded: 16,
  /** A coordinator's state: the table and the replaced processes of each node. */
  maxStateBytes: 2 * BOUNDS.maxFrameBytes,
} as const;

assert(CLUSTER_LIMITS.maxNodes < 0x7fff, 'indexes of nodes must fit Int16Array');

/** Tag, length, partition, epoch, reason. */
const LARGEST_EPOCH_REPORT_BYTES = 14;
assert(
  2 * CLUSTER_LIMITS.maxEpochReports * LARGEST_EPOCH_REPORT_BYTES + 512 < CLUSTER_LIMITS.maxMessageBytes,
  'the largest report of epochs must fit one message',
);

/** Room for names, lengths, tags and numbers next to the longest texts. */
const LARGEST_NODE_BYTES = 3 * 64 + CLUSTER_LIMITS.maxHostLength + 64;
const LARGEST_PARTITION_BYTES = 16;
const LARGEST_MOVE_BYTES = 16;
const LARGEST_COPY_BYTES = 2;
/** While one owner more or less is taking effect, the owners before count too. */
const LARGEST_OUTGOING = CLUSTER_LIMITS.maxCopies + CLUSTER_LIMITS.maxPartitions;
const LARGEST_STORE_BYTES = 4 * 64 + 96;
const LARGEST_TTL_PREFIX_BYTES = CLUSTER_LIMITS.maxTtlPrefixBytes + 24;
const LARGEST_SETTING_BYTES = CLUSTER_LIMITS.maxSettingPathLength + CLUSTER_LIMITS.maxSettingValueBytes + 12;

assert(
  CLUSTER_LIMITS.maxNodes * LARGEST_NODE_BYTES +
    CLUSTER_LIMITS.maxPartitions * LARGEST_PARTITION_BYTES +
    (CLUSTER_LIMITS.maxCopies + LARGEST_OUTGOING) * LARGEST_COPY_BYTES +
    CLUSTER_LIMITS.maxMoves * LARGEST_MOVE_BYTES +
    CLUSTER_LIMITS.maxStores * LARGEST_STORE_BYTES +
    CLUSTER_LIMITS.maxTtlPrefixesInAll * LARGEST_TTL_PREFIX_BYTES +
    CLUSTER_LIMITS.maxSettings * LARGEST_SETTING_BYTES <
    CLUSTER_LIMITS.maxTableBytes,
  'the largest table must fit one bus message',
);
