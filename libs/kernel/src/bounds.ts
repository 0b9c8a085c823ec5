import { assert } from './assert.js';

/**
 * Every queue, retry and buffer has its bound here, with the relations that make them fit together checked
 * when the module loads. Those that operators may change are defaults of the configuration.
 */
const KIB = 1024;
const MIB = 1024 * KIB;

export const BOUNDS = {
  /** A key's greatest length. */
  maxKeyBytes: 64 * KIB,
  /** A value's greatest length by default (`limits.max-value-bytes`). */
  maxValueBytes: 64 * MIB,
  /** The highest setting of `limits.max-value-bytes`. */
  maxConfigurableValueBytes: 512 * MIB,
  /** Arguments of one command (Redis's own limit of a multibulk count is 1,048,576). */
  maxArguments: 1024 * KIB,
  /** An inline command's line, and each `*N` and `$N` line (Redis: 64 KiB). */
  maxInlineBytes: 64 * KIB,
  /** One bus message; NATS's default max_payload is 1 MiB and headers need room. */
  maxFrameBytes: 960 * KIB,
  /** A batch of operations or replies is sent early when it reaches this size. */
  flushFrameBytes: 256 * KIB,
  /** Payload of one PART frame. */
  partBytes: 512 * KIB,
  /** A message whose parts are not acknowledged for so long is given up. */
  partAckMs: 1_000,
  /** Bytes that may wait behind a message that is being sent in parts; more are refused. */
  maxLinkQueueBytes: 256 * MIB,
  /** On average over the nodes: unacknowledged bytes towards one storage node before the gateway stops sending to it. */
  linkCreditBytes: 16 * MIB,
  /** Messages that are being put together from parts, per link, and their bytes in total. */
  maxAssemblies: 4,
  maxAssemblyBytes: 640 * MIB,
  /** Operations that a gateway has in flight over all its connections. */
  maxInFlightOperations: 64 * KIB,
  /** Bytes of operations that wait at a gateway while their partition changes its owner. */
  maxHeldBytes: 64 * MIB,
  /** Reply bytes queued for one slow client before its connection is closed. */
  maxClientOutputBytes: 256 * MIB,
  /** Reply bytes queued for one client before its requests are no longer read. */
  pauseClientOutputBytes: 4 * MIB,
  /** Unfinished pipelined commands of one client before its requests are no longer read. */
  maxPipelinedCommands: 64 * KIB,
  /** Client connections of one gateway by default (`limits.max-clients`). */
  maxClients: 10_000,
  /** The largest table of a filter that gateways copy; reads of shards with a larger one all go to the storage node. */
  maxNearFilterTableBytes: 256 * KIB,
  /** All copies of filters that a gateway keeps, with what it has noted since they were made. */
  maxNearFilterBytes: 64 * MIB,
  /** Copies of filters that a gateway waits for at once. */
  maxNearFilterFetches: 128,
  /** Keys written since a shard's copy was made that a gateway notes; beyond, the copy is of no use until the next one. */
  maxNearFilterNotes: 4 * KIB,
  /** Messages buffered towards NATS while it reconnects. */
  maxReconnectBufferBytes: 8 * MIB,
} as const;

assert(BOUNDS.partBytes < BOUNDS.maxFrameBytes, 'a part must fit a frame');
assert(BOUNDS.flushFrameBytes < BOUNDS.maxFrameBytes, 'a batch is flushed before it exceeds a frame');
assert(BOUNDS.maxFrameBytes < BOUNDS.linkCreditBytes, 'a link must be able to send one frame');
assert(
  BOUNDS.maxConfigurableValueBytes + BOUNDS.maxKeyBytes < BOUNDS.maxAssemblyBytes,
  'the largest value must be assemblable',
);
assert(BOUNDS.pauseClientOutputBytes < BOUNDS.maxClientOutputBytes, 'a client is paused before it is closed');
