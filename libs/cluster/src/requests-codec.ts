/** Table requests, move reports and leaves as protobuf. All decoders throw DecodeError and keep no bytes. */
import { create, toBinary } from '@bufbuild/protobuf';
import { check, checkFormatVersion, decodeMessage, toName, toNumber, toReason, toToken } from './decode.js';
import {
  EpochReportsReplySchema,
  EpochReportsSchema,
  LeaveSchema,
  MoveFinishedReplySchema,
  MoveFinishedSchema,
  TableRequestSchema,
} from './generated/hypercache/control/v1/requests_pb.js';
import { CLUSTER_LIMITS } from './limits.js';
import {
  PROMOTION_FAILURES,
  type EpochReports,
  type EpochReportsReply,
  type Leave,
  type MoveFinished,
  type MoveFinishedReply,
  type TableRequest,
} from './requests.js';
import { FORMAT_VERSION } from './versions.js';

const BOUNDS_OF_REQUEST = { maxBytes: CLUSTER_LIMITS.maxMessageBytes, maxOccurrences: {} };
const BOUNDS_OF_REPORTS = {
  maxBytes: CLUSTER_LIMITS.maxMessageBytes,
  maxOccurrences: { 5: CLUSTER_LIMITS.maxEpochReports, 6: CLUSTER_LIMITS.maxEpochReports },
};

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
  return {
    clusterId: toToken(message.clusterId, 'cluster id'),
    partition: toPartition(message.partition),
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

export function encodeEpochReports({ served, failed, ...rest }: EpochReports): Uint8Array {
  return toBinary(
    EpochReportsSchema,
    create(EpochReportsSchema, {
      ...rest,
      formatVersion: FORMAT_VERSION,
      incarnation: BigInt(rest.incarnation),
      served: served.map(({ partition, epoch }) => ({ partition, epoch })),
      failed: failed.map((failure) => ({ ...failure, reason: PROMOTION_FAILURES.indexOf(failure.reason) })),
    }),
  );
}

export function decodeEpochReports(bytes: Uint8Array): EpochReports {
  const message = decodeMessage(EpochReportsSchema, bytes, BOUNDS_OF_REPORTS);
  checkFormatVersion('EpochReports', message.formatVersion);
  return {
    clusterId: toToken(message.clusterId, 'cluster id'),
    nodeId: toToken(message.nodeId, 'node id'),
    incarnation: toNumber(message.incarnation, 'incarnation'),
    served: message.served.map(({ partition, epoch }) => ({ partition: toPartition(partition), epoch })),
    failed: message.failed.map(({ partition, epoch, reason }) => ({
      partition: toPartition(partition),
      epoch,
      reason: toName(PROMOTION_FAILURES, reason, 'reason of a failed promotion'),
    })),
  };
}

export function encodeEpochReportsReply({ tableVersion }: EpochReportsReply): Uint8Array {
  return toBinary(
    EpochReportsReplySchema,
    create(EpochReportsReplySchema, { formatVersion: FORMAT_VERSION, tableVersion: BigInt(tableVersion) }),
  );
}

export function decodeEpochReportsReply(bytes: Uint8Array): EpochReportsReply {
  const message = decodeMessage(EpochReportsReplySchema, bytes, BOUNDS_OF_REQUEST);
  checkFormatVersion('EpochReportsReply', message.formatVersion);
  return { tableVersion: toNumber(message.tableVersion, 'table version') };
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

function toPartition(partition: number): number {
  check(partition < CLUSTER_LIMITS.maxPartitions, `partition ${partition}: out of range`);
  return partition;
}

function shortened(reason: string): string {
  return reason.slice(0, CLUSTER_LIMITS.maxReasonLength);
}
