import { assert, BOUNDS } from '#libs/kernel';

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;

/** A turn's records beside its largest value: their headers, and what was evicted for it. */
const BATCH_SLACK_BYTES = 16 * MIB;

/** Everything in the log that could grow has its bound here. Those that {@link EventLogOptions} names are its defaults. */
export const EVENT_LOG_BOUNDS = {
  /** A segment that has reached this is followed by a new one. */
  segmentBytes: 64 * MIB,
  /** A segment grows further only while its successor cannot be begun. Positions in a segment are 32 bits. */
  maxSegmentBytes: 2 * GIB,
  /** The records of one batch. */
  maxBatchBytes: BOUNDS.maxConfigurableValueBytes + BOUNDS.maxKeyBytes + BATCH_SLACK_BYTES,
  /** Bytes that wait for the disk before the host should take no more operations. */
  pushBackBytes: 64 * MIB,
  /** Bytes that wait for the disk before a batch is refused: what is pushed back, and the turn that was under way. */
  maxPendingBytes: 64 * MIB + BOUNDS.maxConfigurableValueBytes + BOUNDS.maxKeyBytes + BATCH_SLACK_BYTES,
  /** Calls that wait until everything is synced: a checkpoint's end, the end of the log. */
  maxSyncWaiters: 4,
  /** Under `everysec`: how far a sync's beginning lies behind that of the one before. */
  everysecMs: 1_000,
  /** The wait before a failed step is tried again, doubled from the first to the last. */
  firstRetryMs: 100,
  lastRetryMs: 5_000,
  /** Recovery reads so much at a time, and so much ahead. */
  recoveryReadBytes: 4 * MIB,
  /** A reader gets so much at a time; one batch always fits. */
  readerBytes: 1 * MIB,
  /** Records of one chunk of a checkpoint; one call's records always fit. */
  checkpointChunkBytes: 1 * MIB,
  /** A checkpoint is written in pieces of so much; so much more may be collected meanwhile. */
  checkpointWriteBytes: 1 * MIB,
  /** A checkpoint is synced each time that so much of it was written, so that its end has little left to sync. */
  checkpointSyncBytes: 32 * MIB,
  /** Log behind the last checkpoint before the next one is due. */
  checkpointMinLogBytes: 64 * MIB,
} as const;

assert(
  EVENT_LOG_BOUNDS.pushBackBytes + EVENT_LOG_BOUNDS.maxBatchBytes <= EVENT_LOG_BOUNDS.maxPendingBytes,
  'the turn during which the host is pushed back must fit',
);
assert(
  EVENT_LOG_BOUNDS.segmentBytes + EVENT_LOG_BOUNDS.maxPendingBytes < EVENT_LOG_BOUNDS.maxSegmentBytes,
  'whatever waits must fit a segment that is not yet full',
);
assert(EVENT_LOG_BOUNDS.maxSegmentBytes < 2 ** 32, 'places in a segment are 32 bits');
assert(EVENT_LOG_BOUNDS.checkpointChunkBytes <= EVENT_LOG_BOUNDS.maxBatchBytes, 'blocks of both files have one bound');
