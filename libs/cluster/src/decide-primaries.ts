/**
 * Decides which owner of a partition is its primary. Coordinators only choose: whether the chosen one may decide anything, its
 * fellow owners say (libs/ownership). So a bad choice costs time, and never what a majority has acknowledged; that is why
 * who lags behind need not be known here.
 */
import type { Decision } from './cluster-command.js';
import type { ClusterEvent, PrimaryChangeReason } from './cluster-event.js';
import type { ClusterState } from './cluster-state.js';
import { canAgree, isReachable, NO_NODE, type ClusterTable, type TablePartition } from './cluster-table.js';
import { tooFewOf, whyBusy } from './decide-moves.js';
import { abortOf, accepted, nodeOf, NOTHING_TO_DO, refused, sharesOf } from './decide-parts.js';
import { evolve } from './evolve.js';
import { CLUSTER_LIMITS } from './limits.js';
import type { EpochReports } from './requests.js';

/** How many partitions each node leads, for its weight; choices that are made together see each other. */
class Choice {
  private readonly loads: number[];
  /** By place in a list of owners: stores that have a copy there. */
  private readonly storesAt: number[] = [];

  constructor(private readonly table: ClusterTable) {
    this.loads = table.nodes.map(() => 0);
    for (const { primary } of table.partitions) if (primary !== NO_NODE) this.loads[primary]++;
  }

  /**
   * The best of the partition's owners that are up, other than `besides`: one that has a copy of every store before one
   * that has not, one that stays before one that drains, then the one with the fewest primaries.
   */
  among(partition: TablePartition, besides: number = NO_NODE): number | undefined {
    return this.ordered(partition)
      .filter((owner) => owner !== besides)
      .at(0);
  }

  ordered({ owners }: TablePartition): readonly number[] {
    const { nodes } = this.table;
    const drains = (owner: number): number => (nodes[owner].status === 'draining' ? 1 : 0);
    const load = (owner: number): number => this.loads[owner] / nodes[owner].weight;
    const lacks = (owner: number): number => -this.storesWith(owners.indexOf(owner));
    return owners
      .filter((owner) => nodes[owner].status === 'up' || nodes[owner].status === 'draining')
      .toSorted((a, b) => lacks(a) - lacks(b) || drains(a) - drains(b) || load(a) - load(b));
  }

  take(owner: number): void {
    this.loads[owner]++;
  }

  private storesWith(rank: number): number {
    return (this.storesAt[rank] ??= this.table.stores.filter(({ replicas }) => replicas > rank).length);
  }
}

/**
 * New primaries for the partitions whose own is gone, as far as they have an owner that is up: evenly among those. Their
 * moves have ended already, since it was their source that has gone.
 */
export function failovers(
  table: ClusterTable,
  isGone: (node: number) => boolean = (node) => !isReachable(table.nodes[node].status),
): ClusterEvent[] {
  if (table.partitions.every(({ primary, owners }) => owners.length < 2 || !isGone(primary))) return [];
  const choice = new Choice(table);
  const events: ClusterEvent[] = [];
  for (const [number, partition] of table.partitions.entries()) {
    if (events.length >= CLUSTER_LIMITS.maxFailoversAtOnce) break;
    if (partition.owners.length < 2 || !isGone(partition.primary)) continue;
    const candidate = choice.among(partition, partition.primary);
    if (candidate === undefined) continue;
    choice.take(candidate);
    events.push(changed(table, number, candidate, 'failover'));
  }
  return events;
}

/** What was decided, and the failovers that follow from it where they are permitted. */
export function andFailovers(state: ClusterState, decision: Decision, isPermitted = false): Decision {
  if (!isPermitted || !decision.ok || decision.events.length === 0) return decision;
  const { table } = decision.events.reduce(evolve, state);
  return table === undefined ? decision : accepted(...decision.events, ...failovers(table));
}

export function handBack(table: ClusterTable, partition: number, epoch: number, primaryId: string): Decision {
  const obstacle = whyBusy(table, partition);
  if (obstacle !== undefined) return refused(obstacle);
  if (table.partitions[partition].epoch !== epoch) return NOTHING_TO_DO;
  return transfer(table, partition, primaryId, 'handback', '');
}

