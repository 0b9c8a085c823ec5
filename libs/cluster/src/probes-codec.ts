/** Pings and probes as protobuf. All decoders throw DecodeError and keep no bytes. */
import { create, toBinary } from '@bufbuild/protobuf';
import { check, checkFormatVersion, decodeMessage, toNumber, toToken } from './decode.js';
import {
  PingReplySchema,
  PingRequestSchema,
  ProbeReplySchema,
  ProbeRequestSchema,
} from './generated/hypercache/control/v1/probes_pb.js';
import { CLUSTER_LIMITS } from './limits.js';
import type { Ping, ProbeReply, ProbeRequest } from './probes.js';
import { FORMAT_VERSION } from './versions.js';

const BOUNDS_OF_PROBE = { maxBytes: CLUSTER_LIMITS.maxProbeBytes, maxOccurrences: {} };

export function encodePingRequest({ incarnation }: Ping): Uint8Array {
  const message = { formatVersion: FORMAT_VERSION, incarnation: BigInt(incarnation) };
  return toBinary(PingRequestSchema, create(PingRequestSchema, message));
}

export function decodePingRequest(bytes: Uint8Array): Ping {
  const message = decodeMessage(PingRequestSchema, bytes, BOUNDS_OF_PROBE);
  checkFormatVersion('PingRequest', message.formatVersion);
  return { incarnation: toIncarnation(message.incarnation) };
}

export function encodePingReply({ incarnation }: Ping): Uint8Array {
  const message = { formatVersion: FORMAT_VERSION, incarnation: BigInt(incarnation) };
  return toBinary(PingReplySchema, create(PingReplySchema, message));
}

export function decodePingReply(bytes: Uint8Array): Ping {
  const message = decodeMessage(PingReplySchema, bytes, BOUNDS_OF_PROBE);
  checkFormatVersion('PingReply', message.formatVersion);
  return { incarnation: toIncarnation(message.incarnation) };
}

export function encodeProbeRequest(request: ProbeRequest): Uint8Array {
  const message = { ...request, formatVersion: FORMAT_VERSION, incarnation: BigInt(request.incarnation) };
  return toBinary(ProbeRequestSchema, create(ProbeRequestSchema, message));
}

export function decodeProbeRequest(bytes: Uint8Array): ProbeRequest {
  const message = decodeMessage(ProbeRequestSchema, bytes, BOUNDS_OF_PROBE);
  checkFormatVersion('ProbeRequest', message.formatVersion);
  const { timeoutMs } = message;
  check(timeoutMs >= 1 && timeoutMs <= CLUSTER_LIMITS.maxProbeTimeoutMs, `timeout ${timeoutMs} ms: out of range`);
  return { target: toToken(message.target, 'target'), incarnation: toIncarnation(message.incarnation), timeoutMs };
}

export function encodeProbeReply({ heard, millis }: ProbeReply): Uint8Array {
  const message = { formatVersion: FORMAT_VERSION, heard, millis: Math.min(Math.round(millis), 0xffff_ffff) };
  return toBinary(ProbeReplySchema, create(ProbeReplySchema, message));
}

export function decodeProbeReply(bytes: Uint8Array): ProbeReply {
  const message = decodeMessage(ProbeReplySchema, bytes, BOUNDS_OF_PROBE);
  checkFormatVersion('ProbeReply', message.formatVersion);
  return { heard: message.heard, millis: message.millis };
}

function toIncarnation(value: bigint): number {
  const incarnation = toNumber(value, 'incarnation');
  check(incarnation > 0, 'incarnation: 0');
  return incarnation;
}
