import { assert, BOUNDS } from '#libs/kernel';

const KIB = 1024;
const MIB = 1024 * KIB;

/** Everything in replication that could grow or repeat has its bound here. */
export const REPLICATION_BOUNDS = {
  maxPartitions: 16_384,
  /** The highest replication factor. */
  maxFactor: 8,
  /** Nodes that a group's primary counts: its owners, and those that they replace. */
  maxMembers: 16,
  /** Frames that one replica has not acknowledged, in bytes; beyond, its groups are behind. */
  windowBytes: 32 * MIB,
  /** The same for frames of a single record that exceeds one message; one always fits. */
  largeWindowBytes: BOUNDS.maxLinkQueueBytes,
  /** The same counted in frames, and in groups over all of them. */
  maxWindowFrames: 64 * KIB,
  maxWindowEntries: 1024 * KIB,
  /** Sent, and not known to have arrived. */
  flightBytes: 8 * MIB,
  /** Of a frame, bytes of records; one record always fits. */
  frameRecordBytes: 512 * KIB,
  /** Different groups in one frame; more take several frames. */
  maxFrameGroups: 4_096,
  /** Refusals in one acknowledgement. */
  maxRefusals: 4_096,
  /** Refusals that the primary has not heard of; beyond, a replica takes no frame of that link. */
  maxPendingRefusals: 64 * KIB,
  /** A replica acknowledges what has arrived once it is so much, durable or not. */
  acknowledgeBytes: 1 * MIB,
  /** Frames of catch-ups that are not acknowledged; the rest of the window is for what happens now. */
  catchUpBytes: 4 * MIB,
  /** What a primary asks of its log at a time; one record always fits. */
  tailReadBytes: 1 * MIB,
  /** Records of groups whose tail is being read, until that has reached them; beyond, they are read as well. */
  maxHeldBytes: 4 * MIB,
  /** Catch-ups of one link at once, from the log and by copying. */
  maxTails: 8,
  maxCopies: 2,
  /** Replies that wait for replicas, and their bytes. */
  maxWaiting: 64 * KIB,
  maxWaitingBytes: 64 * MIB,
} as const;

/** Tests take smaller ones. */
export type ReplicationBounds = { readonly [Name in keyof typeof REPLICATION_BOUNDS]: number };

/** What comes before the records of a frame: its header, and that of a batch. */
const HEAD_BYTES = 64;
/** The largest entry about a group: a refusal, or a position. */
const GROUP_BYTES = 32;

const { maxFrameGroups, maxRefusals, frameRecordBytes, flightBytes, windowBytes, catchUpBytes } = REPLICATION_BOUNDS;
assert(frameRecordBytes + HEAD_BYTES <= BOUNDS.maxFrameBytes, 'records must fit a frame');
assert(maxFrameGroups * GROUP_BYTES + HEAD_BYTES <= BOUNDS.maxFrameBytes, 'the groups of a frame must fit it');
assert(maxRefusals * GROUP_BYTES + HEAD_BYTES <= BOUNDS.maxFrameBytes, 'refusals must fit a frame');
assert(maxFrameGroups <= maxRefusals, 'a frame may be refused in all its groups by one acknowledgement');
assert(maxRefusals < 0x1_0000, 'refusals are counted in 16 bits');
assert(BOUNDS.maxFrameBytes < flightBytes && flightBytes < windowBytes, 'a window holds what is under way, and more');
assert(catchUpBytes < flightBytes, 'catching up must not hold back what happens now');
assert(REPLICATION_BOUNDS.maxPartitions < 0x1_0000, 'partitions are 16 bits');

/** How long things take, in milliseconds of the node's own monotonic clock. */
export interface ReplicationTimes {
  /** A replica that has said nothing for so long about what it was sent is asked. */
  readonly pokeMs: number;
  /** The longest pause between two such questions: they double. */
  readonly maxPokeMs: number;
  /** A replica asks so often for frames that are missing. */
  readonly resendMs: number;
  /** A group that a replica had no room for, or was no owner of, is offered again after this. */
  readonly retryMs: number;
}

export const REPLICATION_TIMES: ReplicationTimes = { pokeMs: 200, maxPokeMs: 1_600, resendMs: 100, retryMs: 1_000 };
