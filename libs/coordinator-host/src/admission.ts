/** Who is a member: heartbeats become candidates, then the cluster, then joins, restarts and returns; or are refused. */
import {
  isLive,
  isReachable,
  numberedStores,
  REPLICATION,
  wantedOwners,
  type ClusterTable,
  type Heartbeat,
  type TableNode,
} from '#libs/cluster';
import type { Rng } from '#libs/ports';
import { place } from '#libs/ring';
import { Formation } from './formation.js';
import type { LimitedLog } from './limited-log.js';
import type { CoordinatorOptions } from './options.js';
import type { CoordinatorGroup } from './group/coordinator-group.js';
import type { GroupMembers } from './group/group-members.js';
import type { RefusalNote } from './group/refusal-notes.js';
import type { StateKeeper } from './state/state-keeper.js';

export interface AdmissionListener {
  /** Of each heartbeat of a member. */
  onMemberHeard(heartbeat: Heartbeat, nowMs: number): void;
  onCoordinatorRefused(note: RefusalNote): void;
}

/** What is known of members' failures. */
export interface MemberJudge {
  /** Who may not count as up again yet, since it came and went too often. */
  isHeld(nodeId: string, nowMs: number): boolean;
  /**
   * Whether owners may take the place of primaries: most storage nodes have been heard for a while, so it is not this
   * coordinator that is cut off, and nodes that come back after an outage have had the time to.
   */
  mayPromote(table: ClusterTable, nowMs: number): boolean;
  /** Another process has taken a member's place before anybody noticed that the earlier one was gone. */
  replaced(nodeId: string, nowMs: number): void;
}

/** Where this coordinator leads. */
export class Admission {
  /** Heartbeats refused so far. */
  refused = 0;
  private readonly formation: Formation;

  constructor(
    private readonly options: CoordinatorOptions,
    private readonly rng: Rng,
    private readonly keeper: StateKeeper,
    private readonly group: CoordinatorGroup,
    private readonly coordinators: GroupMembers,
    private readonly log: LimitedLog,
    private readonly judge: MemberJudge,
    private readonly listener: AdmissionListener,
  ) {
    this.formation = new Formation(options);
  }

  observe(heartbeat: Heartbeat, nowMs: number): void {
    const refusal = this.whyUnlisted(heartbeat) ?? this.whyStranger(heartbeat) ?? this.admit(heartbeat, nowMs);
    if (refusal === undefined) return;
    this.refused++;
    const { nodeId, incarnation, role } = heartbeat;
    const details = { role, incarnation };
    this.log.log('WARN', 'MEMBERSHIP', `a heartbeat was refused: ${refusal}`, { nodeId, details });
    if (heartbeat.raft === undefined) return;
    const { raftId } = heartbeat.raft;
    const isForgotten = this.coordinators.hasForgotten(heartbeat);
    this.listener.onCoordinatorRefused({ raftId, reason: refusal, isForgotten });
  }

  /** A candidate has left before the cluster was formed. */
  withdraw(nodeId: string): void {
    this.formation.withdraw(nodeId);
  }

  formWhenDue(nowMs: number): void {
    if (this.keeper.state.table !== undefined) return;
    const members = this.formation.due(nowMs);
    if (members === undefined) return;
    const nodes = members.map(nodeOf);
    const indexOf = new Map(nodes.map((node, index) => [node.nodeId, index]));
    const stores = numberedStores(this.options.stores);
    const storageNodes = nodes.filter((node) => node.role === 'storage-node');
    const placement = place({
      ...this.options.ring,
      partitionCount: this.options.partitionCount,
      nodes: storageNodes.map(({ nodeId, weight, zone }) => ({ id: nodeId, weight, zone })),
      replicationFactor: wantedOwners({ nodes, stores, partitions: unowned(this.options.partitionCount) }),
    });
    this.keeper.apply({
      type: 'FormCluster',
      clusterId: this.group.groupId,
      clusterName: this.options.cluster,
      hashSeed: this.rng.nextU32(),
      nodes,
      owners: placement.map((ids) => ids.map((id) => indexOf.get(id) as number)),
      stores,
    });
  }

