/** Requests for the events that coordinators remember, and their answers, as protobuf. */
import { create, toBinary } from '@bufbuild/protobuf';
import { check, checkFormatVersion, decodeMessage, toNumber } from './decode.js';
import { decodeEventNotice, encodeEventNotice } from './event-notice-codec.js';
import type { AnyEventNotice } from './event-notice.js';
import { EventsReplySchema, EventsRequestSchema } from './generated/hypercache/control/v1/events_pb.js';
import { CLUSTER_LIMITS } from './limits.js';
import { FORMAT_VERSION } from './versions.js';

export interface EventsRequest {
  /** Events from this index on; 0: the newest ones. */
  readonly since: number;
  /** From 1 to `CLUSTER_LIMITS.maxListedEvents`. */
  readonly limit: number;
}

export interface EventsReply {
  /** Index of the oldest event that is remembered; 0 where there is none. */
  readonly firstIndex: number;
  /** Index of the newest event; 0 where there is none. */
  readonly lastIndex: number;
  /** The oldest first. */
  readonly notices: readonly AnyEventNotice[];
}

const BOUNDS_OF_REQUEST = { maxBytes: CLUSTER_LIMITS.maxMessageBytes, maxOccurrences: {} };
const BOUNDS_OF_REPLY = {
  maxBytes: CLUSTER_LIMITS.maxListedEventsBytes,
  maxOccurrences: { 4: CLUSTER_LIMITS.maxListedEvents },
};
/** Format version, two indexes, their tags. */
const REPLY_HEAD_BYTES = 32;
/** Tag and length of an event. */
const EVENT_HEAD_BYTES = 5;

export function encodeEventsRequest({ since, limit }: EventsRequest): Uint8Array {
  return toBinary(
    EventsRequestSchema,
    create(EventsRequestSchema, { formatVersion: FORMAT_VERSION, since: BigInt(since), limit }),
  );
}

/** Throws DecodeError; `bytes` are not kept. */
export function decodeEventsRequest(bytes: Uint8Array): EventsRequest {
  const message = decodeMessage(EventsRequestSchema, bytes, BOUNDS_OF_REQUEST);
  checkFormatVersion('EventsRequest', message.formatVersion);
  const { limit } = message;
  check(limit >= 1 && limit <= CLUSTER_LIMITS.maxListedEvents, `limit ${limit}: out of range`);
  return { since: toNumber(message.since, 'event index'), limit };
}

/** Leaves the last notices out where all together exceed one message: whoever asked goes on from the last it got. */
export function encodeEventsReply({ firstIndex, lastIndex, notices }: EventsReply): Uint8Array {
  const events: Uint8Array[] = [];
  let bytes = REPLY_HEAD_BYTES;
  for (const notice of notices.slice(0, CLUSTER_LIMITS.maxListedEvents)) {
    const event = encodeEventNotice(notice);
    bytes += event.length + EVENT_HEAD_BYTES;
    if (bytes > CLUSTER_LIMITS.maxListedEventsBytes) break;
    events.push(event);
  }
  return toBinary(
    EventsReplySchema,
    create(EventsReplySchema, {
      formatVersion: FORMAT_VERSION,
      firstIndex: BigInt(firstIndex),
      lastIndex: BigInt(lastIndex),
      events,
    }),
  );
}

/** Leaves out events that this release does not know. Throws DecodeError; `bytes` are not kept. */
export function decodeEventsReply(bytes: Uint8Array): EventsReply {
  const message = decodeMessage(EventsReplySchema, bytes, BOUNDS_OF_REPLY);
  checkFormatVersion('EventsReply', message.formatVersion);
  return {
    firstIndex: toNumber(message.firstIndex, 'first event index'),
    lastIndex: toNumber(message.lastIndex, 'last event index'),
    notices: message.events.map(decodeEventNotice).filter((notice) => notice !== undefined),
  };
}
