/**
 * Who is in the group, as its leader decides: blank coordinators are enrolled by name and become learners, learners that
 * have caught up become voters, and coordinators that were forgotten are taken out. One change at a time; what cannot be
 * done now is done at a later look.
 */
import { CLUSTER_LIMITS, type Heartbeat } from '#libs/cluster';
import { isVoter, membersOf } from '#libs/raft';
import type { RaftMember } from '../raft/raft-member.js';
import { COMMAND_VERSION, encodeCommand } from '../state/commands.js';
import type { StateKeeper } from '../state/state-keeper.js';
import type { CoordinatorGroup } from './coordinator-group.js';

/** Entries that a learner may be behind when it becomes a voter: it gets them within a few messages. */
const CAUGHT_UP_ENTRIES = 100;

export class GroupMembers {
  constructor(
    private readonly nodeId: string,
    private readonly group: CoordinatorGroup,
    private readonly keeper: StateKeeper,
  ) {}

  /**
   * Where this coordinator leads: why the coordinator that was heard cannot be one of this group, or undefined where it
   * is, or is about to be.
   */
  whyRefused({ nodeId, clusterId, raft }: Heartbeat): string | undefined {
    const { member, groupId } = this.group;
    if (member === undefined) return undefined;
    if (raft === undefined) return 'it has no Raft id: its release knows one coordinator only';
    if (clusterId !== '' && clusterId !== groupId) {
      return `it belongs to the cluster with id ${clusterId}, and this is the cluster with id ${groupId}`;
    }
    const { coordinators } = this.keeper.replicated;
    if (raft.raftId === this.group.raftId) return undefined;
    const enrolled = coordinators.get(nodeId);
    if (enrolled === raft.raftId) {
      this.takeIn(member, raft.raftId);
      return undefined;
    }
    if (enrolled !== undefined) {
      return `"${nodeId}" is a coordinator of this cluster with another disk: CLUSTER FORGET ${nodeId} first, and keep one process for each name`;
    }
    if (clusterId !== '') {
      return `"${nodeId}" has been forgotten: empty its folder "coordinator" and start it again to let it join anew`;
    }
    if (!raft.coordinators.some((name) => coordinators.has(name))) {
      return `its list of coordinators (${raft.coordinators.join(', ')}) names none of this cluster's (${[...coordinators.keys()].join(', ')})`;
    }
    if (coordinators.size >= CLUSTER_LIMITS.maxCoordinators) {
      return `there are ${CLUSTER_LIMITS.maxCoordinators} coordinators already, and no more are allowed`;
    }
    this.enrol(member, nodeId, raft.raftId);
    return undefined;
  }

  /** Whether a coordinator's process takes part in the group. */
  includes({ nodeId, raft }: Heartbeat): boolean {
    if (raft?.raftId === this.group.raftId) return true;
    return raft !== undefined && this.keeper.replicated.coordinators.get(nodeId) === raft.raftId;
  }

  /** Why a coordinator cannot be forgotten; undefined for other nodes, and where it can. */
  whyIndispensable(nodeId: string): string | undefined {
    const { member } = this.group;
    const raftId = this.keeper.replicated.coordinators.get(nodeId);
    if (member === undefined || raftId === undefined) return undefined;
    const { configuration } = member.status;
    const isLast = isVoter(configuration, raftId) && configuration.voters.length === 1;
    return isLast ? `"${nodeId}" is the last coordinator that votes; add another one first` : undefined;
  }

  /** To be called now and then where this coordinator leads. */
  reconcile(): void {
    const { member, raftId } = this.group;
    if (member === undefined) return;
    const { coordinators } = this.keeper.replicated;
    if (coordinators.size === 0) return this.enrol(member, this.nodeId, raftId);
    const { configuration, commit } = member.status;
    const enrolled = new Set(coordinators.values());
    const stranger = membersOf(configuration).find((id) => !enrolled.has(id));
    if (stranger !== undefined) {
      if (stranger !== raftId) member.changeMembers([{ kind: 'remove', id: stranger }]);
      else member.transferLeadership();
      return;
    }
    const learner = configuration.learners.find(
      (id) => (member.matchOf(id) ?? -1) >= Math.max(1, commit - CAUGHT_UP_ENTRIES),
    );
    if (learner !== undefined) member.changeMembers([{ kind: 'add-voter', id: learner }]);
  }

  private enrol(member: RaftMember, nodeId: string, raftId: number): void {
    member.propose(encodeCommand({ type: 'enrol', nodeId, raftId }), COMMAND_VERSION);
  }

  private takeIn(member: RaftMember, raftId: number): void {
    if (membersOf(member.status.configuration).includes(raftId)) return;
    member.changeMembers([{ kind: 'add-learner', id: raftId }]);
  }
}
