/**
 * The next step that brings one partition closer to where it is to lie. One step at a time, and none while the last one is
 * taking effect: owners change one by one, so that majorities before and after overlap, and a partition that is short of owners
 * gets one before any gives up its place.
 */
import { canAgree, isLive, isReachable, NO_NODE, smallestFactor, type ClusterTable } from '#libs/cluster';

export type Step = { readonly partition: number; readonly urgency: number } & (
  | { readonly kind: 'move'; readonly target: string; readonly replaces: string }
  | { readonly kind: 'remove'; readonly nodeId: string }
  | { readonly kind: 'hand-back'; readonly epoch: number; readonly primary: string }
);

/** What primaries have said of their partitions' owners (`ReplicaStandings`); owners are indexes into the table's nodes. */
export interface OwnerStandings {
  isServed(partition: number): boolean;
  isInSync(partition: number, owner: number): boolean;
}

/** Steps of the first kind come first. */
const URGENCY = { offDraining: 0, tooFew: 1, elsewhere: 2, tooMany: 3, primary: 4 } as const;

export class StepFinder {
  private readonly indexes: ReadonlyMap<string, number>;
  /** Primaries are sought among so many first owners. */
  private readonly leaders: number;

  constructor(
    private readonly table: ClusterTable,
    /** Owners that partitions are to have. */
    private readonly copies: number,
    private readonly isDraining: (nodeId: string) => boolean,
    private readonly standings: OwnerStandings,
  ) {
    this.indexes = new Map(table.nodes.map(({ nodeId }, index) => [nodeId, index]));
    this.leaders = smallestFactor(table);
  }

  /** `goal`: the owners to be, the primary first. `blocked`: there is something to do, and now is not the time. */
  towards(partition: number, goal: readonly string[]): Step | 'done' | 'blocked' {
    const { owners, primary, outgoing, movingTo } = this.table.partitions[partition];
    if (primary === NO_NODE) return 'done';
    if (movingTo !== NO_NODE || outgoing.length > 0) return 'blocked';
    const ids = owners.map((owner) => this.table.nodes[owner].nodeId);
    const step = this.ownersStep(partition, ids, goal) ?? this.primaryStep(partition, ids, goal);
    if (typeof step === 'string') return step;
    const isServed =
      isLive(this.table.nodes[primary].status) && (owners.length === 1 || this.standings.isServed(partition));
    const left = step.kind === 'remove' ? owners.filter((owner) => owner !== this.indexOf(step.nodeId)) : owners;
    return isServed && canAgree(this.table, owners) && canAgree(this.table, left) ? step : 'blocked';
  }

  /** Undefined where the owners are as they should, or as near to it as they can be. */
  private ownersStep(partition: number, ids: readonly string[], goal: readonly string[]): Step | 'blocked' | undefined {
    if (ids.length > this.copies) return this.removal(partition, ids, goal, ids[ids.length - 1], URGENCY.tooMany);
    const surplus = ids.filter((id) => !goal.includes(id));
    const missing = goal.filter((id) => !ids.includes(id));
    if (missing.length > 0) return this.move(partition, ids, missing, surplus);
    const drained = ids.length > 1 ? surplus.find(this.isDraining) : undefined;
    return drained === undefined ? undefined : this.removal(partition, ids, goal, drained, URGENCY.offDraining);
  }

  private move(
    partition: number,
    ids: readonly string[],
    missing: readonly string[],
    surplus: readonly string[],
  ): Step | 'blocked' | undefined {
    const target = missing.find((id) => this.canTake(id));
    if (target === undefined) return 'blocked';
    if (ids.length < this.copies) return { kind: 'move', partition, target, replaces: '', urgency: URGENCY.tooFew };
    const [replaces] = surplus.toSorted((a, b) => this.reluctance(partition, a) - this.reluctance(partition, b));
    if (replaces === undefined) return undefined;
    const urgency = this.isDraining(replaces)
      ? URGENCY.offDraining
      : this.isThere(replaces)
        ? URGENCY.elsewhere
        : URGENCY.tooFew;
    return { kind: 'move', partition, target, replaces, urgency };
  }

  /** Draining nodes give their places up first, then those that are gone, the primary last. */
  private reluctance(partition: number, nodeId: string): number {
    if (this.isDraining(nodeId)) return 0;
    if (!this.isThere(nodeId)) return 1;
    return this.indexOf(nodeId) === this.table.partitions[partition].primary ? 3 : 2;
  }

  /** A primary is succeeded before it goes. */
  private removal(
    partition: number,
    ids: readonly string[],
    goal: readonly string[],
    nodeId: string,
    urgency: number,
  ): Step | 'blocked' {
    const { primary, epoch } = this.table.partitions[partition];
    if (this.indexOf(nodeId) !== primary) return { kind: 'remove', partition, nodeId, urgency };
    const heirs = ids.slice(0, this.copies).filter((id) => id !== nodeId && this.canLead(partition, id));
    const heir = goal.find((id) => heirs.includes(id)) ?? heirs.at(0);
    return heir === undefined ? 'blocked' : { kind: 'hand-back', partition, epoch, primary: heir, urgency };
  }

  private primaryStep(partition: number, ids: readonly string[], goal: readonly string[]): Step | 'done' | 'blocked' {
    const { primary, epoch } = this.table.partitions[partition];
    const current = this.table.nodes[primary].nodeId;
    const leaders = ids.slice(0, this.leaders);
    const wanted = [goal[0], current, ids[0]].find((id) => leaders.includes(id));
    if (wanted === undefined || wanted === current) return 'done';
    if (!this.canLead(partition, wanted)) return 'blocked';
    return { kind: 'hand-back', partition, epoch, primary: wanted, urgency: URGENCY.primary };
  }

  private canLead(partition: number, nodeId: string): boolean {
    return (
      this.table.nodes[this.indexOf(nodeId)].status === 'up' && this.standings.isInSync(partition, this.indexOf(nodeId))
    );
  }

  private canTake(nodeId: string): boolean {
    const status = this.table.nodes[this.indexOf(nodeId)]?.status;
    return status === 'up' || status === 'joining';
  }

  private isThere(nodeId: string): boolean {
    return isReachable(this.table.nodes[this.indexOf(nodeId)].status);
  }

  private indexOf(nodeId: string): number {
    return this.indexes.get(nodeId) ?? NO_NODE;
  }
}