/** To an owner that is up, of a partition that does not move. */
export function transfer(
  table: ClusterTable,
  partition: number,
  primaryId: string,
  reason: PrimaryChangeReason,
  requestId: string,
): Decision {
  const { owners, primary } = table.partitions[partition];
  const owner = owners.find((index) => table.nodes[index].nodeId === primaryId);
  if (owner === undefined) return refused(`"${primaryId}" does not own partition ${partition}`);
  if (owner === primary) return NOTHING_TO_DO;
  const { status } = table.nodes[owner];
  if (status !== 'up' && status !== 'draining') return refused(`"${primaryId}" is ${status}`);
  if (!canAgree(table, owners)) return refused(tooFewOf(partition));
  return accepted(changed(table, partition, owner, reason, requestId));
}

/** The owner to which a partition goes where nobody names one; undefined where no other owner is up. */
export function nextPrimary(table: ClusterTable, partition: number): string | undefined {
  const current = table.partitions[partition];
  const owner = new Choice(table).among(current, current.primary);
  return owner === undefined ? undefined : table.nodes[owner].nodeId;
}

/** The same candidate gets a new epoch where nobody else is up. */
export function retryPromotion(
  table: ClusterTable,
  partition: number,
  epoch: number,
  tried: readonly string[],
): Decision {
  const current = table.partitions.at(partition);
  if (current === undefined || current.epoch !== epoch) return NOTHING_TO_DO;
  const [candidate] = new Choice(table)
    .ordered(current)
    .map((owner) => ({ owner, triedAt: tried.indexOf(table.nodes[owner].nodeId) }))
    .toSorted((a, b) => a.triedAt - b.triedAt);
  if (candidate === undefined) return refused(`no owner of partition ${partition} is up`);
  const aborts = abortOf(table, partition, 'source cannot begin its epoch');
  return accepted(...aborts, changed(table, partition, candidate.owner, 'failover'));
}

/** Before the primary itself goes another owner takes its place. */
export function removeOwner(table: ClusterTable, partition: number, nodeId: string): Decision {
  const obstacle = whyBusy(table, partition);
  if (obstacle !== undefined) return refused(obstacle);
  const { owners, primary } = table.partitions[partition];
  if (!owners.some((owner) => table.nodes[owner].nodeId === nodeId)) return NOTHING_TO_DO;
  const others = owners.filter((owner) => table.nodes[owner].nodeId !== nodeId);
  if (!canAgree(table, owners) || !canAgree(table, others)) return refused(tooFewOf(partition));
  const removed: ClusterEvent = { type: 'OwnerRemoved', partition, nodeId };
  if (table.nodes[primary].nodeId !== nodeId) return accepted(removed);
  const successor = nextPrimary(table, partition);
  if (successor === undefined) return refused(`no other owner of partition ${partition} is up`);
  const change = transfer(table, partition, successor, 'handback', '');
  return change.ok ? accepted(...change.events, removed) : change;
}

/** What does not fit the table is passed over: the report has been heard before, or is late. */
export function reportServed(state: ClusterState, table: ClusterTable, reports: EpochReports): Decision {
  const { clusterId, nodeId, incarnation, served } = reports;
  if (clusterId !== table.clusterId) return refused('the report is from another cluster');
  const node = nodeOf(table, nodeId);
  if (node?.incarnation !== incarnation) return refused(`the report is not from the process that is "${nodeId}"`);
  const done = new Set<number>();
  for (const { partition, epoch } of served) {
    const current = table.partitions.at(partition);
    if (current === undefined || current.epoch !== epoch || current.outgoing.length === 0) continue;
    if (table.nodes[current.primary] === node) done.add(partition);
  }
  const events = [...done].map((partition): ClusterEvent => {
    return { type: 'EpochServed', partition, epoch: table.partitions[partition].epoch };
  });
  return accepted(...events, ...drainedBy(state, table, events));
}

/** Draining nodes that own nothing any more. */
function drainedBy(state: ClusterState, table: ClusterTable, events: readonly ClusterEvent[]): ClusterEvent[] {
  const waiting = [...state.draining].filter(([nodeId, isDrained]) => !isDrained && sharesOf(table, nodeId) > 0);
  if (events.length === 0 || waiting.length === 0) return [];
  const after = events.reduce(evolve, state).table ?? table;
  return waiting.flatMap(([nodeId]) =>
    sharesOf(after, nodeId) === 0 ? [{ type: 'NodeDrained', nodeId } as const] : [],
  );
}

function changed(
  table: ClusterTable,
  partition: number,
  owner: number,
  reason: PrimaryChangeReason,
  requestId = '',
): ClusterEvent {
  return { type: 'PrimaryChanged', partition, primary: table.nodes[owner].nodeId, reason, requestId };
}
