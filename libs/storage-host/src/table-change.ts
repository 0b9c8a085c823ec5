import { NO_NODE, type RoutingTable } from '#libs/cluster';
import type { MoveSource } from './move-source.js';
import type { MoveTarget } from './move-target.js';
import type { NodeStores } from './node-stores.js';
import { PARTITION_STATES, type PartitionOwnership } from './partition-ownership.js';
import { StoreShards } from './store-shards.js';

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
  applyStores(routing, stores);
  for (let partition = 0; partition < routing.partitionCount; partition++) {
    ownership.epochs[partition] = routing.epochOf[partition];
    const isPrimary = self !== NO_NODE && routing.primaryOf[partition] === self;
    const movesHere = self !== NO_NODE && routing.movingTo[partition] === self;
    const keepsCopy = movesHere || target.isAheadOf(routing.tableVersion, partition);
    if (isPrimary) serve(partition, ownership, target);
    else release(partition, keepsCopy, ownership, source, target);
    if (isPrimary) sealOrOpen(partition, routing, ownership, source);
    for (const store of stores.byId.values()) store.setRole(partition, ownership.isServing(partition), isPrimary);
  }
  stores.memory.balance();
}

/** A dropped store's memory goes with its engine at once; its share of the node is free for the others. */
function applyStores(routing: RoutingTable, { byId: stores, memory }: NodeStores): void {
  const { table } = routing;
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
    const shards = new StoreShards(definition, routing.partitionCount, table.hashSeed, memory.limitBytes);
    stores.set(definition.id, shards);
    memory.add(shards);
  }
}

function serve(partition: number, ownership: PartitionOwnership, target: MoveTarget): void {
  const { states } = ownership;
  if (states[partition] === PARTITION_STATES.serving || states[partition] === PARTITION_STATES.sealed) return;
  const arrived = states[partition] === PARTITION_STATES.receiving && target.isComplete(partition);
  if (!arrived) target.clearShard(partition);
  target.forget(partition);
  states[partition] = PARTITION_STATES.serving;
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
  states[partition] = PARTITION_STATES.sealed;
  source.begin(partition, routing.epochOf[partition], moveId, routing.nodes[next].nodeId);
}
