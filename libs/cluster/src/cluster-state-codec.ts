/** A coordinator's state as protobuf, for its file. */
import { create, toBinary } from '@bufbuild/protobuf';
import type { ClusterState } from './cluster-state.js';
import { decodeClusterTable, encodeClusterTable } from './cluster-table-codec.js';
import { check, checkFormatVersion, decodeMessage, toNumber, toToken } from './decode.js';
import { CoordinatorStateSchema } from './generated/hypercache/control/v1/coordinator_state_pb.js';
import { CLUSTER_LIMITS } from './limits.js';
import { RememberedRequests } from './remembered-requests.js';
import { FORMAT_VERSION } from './versions.js';

const BOUNDS_OF_STATE = {
  maxBytes: CLUSTER_LIMITS.maxStateBytes,
  maxOccurrences: {
    4: CLUSTER_LIMITS.maxNodes,
    6: CLUSTER_LIMITS.maxRememberedRequests,
    7: CLUSTER_LIMITS.maxNodes,
  },
};

export function encodeClusterState(state: ClusterState): Uint8Array {
  return toBinary(
    CoordinatorStateSchema,
    create(CoordinatorStateSchema, {
      formatVersion: FORMAT_VERSION,
      eventIndex: BigInt(state.eventIndex),
      table: state.table === undefined ? new Uint8Array(0) : encodeClusterTable(state.table),
      superseded: [...state.superseded].map(([nodeId, incarnations]) => ({
        nodeId,
        incarnations: incarnations.map(BigInt),
      })),
      lastStoreId: state.lastStoreId,
      draining: [...state.draining].map(([nodeId, drained]) => ({ nodeId, drained })),
      rebalanceStopped: state.rebalanceStopped,
      requests: [...state.requests].map(([requestId, tableVersion]) => ({
        requestId,
        tableVersion: BigInt(tableVersion),
      })),
    }),
  );
}

/** Throws DecodeError; `bytes` are not kept. */
export function decodeClusterState(bytes: Uint8Array): ClusterState {
  const message = decodeMessage(CoordinatorStateSchema, bytes, BOUNDS_OF_STATE);
  checkFormatVersion('CoordinatorState', message.formatVersion);
  const superseded = new Map<string, readonly number[]>();
  for (const { nodeId, incarnations } of message.superseded) {
    check(incarnations.length <= CLUSTER_LIMITS.maxSuperseded, `superseded processes of "${nodeId}": too many`);
    superseded.set(
      toToken(nodeId, 'node id'),
      incarnations.map((incarnation) => toNumber(incarnation, 'incarnation')),
    );
  }
  const table = message.table.length === 0 ? undefined : decodeClusterTable(message.table);
  const highestStoreId = Math.max(0, ...(table?.stores ?? []).map(({ id }) => id));
  return {
    eventIndex: toNumber(message.eventIndex, 'event index'),
    table,
    superseded,
    // An earlier release made ids of names and wrote none down.
    lastStoreId: message.lastStoreId === 0 ? highestStoreId : message.lastStoreId,
    draining: new Map(message.draining.map(({ nodeId, drained }) => [toToken(nodeId, 'draining node'), drained])),
    rebalanceStopped: message.rebalanceStopped,
    requests: RememberedRequests.from(
      message.requests.map(({ requestId, tableVersion }) => [
        toToken(requestId, 'request id'),
        toNumber(tableVersion, 'table version'),
      ]),
    ),
  };
}
