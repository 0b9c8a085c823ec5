/**
 * Which partition is to move where. The goal is placed once per set of storage nodes; then its moves are handed out as
 * their sources and targets are up. A node that is down keeps its share of the goal: its data is nowhere else. One that
 * drains has none.
 */
import { isLive, NO_NODE, type ClusterState, type ClusterTable, type TableNode } from '#libs/cluster';
import { place, type PlacementNode, type RingOptions } from '#libs/ring';

/** Until stores are replicated every partition has one owner. */
export const REPLICATION_FACTOR = 1;

/** The goal is placed again where a node has so much more or less than its share, and more than one partition. */
const TOLERATED_DEVIATION = 0.1;

export interface PlannedMove {
  readonly partition: number;
  readonly target: string;
}

export class Rebalancer {
  private goalOf = '';
  private plan: readonly PlannedMove[] | undefined;

  constructor(private readonly ring: RingOptions = {}) {}

  /** The goal is placed again at the next question: something did not go as planned, or somebody asks for it. */
  reset(): void {
    this.plan = undefined;
  }

  /**
   * At most `limit` moves that can begin now: of all partitions, or (`onlyDraining`) of those whose owners drain.
   * Draining nodes come first.
   */
  next(state: ClusterState, table: ClusterTable, limit: number, onlyDraining = false): readonly PlannedMove[] {
    const nodes = participants(state, table);
    const key = JSON.stringify(nodes);
    if (this.plan === undefined || key !== this.goalOf || (this.plan.length === 0 && isLopsided(table, nodes))) {
      this.plan = movesTowards(table, nodes, this.ring);
      this.goalOf = key;
    }
    this.plan = this.plan.filter((move) => !isDone(table, move));
    const moves = this.plan.filter((move) => canBegin(table, move));
    const drains = ({ partition }: PlannedMove): boolean => state.draining.has(ownerOf(table, partition)?.nodeId ?? '');
    const urgent = moves.filter(drains);
    return (onlyDraining ? urgent : [...urgent, ...moves.filter((move) => !drains(move))]).slice(0, limit);
  }
}

/** Storage nodes that have, or are to have, partitions. */
function participants(state: ClusterState, table: ClusterTable): PlacementNode[] {
  const owners = new Set(table.partitions.flatMap((partition) => partition.owners));
  return table.nodes
    .filter((node, index) => node.role === 'storage-node' && (node.status !== 'left' || owners.has(index)))
    .filter((node) => !state.draining.has(node.nodeId))
    .map(({ nodeId, weight, zone }) => ({ id: nodeId, weight, zone }));
}

function isLopsided({ nodes, partitions }: ClusterTable, participating: readonly PlacementNode[]): boolean {
  const loads = new Map(participating.map(({ id }) => [id, 0]));
  for (const { owners, movingTo } of partitions) {
    if (movingTo !== NO_NODE) return false;
    const owner = owners.length === 0 ? undefined : nodes[owners[0]].nodeId;
    if (owner !== undefined && loads.has(owner)) loads.set(owner, (loads.get(owner) ?? 0) + 1);
  }
  const weights = participating.reduce((sum, { weight }) => sum + weight, 0);
  return participating.some(({ id, weight }) => {
    const share = (partitions.length * weight) / weights;
    return Math.abs((loads.get(id) ?? 0) - share) > Math.max(1, TOLERATED_DEVIATION * share);
  });
}

/** A partition that moves already counts as its target's. Where nobody may own anything, everything stays. */
function movesTowards(table: ClusterTable, nodes: readonly PlacementNode[], ring: RingOptions): PlannedMove[] {
  if (nodes.length === 0) return [];
  const previous = table.partitions.map(({ owners, movingTo }) => {
    const owner = movingTo === NO_NODE ? owners[0] : movingTo;
    return owner === undefined ? [] : [table.nodes[owner].nodeId];
  });
  const partitionCount = table.partitions.length;
  const goal = place({ ...ring, partitionCount, nodes, previous, replicationFactor: REPLICATION_FACTOR });
  return goal.flatMap(([target], partition) =>
    target === undefined || target === previous[partition][0] ? [] : [{ partition, target }],
  );
}

function isDone(table: ClusterTable, move: PlannedMove): boolean {
  return (
    table.partitions[move.partition].movingTo !== NO_NODE || ownerOf(table, move.partition)?.nodeId === move.target
  );
}

function canBegin(table: ClusterTable, { partition, target }: PlannedMove): boolean {
  const taker = table.nodes.find((node) => node.nodeId === target);
  const owner = ownerOf(table, partition);
  return owner !== undefined && isLive(owner.status) && taker !== undefined && isTaker(taker);
}

function isTaker({ status }: TableNode): boolean {
  return status === 'up' || status === 'joining';
}

function ownerOf(table: ClusterTable, partition: number): TableNode | undefined {
  const { owners } = table.partitions[partition];
  return owners.length === 0 ? undefined : table.nodes[owners[0]];
}
