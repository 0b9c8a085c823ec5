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
    if (coordinators.size === 0 && raft.raftId === this.group.raftId) return undefined;
    if (this.keeper.isBeingForgotten(nodeId)) return `"${nodeId}" is being forgotten`;
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

  /**
   * Whether a coordinator that has this group on its disk is none of its members any more. False while it still votes:
   * others may need its vote until it has been taken out.
   */
  hasForgotten({ nodeId, clusterId, raft }: Heartbeat): boolean {
    const { member, groupId } = this.group;
    if (member === undefined || raft === undefined || clusterId !== groupId) return false;
    const isEnrolled = this.keeper.replicated.coordinators.get(nodeId) === raft.raftId;
    return !isEnrolled && !membersOf(member.status.configuration).includes(raft.raftId);
  }

  /** This coordinator's Raft id; 0 until its disk has been read. */
  get ownId(): number {
    return this.group.raftId;
  }

  /** By node id, the Raft ids of all that have a place in the group, as far as this coordinator has applied its log. */
  get enrolled(): ReadonlyMap<string, number> {
    return this.keeper.replicated.coordinators;
  }

  /** Of all that have a place in the group, but for those that are about to lose it. */
  get names(): ReadonlySet<string> {
    return new Set([...this.enrolled.keys()].filter((nodeId) => !this.keeper.isBeingForgotten(nodeId)));
  }

  /** Whether a coordinator's process takes part in the group. */
  includes({ nodeId, raft }: Heartbeat): boolean {
    return raft !== undefined && this.keeper.replicated.coordinators.get(nodeId) === raft.raftId;
  }

  /**
   * Why nodes cannot be forgotten all together: those that vote and stay must be able to agree without them. Undefined
   * where they can, and for nodes that do not vote. What is decided already, and not agreed on yet, counts too.
   */
  whyIndispensable(nodeIds: readonly string[]): string | undefined {
    const { member } = this.group;
    if (member === undefined) return undefined;
    const { configuration } = member.status;
    const voters = [...this.keeper.replicated.coordinators].filter(
      ([nodeId, raftId]) => isVoter(configuration, raftId) && !this.keeper.isBeingForgotten(nodeId),
    );
    const staying = voters.filter(([nodeId]) => !nodeIds.includes(nodeId));
    if (staying.length === voters.length) return undefined;
    const names = nodeIds.map((nodeId) => `"${nodeId}"`).join(', ');
    if (staying.length === 0) return `${names}: the last coordinator that votes must stay; add another one first`;
    const silent = staying.filter(([, raftId]) => !member.isHeard(raftId)).map(([nodeId]) => nodeId);
    if (staying.length - silent.length > staying.length / 2) return undefined;
    return `without ${names} too few coordinators would be left to agree on anything, since ${silent.join(', ')} cannot be heard: start it again, or CLUSTER FORGET it first`;
  }

  /** To be called now and then where this coordinator leads. */
  reconcile(): void {
    const { member, raftId } = this.group;
    if (member === undefined) return;
    const { coordinators } = this.keeper.replicated;
    if (coordinators.size === 0) return this.enrol(member, this.nodeId, raftId);
    const { configuration, commit } = member.status;
    const enrolled = new Set(coordinators.values());
    const strangers = membersOf(configuration).filter((id) => !enrolled.has(id));
    // Those that are gone first, since their votes are missed while others leave; this one last.
    const stranger =
      strangers.find((id) => !member.isHeard(id)) ?? strangers.find((id) => id !== raftId) ?? strangers[0];
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
