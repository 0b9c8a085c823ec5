/**
 * What is to change so that the partitions lie as libs/ring places them. The goal is placed once per set of storage nodes and
 * factor; then its steps are handed out as the nodes concerned are up. A node that is down keeps its share of the goal, since
 * it may come back with its copies, until it has been silent for long and others can take its places. One that drains has none.
 */
import {
  NO_NODE,
  smallestFactor,
  wantedOwners,
  type ClusterState,
  type ClusterTable,
  type TablePartition,
} from '#libs/cluster';
import { analyse, place, plannedOwners, type Placement, type PlacementNode, type RingOptions } from '#libs/ring';
import { StepFinder, type OwnerStandings, type Step } from './rebalance-steps.js';

/** The goal is placed again where a node has so much more or less than its share, and more than one partition. */
const TOLERATED_DEVIATION = 0.1;

export interface StepTerms {
  /** At most so many moves, which carry data, and changes that carry none. */
  readonly moves: number;
  readonly changes: number;
  /** Nothing but what gets partitions off draining nodes. */
  readonly onlyDraining: boolean;
  /** Whether a node that is down has been silent for so long that others are to take its places. */
  isLost(nodeId: string): boolean;
}

export class Rebalancer {
  private goalOf = '';
  /** By partition, those that do not lie as they should: their owners to be, the primary first. */
  private goals: ReadonlyMap<number, readonly string[]> | undefined;
  /** Loads that were looked at and left as they are. */
  private accepted = '';

  constructor(
    private readonly standings: OwnerStandings,
    private readonly ring: RingOptions = {},
  ) {}

  /** The goal is placed again at the next question: something did not go as planned, or somebody asks for it. */
  reset(): void {
    this.goals = undefined;
  }

  /** Steps that can begin now, the most urgent ones first, at most one per partition. */
  next(state: ClusterState, table: ClusterTable, terms: StepTerms): readonly Step[] {
    const copies = wantedOwners(table);
    const nodes = this.participants(state, table, copies, terms);
    const key = JSON.stringify([copies, nodes]);
    if (this.goals === undefined || key !== this.goalOf) this.goals = this.placed(table, nodes, copies);
    else if (this.goals.size === 0 && this.isLopsided(table, nodes)) this.goals = this.placed(table, nodes, copies);
    this.goalOf = key;
    return this.steps(state, table, copies, terms);
  }

  private steps(state: ClusterState, table: ClusterTable, copies: number, terms: StepTerms): readonly Step[] {
    const finder = new StepFinder(table, copies, (nodeId) => state.draining.has(nodeId), this.standings);
    const left = new Map<number, readonly string[]>();
    const steps: Step[] = [];
    for (const [partition, goal] of this.goals ?? []) {
      const step = finder.towards(partition, goal);
      if (step !== 'done') left.set(partition, goal);
      if (typeof step === 'object' && !(terms.onlyDraining && step.urgency > 0)) steps.push(step);
    }
    this.goals = left;
    const ordered = steps.toSorted((a, b) => a.urgency - b.urgency);
    const moves = ordered.filter(({ kind }) => kind === 'move').slice(0, terms.moves);
    const changes = ordered.filter(({ kind }) => kind !== 'move').slice(0, terms.changes);
    return [...moves, ...changes].toSorted((a, b) => a.urgency - b.urgency);
  }

  /** Storage nodes that have, or are to have, partitions. */
  private participants(
    state: ClusterState,
    table: ClusterTable,
    copies: number,
    { isLost }: StepTerms,
  ): PlacementNode[] {
    const owners = new Set(table.partitions.flatMap((partition) => partition.owners));
    return table.nodes
      .filter((node, index) => node.role === 'storage-node' && (node.status !== 'left' || owners.has(index)))
      .filter(({ nodeId }) => !state.draining.has(nodeId))
      .filter(({ nodeId, status }) => copies === 1 || (status !== 'down' && status !== 'left') || !isLost(nodeId))
      .map(({ nodeId, weight, zone }) => ({ id: nodeId, weight, zone }));
  }

  /** Where nobody may own anything, everything stays. */
  private placed(
    table: ClusterTable,
    nodes: readonly PlacementNode[],
    copies: number,
  ): ReadonlyMap<number, readonly string[]> {
    if (nodes.length === 0) return new Map();
    // A partition that moves already counts as its target's, and owners beyond the factor as none.
    const previous = plannedOwners(table, copies);
    const partitionCount = table.partitions.length;
    const leaders = smallestFactor(table);
    const goal = place({ ...this.ring, partitionCount, nodes, previous, replicationFactor: copies });
    return new Map(
      goal.flatMap((owners, partition) =>
        isSame(owners, previous[partition]) && isAsWanted(table.partitions[partition], copies, leaders)
          ? []
          : [[partition, owners] as const],
      ),
    );
  }

  /** Asked where all steps have been taken; loads that the placement itself cannot make any better are not asked about again. */
  private isLopsided(table: ClusterTable, nodes: readonly PlacementNode[]): boolean {
    if (table.partitions.some(({ movingTo }) => movingTo !== NO_NODE)) return false;
    const { nodes: loads } = analyse(plannedOwners(table), nodes);
    const key = JSON.stringify(loads.map(({ partitions, primaries }) => [partitions, primaries]));
    if (key === this.accepted) return false;
    this.accepted = key;
    const weights = nodes.reduce((sum, { weight }) => sum + weight, 0);
    const leaders = smallestFactor(table);
    const isUneven = loads.some(({ partitions, share, primaries }, index) => {
      const leads = (table.partitions.length * nodes[index].weight) / weights;
      return deviates(partitions, share) || deviates(primaries, leads);
    });
    return isUneven || table.partitions.some((partition) => !isAsWanted(partition, Infinity, leaders));
  }
}

function deviates(load: number, share: number): boolean {
  return Math.abs(load - share) > Math.max(1, TOLERATED_DEVIATION * share);
}

/** No more owners than wanted, and led by one that has a copy of every store. */
function isAsWanted({ owners, primary }: TablePartition, copies: number, leaders: number): boolean {
  return owners.length <= copies && owners.indexOf(primary) < leaders;
}

/** The same owners and the same primary, which comes first. */
function isSame(a: Placement[number], b: Placement[number]): boolean {
  return a.length === b.length && a[0] === b[0] && a.every((id) => b.includes(id));
}
