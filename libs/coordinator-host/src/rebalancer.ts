/**
 * Which partition is to move where. The goal is placed once per set of storage nodes; then its moves are handed out as
 * their sources and targets are up. A node that is down keeps its share of the goal: its data is nowhere else.
 */
import { NO_NODE, type ClusterTable, type TableNode } from '#libs/cluster';
import { place, type PlacementNode } from '#libs/ring';

/** Until stores are replicated every partition has one owner. */
export const REPLICATION_FACTOR = 1;

export interface PlannedMove {
  readonly partition: number;
  readonly target: string;
}

export class Rebalancer {
  private goalOf = '';
  private plan: readonly PlannedMove[] | undefined;

  /** The goal is placed again at the next question: something did not go as planned. */
  reset(): void {
    this.plan = undefined;
  }

  /** At most `limit` moves that can begin now. */
  next(table: ClusterTable, limit: number): readonly PlannedMove[] {
    const nodes = participants(table);
    const key = JSON.stringify(nodes);
    if (this.plan === undefined || key !== this.goalOf) {
      this.plan = movesTowards(table, nodes);
      this.goalOf = key;
    }
    this.plan = this.plan.filter((move) => !isDone(table, move));
    return this.plan.filter((move) => canBegin(table, move)).slice(0, limit);
  }
}

/** Storage nodes that have, or are to have, partitions. */
function participants(table: ClusterTable): PlacementNode[] {
  const owners = new Set(table.partitions.flatMap((partition) => partition.owners));
  return table.nodes
    .filter((node, index) => node.role === 'storage-node' && (node.status !== 'left' || owners.has(index)))
    .map(({ nodeId, weight, zone }) => ({ id: nodeId, weight, zone }));
}

/** A partition that moves already counts as its target's. */
function movesTowards(table: ClusterTable, nodes: readonly PlacementNode[]): PlannedMove[] {
  const previous = table.partitions.map(({ owners, movingTo }) => {
    const owner = movingTo === NO_NODE ? owners[0] : movingTo;
    return owner === undefined ? [] : [table.nodes[owner].nodeId];
  });
  const partitionCount = table.partitions.length;
  const goal = place({ partitionCount, nodes, previous, replicationFactor: REPLICATION_FACTOR });
  return goal.flatMap(([target], partition) =>
    target === undefined || target === previous[partition][0] ? [] : [{ partition, target }],
  );
}

function isDone(table: ClusterTable, move: PlannedMove): boolean {
  const { owners, movingTo } = table.partitions[move.partition];
  return movingTo !== NO_NODE || (owners.length > 0 && table.nodes[owners[0]].nodeId === move.target);
}

function canBegin(table: ClusterTable, move: PlannedMove): boolean {
  const { owners } = table.partitions[move.partition];
  const isUp = (node: TableNode | undefined): boolean => node?.status === 'up';
  return isUp(table.nodes[owners[0]]) && isUp(table.nodes.find((node) => node.nodeId === move.target));
}
