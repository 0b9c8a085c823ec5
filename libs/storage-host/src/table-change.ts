import { type ClusterTable, NO_NODE, type RoutingTable } from '#libs/cluster';
import type { MoveSource } from './move-source.js';
import type { MoveTarget } from './move-target.js';
import type { NodeStores } from './node-stores.js';
import { PARTITION_STATES, type PartitionOwnership } from './partition-ownership.js';

/**
 * What a new cluster table does to a storage node: stores appear and go, partitions are taken over, sealed for a move,
 * opened again or dropped. `self` is this process's index in the table, or NO_NODE where the table does not count it.
 */
export function applyTable(
  routing: RoutingTable,
  self: number,
  ownership: PartitionOwnership,
  stores: NodeStores,
  source: MoveSource,
  target: MoveTarget,
): void {
  applyStores(routing.table, stores);
  for (let partition = 0; partition < routing.partitionCount; partition++) {
    const isNewEpoch = ownership.epochs[partition] !== routing.epochOf[partition];
    ownership.epochs[partition] = routing.epochOf[partition];
    const isPrimary = self !== NO_NODE && routing.primaryOf[partition] === self;
    const movesHere = self !== NO_NODE && routing.movingTo[partition] === self;
    const keepsCopy = movesHere || target.isAheadOf(routing.tableVersion, partition);
    if (isPrimary) {
      const isNew = serve(partition, ownership, target);
      if (isNew || isNewEpoch) stores.startEpoch(partition, routing.epochOf[partition]);
      sealOrOpen(partition, routing, ownership, source);
    } else if (!isUndecided(partition, self, ownership)) release(partition, keepsCopy, ownership, source, target);
    for (const store of stores.byId.values()) store.setRole(partition, ownership.isServing(partition), isPrimary);
  }
  stores.memory.balance();
}

/** Nobody has said yet whether what was restored is still this node's. */
function isUndecided(partition: number, self: number, { states }: PartitionOwnership): boolean {
  return self === NO_NODE && states[partition] === PARTITION_STATES.restored;
}

/** A dropped store's memory goes with its engine at once; its share of the node is free for the others. */
export function applyStores(table: ClusterTable, nodeStores: NodeStores): void {
  const { byId: stores, memory } = nodeStores;
  const defined = new Set(table.stores.map((store) => store.id));
  for (const [id, store] of stores) {
    if (defined.has(id)) continue;
    stores.delete(id);
    memory.remove(store);
  }
  for (const definition of table.stores) {
    const known = stores.get(definition.id);
    if (known !== undefined) {
      known.redefine(definition);
      continue;
    }
    nodeStores.add(definition, table.hashSeed);
  }
}

/** True where this node has not served it until now. */
function serve(partition: number, ownership: PartitionOwnership, target: MoveTarget): boolean {
  const { states } = ownership;
  const state = states[partition];
  if (state === PARTITION_STATES.serving || state === PARTITION_STATES.sealed) return false;
  const arrived = state === PARTITION_STATES.receiving && target.isComplete(partition);
  if (!arrived && state !== PARTITION_STATES.restored) target.clearShard(partition);
  target.forget(partition);
  states[partition] = PARTITION_STATES.serving;
  return true;
}

function release(
  partition: number,
  keepsCopy: boolean,
  ownership: PartitionOwnership,
  source: MoveSource,
  target: MoveTarget,
): void {
  const { states } = ownership;
  const state = states[partition];
  if (state === PARTITION_STATES.none || (state === PARTITION_STATES.receiving && keepsCopy)) return;
  target.clearShard(partition);
  target.forget(partition);
  source.end(partition);
  states[partition] = PARTITION_STATES.none;
}

function sealOrOpen(partition: number, routing: RoutingTable, ownership: PartitionOwnership, source: MoveSource): void {
  const { states } = ownership;
  const next = routing.movingTo[partition];
  if (next === NO_NODE) {
    states[partition] = PARTITION_STATES.serving;
    source.end(partition);
    return;
  }
  const moveId = routing.moveIdOf(partition);
  if (source.isUnderWay(partition, moveId)) return;
  states[partition] = PARTITION_STATES.serving;
  source.end(partition);
  source.begin(partition, routing.epochOf[partition], moveId, routing.nodes[next].nodeId);
}
