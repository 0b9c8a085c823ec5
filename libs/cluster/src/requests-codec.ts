/** Table requests, move reports and leaves as protobuf. All decoders throw DecodeError and keep no bytes. */
import { create, toBinary } from '@bufbuild/protobuf';
import { check, checkFormatVersion, decodeMessage, toNumber, toReason, toToken } from './decode.js';
import {
  LeaveSchema,
  MoveFinishedReplySchema,
  MoveFinishedSchema,
  TableRequestSchema,
} from './generated/hypercache/control/v1/requests_pb.js';
import { CLUSTER_LIMITS } from './limits.js';
import type { Leave, MoveFinished, MoveFinishedReply, TableRequest } from './requests.js';
import { FORMAT_VERSION } from './versions.js';

const BOUNDS_OF_REQUEST = { maxBytes: CLUSTER_LIMITS.maxMessageBytes, maxOccurrences: {} };

export function encodeTableRequest(request: TableRequest): Uint8Array {
  return toBinary(
    TableRequestSchema,
    create(TableRequestSchema, {
      formatVersion: FORMAT_VERSION,
      nodeId: request.nodeId,
      tableVersion: BigInt(request.tableVersion),
    }),
  );
}

export function decodeTableRequest(bytes: Uint8Array): TableRequest {
  const message = decodeMessage(TableRequestSchema, bytes, BOUNDS_OF_REQUEST);
  checkFormatVersion('TableRequest', message.formatVersion);
  return {
    nodeId: toToken(message.nodeId, 'node id'),
    tableVersion: toNumber(message.tableVersion, 'table version'),
  };
}

export function encodeMoveFinished(report: MoveFinished): Uint8Array {
  return toBinary(
    MoveFinishedSchema,
    create(MoveFinishedSchema, {
      ...report,
      formatVersion: FORMAT_VERSION,
      incarnation: BigInt(report.incarnation),
      targetIncarnation: BigInt(report.targetIncarnation),
      moveId: BigInt(report.moveId),
      reason: shortened(report.reason),
    }),
  );
}

export function decodeMoveFinished(bytes: Uint8Array): MoveFinished {
  const message = decodeMessage(MoveFinishedSchema, bytes, BOUNDS_OF_REQUEST);
  checkFormatVersion('MoveFinished', message.formatVersion);
  check(message.partition < CLUSTER_LIMITS.maxPartitions, `partition ${message.partition}: out of range`);
  return {
    clusterId: toToken(message.clusterId, 'cluster id'),
    partition: message.partition,
    epoch: message.epoch,
    source: toToken(message.source, 'source'),
    target: toToken(message.target, 'target'),
    moveId: toNumber(message.moveId, 'move id'),
    incarnation: toNumber(message.incarnation, 'incarnation'),
    targetIncarnation: toNumber(message.targetIncarnation, "the target's incarnation"),
    ok: message.ok,
    reason: toReason(message.reason, 'reason'),
  };
}

export function encodeMoveFinishedReply(reply: MoveFinishedReply): Uint8Array {
  return toBinary(
    MoveFinishedReplySchema,
    create(MoveFinishedReplySchema, {
      formatVersion: FORMAT_VERSION,
      accepted: reply.accepted,
      reason: shortened(reply.reason),
      tableVersion: BigInt(reply.tableVersion),
    }),
  );
}

export function decodeMoveFinishedReply(bytes: Uint8Array): MoveFinishedReply {
  const message = decodeMessage(MoveFinishedReplySchema, bytes, BOUNDS_OF_REQUEST);
  checkFormatVersion('MoveFinishedReply', message.formatVersion);
  return {
    accepted: message.accepted,
    reason: toReason(message.reason, 'reason'),
    tableVersion: toNumber(message.tableVersion, 'table version'),
  };
}

export function encodeLeave(leave: Leave): Uint8Array {
  return toBinary(
    LeaveSchema,
    create(LeaveSchema, { ...leave, formatVersion: FORMAT_VERSION, incarnation: BigInt(leave.incarnation) }),
  );
}

export function decodeLeave(bytes: Uint8Array): Leave {
  const message = decodeMessage(LeaveSchema, bytes, BOUNDS_OF_REQUEST);
  checkFormatVersion('Leave', message.formatVersion);
  return {
    cluster: toToken(message.cluster, 'cluster'),
    nodeId: toToken(message.nodeId, 'node id'),
    incarnation: toNumber(message.incarnation, 'incarnation'),
  };
}

function shortened(reason: string): string {
  return reason.slice(0, CLUSTER_LIMITS.maxReasonLength);
}
