/** The cluster table as protobuf. Whatever decodes is consistent: nobody checks a table again. */
import { create, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import { assert, utf8Bytes } from '#libs/kernel';
import {
  NO_MOVE,
  NO_NODE,
  type ClusterTable,
  type TableNode,
  type TablePartition,
  type TableSetting,
} from './cluster-table.js';
import { check, checkFormatVersion, decodeMessage, toName, toNumber, toToken, toVisibleText } from './decode.js';
import { fromEndpoints } from './endpoints-codec.js';
import {
  ClusterTableSchema,
  type ClusterTable as TableMessage,
  type TableNode as NodeMessage,
  type TableNodeSchema,
  type TablePartition as PartitionMessage,
  type TablePartitionSchema,
  type TableSetting as SettingMessage,
} from './generated/hypercache/control/v1/cluster_table_pb.js';
import { CLUSTER_LIMITS } from './limits.js';
import { MEMBER_ROLES, NODE_STATUSES } from './member.js';
import { fromStores, toStores } from './store-codec.js';
import { FORMAT_VERSION } from './versions.js';

const BOUNDS_OF_TABLE = {
  maxBytes: CLUSTER_LIMITS.maxTableBytes,
  maxOccurrences: {
    8: CLUSTER_LIMITS.maxNodes,
    9: CLUSTER_LIMITS.maxPartitions,
    10: CLUSTER_LIMITS.maxStores,
    11: CLUSTER_LIMITS.maxSettings,
    12: CLUSTER_LIMITS.maxTtlPrefixesInAll,
  },
};

export function encodeClusterTable(table: ClusterTable): Uint8Array {
  const bytes = toBinary(
    ClusterTableSchema,
    create(ClusterTableSchema, {
      formatVersion: FORMAT_VERSION,
      featureLevel: table.featureLevel,
      clusterId: table.clusterId,
      clusterName: table.clusterName,
      hashSeed: table.hashSeed,
      tableVersion: BigInt(table.tableVersion),
      partitionCount: table.partitions.length,
      nodes: table.nodes.map(fromNode),
      partitions: table.partitions.map(fromPartition),
      ...fromStores(table.stores),
      settings: table.settings.map(({ path, value }) => ({ path, value })),
    }),
  );
  assert(bytes.length <= CLUSTER_LIMITS.maxTableBytes, 'a table within its limits fits one message');
  return bytes;
}

/** Throws DecodeError on anything inconsistent or oversized; `bytes` are not kept. */
export function decodeClusterTable(bytes: Uint8Array): ClusterTable {
  const message = decodeMessage(ClusterTableSchema, bytes, BOUNDS_OF_TABLE);
  checkFormatVersion('ClusterTable', message.formatVersion);
  check(message.tableVersion > 0n, 'table version: 0');
  checkPartitionCount(message);
  const nodes = message.nodes.map(toNode);
  checkDistinct(nodes, (node) => node.nodeId, 'node id');
  const stores = toStores(message.stores, message.ttlPrefixes);
  checkDistinct(stores, (store) => store.id, 'store id');
  checkDistinct(stores, (store) => store.name, 'store name');
  const settings = message.settings.map(toSetting);
  checkDistinct(settings, (setting) => setting.path, 'setting');
  return {
    featureLevel: message.featureLevel,
    clusterId: toToken(message.clusterId, 'cluster id'),
    clusterName: toToken(message.clusterName, 'cluster name'),
    hashSeed: message.hashSeed,
    tableVersion: toNumber(message.tableVersion, 'table version'),
    nodes,
    partitions: message.partitions.map((partition, number) => toPartition(partition, number, nodes)),
    stores,
    settings,
  };
}

function checkPartitionCount(message: TableMessage): void {
  const count = message.partitionCount;
  check(isPartitionCount(count), `partition count ${count}: not a power of two from 1 to 16384`);
  check(message.partitions.length === count, `${message.partitions.length} partitions, expected ${count}`);
}

export function isPartitionCount(count: number): boolean {
  return Number.isInteger(count) && count >= 1 && count <= CLUSTER_LIMITS.maxPartitions && (count & (count - 1)) === 0;
}

function checkDistinct<T>(items: readonly T[], keyOf: (item: T) => string | number, what: string): void {
  const seen = new Set<string | number>();
  for (const item of items) {
    const key = keyOf(item);
    check(!seen.has(key), `${what} "${key}" occurs twice`);
    seen.add(key);
  }
}

export function fromNode(node: TableNode): MessageInitShape<typeof TableNodeSchema> {
  return {
    ...node,
    role: MEMBER_ROLES.indexOf(node.role),
    incarnation: BigInt(node.incarnation),
    status: NODE_STATUSES.indexOf(node.status),
  };
}

export function toNode(message: NodeMessage): TableNode {
  const incarnation = toNumber(message.incarnation, 'incarnation');
  check(incarnation > 0, 'incarnation: 0');
  check(message.weight >= 1 && message.weight <= CLUSTER_LIMITS.maxWeight, `weight ${message.weight}: out of range`);
  return {
    nodeId: toToken(message.nodeId, 'node id'),
    role: toName(MEMBER_ROLES, message.role, 'role'),
    incarnation,
    softwareVersion: toVisibleText(message.softwareVersion, 'software version'),
    endpoints: fromEndpoints(message.endpoints),
    zone: toVisibleText(message.zone, 'zone'),
    weight: message.weight,
    status: toName(NODE_STATUSES, message.status, 'status'),
    ...(message.raftId === 0 ? {} : { raftId: message.raftId }),
    ...(message.replicates ? { replicates: true } : {}),
  };
}

/** What is as in every table of one owner per partition is left out, so that such tables keep their bytes. */
function fromPartition(partition: TablePartition): MessageInitShape<typeof TablePartitionSchema> {
  const { epoch, owners, primary, outgoing, movingTo, movingFrom, moveId } = partition;
  return {
    epoch,
    owners: [...owners],
    movingTo: movingTo + 1,
    moveId: BigInt(moveId),
    primary: primary === (owners[0] ?? NO_NODE) ? 0 : primary + 1,
    outgoing: [...outgoing],
    ...(movingTo === NO_NODE || movingFrom === primary ? {} : { movingFrom: movingFrom + 1 }),
  };
}

function toPartition(message: PartitionMessage, number: number, nodes: readonly TableNode[]): TablePartition {
  const { epoch, owners, outgoing } = message;
  checkOwners(owners, number, nodes);
  checkOwners(outgoing, number, nodes);
  const primary = message.primary === 0 ? (owners[0] ?? NO_NODE) : message.primary - 1;
  check(primary === NO_NODE || owners.includes(primary), `partition ${number}: its primary is none of its owners`);
  const movingTo = message.movingTo - 1;
  const moveId = toNumber(message.moveId, 'move id');
  check(moveId > 0 === (movingTo !== NO_NODE), `partition ${number}: a move has an id, and only a move`);
  if (movingTo === NO_NODE) return { epoch, owners, primary, outgoing, ...NO_MOVE };
  checkStorageNode(movingTo, number, nodes);
  check(owners.length > 0 && !owners.includes(movingTo), `partition ${number}: moves to its owner`);
  const movingFrom = message.movingFrom === undefined ? primary : message.movingFrom - 1;
  check(movingFrom === NO_NODE || owners.includes(movingFrom), `partition ${number}: moves from none of its owners`);
  return { epoch, owners, primary, outgoing, movingTo, movingFrom, moveId };
}

function checkOwners(owners: readonly number[], partition: number, nodes: readonly TableNode[]): void {
  check(owners.length <= CLUSTER_LIMITS.maxOwners, `partition ${partition}: ${owners.length} owners`);
  for (let rank = 0; rank < owners.length; rank++) {
    checkStorageNode(owners[rank], partition, nodes);
    check(owners.indexOf(owners[rank]) === rank, `partition ${partition}: an owner occurs twice`);
  }
}

function checkStorageNode(index: number, partition: number, nodes: readonly TableNode[]): void {
  check(index < nodes.length, `partition ${partition}: there is no node ${index}`);
  check(nodes[index].role === 'storage-node', `partition ${partition}: node ${index} is no storage node`);
}

function toSetting({ path, value }: SettingMessage): TableSetting {
  const { maxSettingPathLength, maxSettingValueBytes } = CLUSTER_LIMITS;
  check(utf8Bytes(value).length <= maxSettingValueBytes, 'value of a setting: too long');
  return { path: toVisibleText(path, 'path of a setting', maxSettingPathLength), value };
}

/** The answer to a table request: empty while no cluster has been formed. */
export function decodeTableReply(bytes: Uint8Array): ClusterTable | undefined {
  return bytes.length === 0 ? undefined : decodeClusterTable(bytes);
}
