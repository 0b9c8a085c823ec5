/**
 * The cluster table compiled for the hot path: from a key's bytes to the index of the node that serves it without an
 * object or a string. Compiled once per table and never changed.
 */
import { partitionShift, slotOfKey } from '#libs/kernel';
import { isReachable, NO_NODE, type ClusterTable, type TableNode } from './cluster-table.js';

export class RoutingTable {
  readonly tableVersion: number;
  readonly partitionCount: number;
  /** Shift that makes a slot its partition. */
  readonly partitionShift: number;
  /** As in the table: indexes of nodes are valid within this table only. */
  readonly nodes: readonly TableNode[];
  /** By partition: the primary's index whatever its status, or {@link NO_NODE}. */
  readonly primaryOf: Int16Array;
  /** By partition: the primary's index where it is reachable, else {@link NO_NODE}: where operations are sent to. */
  readonly servingOf: Int16Array;
  /** By partition. */
  readonly epochOf: Uint32Array;
  /** By partition: the index of the node that is to become an owner, or {@link NO_NODE}. */
  readonly movingTo: Int16Array;
  /** By node: 1 where operations are sent to it. */
  readonly reachable: Uint8Array;

  private readonly indexes = new Map<string, number>();
  /** Primary partitions, grouped by node; those of node i begin at starts[i]. */
  private readonly grouped: Uint16Array;
  private readonly starts: Uint32Array;

  constructor(readonly table: ClusterTable) {
    const { nodes, partitions } = table;
    this.tableVersion = table.tableVersion;
    this.partitionCount = partitions.length;
    this.partitionShift = partitionShift(partitions.length);
    this.nodes = nodes;
    this.primaryOf = new Int16Array(partitions.length);
    this.servingOf = new Int16Array(partitions.length);
    this.epochOf = new Uint32Array(partitions.length);
    this.movingTo = new Int16Array(partitions.length);
    this.reachable = new Uint8Array(nodes.length);
    nodes.forEach((node, index) => {
      this.indexes.set(node.nodeId, index);
      this.reachable[index] = isReachable(node.status) ? 1 : 0;
    });
    partitions.forEach((partition, number) => {
      const { primary } = partition;
      this.primaryOf[number] = primary;
      this.servingOf[number] = primary !== NO_NODE && this.reachable[primary] === 1 ? primary : NO_NODE;
      this.epochOf[number] = partition.epoch;
      this.movingTo[number] = partition.movingTo;
    });
    this.starts = startsOfGroups(this.primaryOf, nodes.length);
    this.grouped = groupPartitions(this.primaryOf, this.starts);
  }

  /** The partition of a key, by its CRC16 slot. */
  partitionOf(buffer: Uint8Array, offset: number, length: number): number {
    return slotOfKey(buffer, offset, length) >>> this.partitionShift;
  }

  partitionOfSlot(slot: number): number {
    return slot >>> this.partitionShift;
  }

  /** The index of a node in this table, or {@link NO_NODE}. */
  nodeIndexOf(nodeId: string): number {
    return this.indexes.get(nodeId) ?? NO_NODE;
  }

  /** The partitions whose primary is this node, ascending; a view that must not be changed. */
  partitionsOf(nodeIndex: number): Uint16Array {
    return this.grouped.subarray(this.starts[nodeIndex], this.starts[nodeIndex + 1]);
  }

  /** The number of the partition's move, as reports of it carry it; 0 for none. */
  moveIdOf(partition: number): number {
    return this.table.partitions[partition].moveId;
  }

  /** All owners of a partition, each at its place: a store of replication factor r uses the first r. */
  ownersOf(partition: number): readonly number[] {
    return this.table.partitions[partition].owners;
  }
}

function startsOfGroups(primaryOf: Int16Array, nodeCount: number): Uint32Array {
  const starts = new Uint32Array(nodeCount + 1);
  for (const node of primaryOf) if (node !== NO_NODE) starts[node + 1]++;
  for (let node = 0; node < nodeCount; node++) starts[node + 1] += starts[node];
  return starts;
}

function groupPartitions(primaryOf: Int16Array, starts: Uint32Array): Uint16Array {
  const next = starts.slice();
  const grouped = new Uint16Array(starts[starts.length - 1]);
  for (let partition = 0; partition < primaryOf.length; partition++) {
    const node = primaryOf[partition];
    if (node !== NO_NODE) grouped[next[node]++] = partition;
  }
  return grouped;
}
