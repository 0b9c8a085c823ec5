/**
 * What events do to partitions. Owners change only while none are outgoing, so that a candidate needs majorities of two sets
 * at most (libs/ownership), and every change of owners or primary makes a new epoch.
 */
import { assert } from '#libs/kernel';
import { NO_MOVE, NO_NODE, type ClusterTable, type TableNode, type TablePartition } from './cluster-table.js';

type Change = (partition: TablePartition) => TablePartition;

export function withPartition(table: ClusterTable, number: number, change: Change): ClusterTable {
  return { ...table, partitions: table.partitions.with(number, change(table.partitions[number])) };
}

/** The node becomes a learner; `replaces`: {@link NO_NODE} for nobody. */
export function movesTo(target: number, replaces: number, moveId: number): Change {
  return (partition) => ({ ...partition, movingTo: target, movingFrom: replaces, moveId });
}

export function movedTo(target: number): Change {
  return (partition) => {
    const { owners, primary, movingTo, movingFrom } = partition;
    assert(movingTo === target, 'a partition moves to where its move was started to');
    const isAdded = movingFrom === NO_NODE;
    return withOwners(
      partition,
      isAdded ? [...owners, target] : owners.map((owner) => (owner === movingFrom ? target : owner)),
      !isAdded && primary === movingFrom ? target : primary,
    );
  };
}

export function withoutMove(partition: TablePartition): TablePartition {
  return { ...partition, ...NO_MOVE };
}

export function withoutOwner(node: number): Change {
  return (partition) => {
    const { owners, primary, movingTo } = partition;
    assert(owners.includes(node) && primary !== node, 'an owner is removed that is not the primary');
    assert(movingTo === NO_NODE, 'the owners of a partition that moves stay');
    return withOwners(
      partition,
      owners.filter((owner) => owner !== node),
      primary,
    );
  };
}

/** A sole owner that has handed everything to the next one under a seal need not be asked any more. */
function withOwners(partition: TablePartition, owners: readonly number[], primary: number): TablePartition {
  assert(partition.outgoing.length === 0, 'owners change only while none are outgoing');
  const isHandedOver = partition.owners.length === 1 && owners.length === 1;
  return {
    epoch: partition.epoch + 1,
    owners,
    primary,
    outgoing: isHandedOver ? [] : partition.owners,
    ...NO_MOVE,
  };
}

export function ledBy(primary: number): Change {
  return (partition) => {
    assert(partition.owners.includes(primary), 'the primary is one of the owners');
    assert(partition.movingTo === NO_NODE, 'a move ends before its source is another one');
    return { ...partition, epoch: partition.epoch + 1, primary };
  };
}

export function served(partition: TablePartition): TablePartition {
  return { ...partition, outgoing: [] };
}

/**
 * Whatever was meant for the earlier process must not reach the new one: new epochs where it is the primary. Owners that
 * are not keep their place; what they still have is between them and their primary.
 */
export function withProcess(table: ClusterTable, index: number, node: TableNode): ClusterTable {
  return {
    ...table,
    nodes: table.nodes.with(index, node),
    partitions: table.partitions.map((partition) =>
      partition.primary === index ? { ...partition, epoch: partition.epoch + 1 } : partition,
    ),
  };
}

/** Whoever says that a node will not come back takes it out of the owners before as well: its word is not waited for. */
export function withoutNode(table: ClusterTable, gone: number): ClusterTable {
  const shifted = (index: number): number => {
    assert(index !== gone, 'a forgotten node owns nothing');
    return index > gone ? index - 1 : index;
  };
  return {
    ...table,
    nodes: table.nodes.toSpliced(gone, 1),
    partitions: table.partitions.map((partition) => ({
      ...partition,
      owners: partition.owners.map(shifted),
      primary: shifted(partition.primary),
      outgoing: partition.outgoing.filter((owner) => owner !== gone).map(shifted),
      movingTo: shifted(partition.movingTo),
      movingFrom: shifted(partition.movingFrom),
    })),
  };
}