  /** Coordinators have a list of their own. */
  private whyUnlisted({ nodeId, role }: Heartbeat): string | undefined {
    const { members } = this.options;
    if (members.length === 0 || role === 'coordinator' || members.includes(nodeId)) return undefined;
    return `"${nodeId}" is not in cluster.members, the list of node ids that are admitted`;
  }

  private whyStranger(heartbeat: Heartbeat): string | undefined {
    if (heartbeat.cluster !== this.options.cluster) return `it is for the cluster "${heartbeat.cluster}"`;
    if (heartbeat.role === 'coordinator') return this.coordinators.whyRefused(heartbeat);
    const { groupId } = this.group;
    if (heartbeat.clusterId !== '' && heartbeat.clusterId !== groupId) {
      return `the member belongs to the cluster with id ${heartbeat.clusterId}, and this is the cluster with id ${groupId}`;
    }
    const { table } = this.keeper.state;
    if (table !== undefined && heartbeat.tableVersion > table.tableVersion) {
      return 'the member has a newer table than the coordinators: were their files replaced by old copies?';
    }
    return undefined;
  }

  /** Answers why the member is refused, or undefined. */
  private admit(heartbeat: Heartbeat, nowMs: number): string | undefined {
    const { table } = this.keeper.state;
    if (heartbeat.role === 'coordinator' && !this.coordinators.includes(heartbeat)) return undefined;
    if (table === undefined) {
      if (heartbeat.state === 'ready') this.formation.announce(heartbeat, nowMs);
      return undefined;
    }
    const known = table.nodes.find((node) => node.nodeId === heartbeat.nodeId);
    const isCurrent = known?.incarnation === heartbeat.incarnation && known.role === heartbeat.role;
    if (!isCurrent && heartbeat.state !== 'ready') return undefined;
    if (known !== undefined && isReturning(known, isCurrent) && this.judge.isHeld(known.nodeId, nowMs)) {
      if (isCurrent) this.listener.onMemberHeard(heartbeat, nowMs);
      return 'it has come and gone too often, and is held back for a while';
    }
    if (!isCurrent || !isLive(known.status) || known.weight !== heartbeat.weight) {
      if (known !== undefined && !isCurrent && isReachable(known.status)) this.judge.replaced(known.nodeId, nowMs);
      const promotes = this.judge.mayPromote(table, nowMs);
      const outcome = this.keeper.apply({ type: 'Announce', node: nodeOf(heartbeat), promotes });
      if (!outcome.ok) return outcome.reason;
    }
    this.listener.onMemberHeard(heartbeat, nowMs);
    if (heartbeat.state === 'draining') this.drain(heartbeat);
    return undefined;
  }

  /** A storage node that is about to stop; where nobody can take over from it, it sees so itself. */
  private drain({ role, nodeId, incarnation }: Heartbeat): void {
    if (role !== 'storage-node' || this.keeper.state.draining.has(nodeId)) return;
    this.keeper.apply({ type: 'Drain', nodeId, incarnation });
  }
}

function unowned(count: number): readonly { readonly owners: readonly number[] }[] {
  return Array.from({ length: count }, () => ({ owners: [] }));
}

/** As another process, or after silence; whoever left on purpose may come back at once. */
function isReturning({ status }: TableNode, isCurrent: boolean): boolean {
  return status !== 'left' && !(isCurrent && isLive(status));
}

function nodeOf(heartbeat: Heartbeat): TableNode {
  const { nodeId, role, incarnation, softwareVersion, endpoints, zone, weight, raft, capabilities } = heartbeat;
  return {
    ...{ nodeId, role, incarnation, softwareVersion, endpoints, zone, weight, status: 'up' },
    ...(raft === undefined ? {} : { raftId: raft.raftId }),
    ...(capabilities.includes(REPLICATION) ? { replicates: true } : {}),
  };
}
