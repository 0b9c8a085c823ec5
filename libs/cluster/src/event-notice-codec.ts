/** Notices of cluster events as protobuf. */
import { create, toBinary } from '@bufbuild/protobuf';
import { check, checkFormatVersion, decodeMessage, toNumber, toReason } from './decode.js';
import { EVENT_FIELDS, isClusterEventName, type AnyEventNotice } from './event-notice.js';
import { ClusterEventSchema } from './generated/hypercache/control/v1/cluster_event_pb.js';
import { CLUSTER_LIMITS } from './limits.js';
import { FORMAT_VERSION } from './versions.js';

const BOUNDS_OF_NOTICE = {
  maxBytes: CLUSTER_LIMITS.maxMessageBytes,
  maxOccurrences: { 5: CLUSTER_LIMITS.maxEventFields },
};

export function encodeEventNotice(notice: AnyEventNotice): Uint8Array {
  return toBinary(
    ClusterEventSchema,
    create(ClusterEventSchema, {
      formatVersion: FORMAT_VERSION,
      index: BigInt(notice.index),
      atMs: BigInt(notice.atMs),
      name: notice.name,
      fields: notice.fields,
    }),
  );
}

/** Undefined for an event that this release does not know. Throws DecodeError; `bytes` are not kept. */
export function decodeEventNotice(bytes: Uint8Array): AnyEventNotice | undefined {
  const message = decodeMessage(ClusterEventSchema, bytes, BOUNDS_OF_NOTICE);
  checkFormatVersion('ClusterEvent', message.formatVersion);
  const { name } = message;
  if (!isClusterEventName(name)) return undefined;
  const fields: Record<string, string> = {};
  for (const field of EVENT_FIELDS[name]) {
    check(Object.hasOwn(message.fields, field), `${name}: field "${field}" is missing`);
    fields[field] = toReason(message.fields[field], field);
  }
  return {
    index: toNumber(message.index, 'event index'),
    atMs: toNumber(message.atMs, 'time'),
    name,
    fields,
  } as AnyEventNotice;
}
