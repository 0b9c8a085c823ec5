/** What a node does while it leads a term: take proposals, commit, change members, hand over, keep an eye on its quorum. */
import { RAFT_BOUNDS } from './bounds.js';
import { CONFIGURATION_VERSION, encodeConfiguration, isJoint, isVoter, NOBODY, type NodeId } from './configuration.js';
import type { Core } from './core.js';
import { ENTRY_TYPES, entryBytes, totalEntryBytes, type EntryType } from './entry.js';
import { transition, withoutOutgoing, type MemberChange } from './member-changes.js';
import type { AppendReply, HeartbeatReply, SnapshotReply } from './messages.js';
import type { Accepted, Acknowledgement, Proposal, Refusal, RefusalReason } from './proposal.js';
import { Reads, type ReadState } from './reads.js';
import { Replicator } from './replicator.js';

const NO_BYTES = new Uint8Array(0);

export class Leader {
  readonly reads: Reads;
  private readonly replicator: Replicator;
  private uncommittedBytes: number;
  private heartbeatTicks = 0;
  private quorumTicks = 0;
  private transferTicks = 0;
  private successor: NodeId = NOBODY;
  private isTransferSent = false;

  /** Begins the term with an empty entry, whose commitment commits all before it (thesis §3.6.2). */
  constructor(
    private readonly core: Core,
    readStates: ReadState[],
  ) {
    const { log } = core;
    this.uncommittedBytes = totalEntryBytes(log.entries(log.commit + 1, log.lastIndex, Infinity, Infinity));
    this.append(ENTRY_TYPES.EMPTY, 0, NO_BYTES);
    this.replicator = new Replicator(core);
    this.reads = new Reads(core, this.replicator, readStates);
    this.replicator.heartbeat();
  }

  matchOf(id: NodeId): number | undefined {
    return this.replicator.progressOf(id)?.match;
  }

  isHeard(id: NodeId): boolean {
    return this.replicator.isHeard(id);
  }

  tick(): void {
    const { core, replicator } = this;
    const { electionTicks, heartbeatTicks } = core.settings;
    replicator.tick++;
    if (this.successor !== NOBODY && ++this.transferTicks >= electionTicks) this.successor = NOBODY;
    if (++this.quorumTicks >= electionTicks) {
      this.quorumTicks = 0;
      if (!replicator.countActive()) return core.becomeFollower(core.term, NOBODY);
    }
    if (++this.heartbeatTicks < heartbeatTicks) return;
    this.heartbeatTicks = 0;
    replicator.abandonStalledSnapshots();
    replicator.heartbeat();
  }

  propose(data: Uint8Array, version: number): Proposal {
    if (this.successor !== NOBODY) return this.refuse('transferring');
    if (data.length > RAFT_BOUNDS.maxEntryBytes) {
      return this.refuse('too-large', `${data.length} bytes, at most ${RAFT_BOUNDS.maxEntryBytes} are allowed`);
    }
    const isFull = this.uncommittedBytes + data.length > this.core.settings.maxUncommittedBytes;
    if (isFull && this.uncommittedBytes > 0) return this.refuse('busy');
    return this.append(ENTRY_TYPES.COMMAND, version, data);
  }

  /**
   * One change at a time, and none before an entry of this term is committed: otherwise two leaders could count quorums
   * that have no member in common (§4.1, and Ongaro's correction of 2015).
   */
  changeMembers(changes: readonly MemberChange[], alwaysJoint: boolean): Proposal {
    const { core } = this;
    if (this.successor !== NOBODY) return this.refuse('transferring');
    if (!this.hasCommittedOwn) return this.refuse('not-ready');
    const { configuration, configurations } = core;
    if (configurations.currentIndex > core.log.commit || isJoint(configuration)) return this.refuse('change-pending');
    const step = transition(configuration, changes, alwaysJoint);
    if (!step.ok) return this.refuse('invalid', step.problem);
    const accepted = this.append(ENTRY_TYPES.CONFIGURATION, CONFIGURATION_VERSION, encodeConfiguration(step.next));
    this.replicator.syncMembers();
    return accepted;
  }

  /** To that member, or (`NOBODY`) to the voter with the furthest log (§3.10). Proposals are refused meanwhile. */
  transfer(to: NodeId): Acknowledgement {
    const candidates = this.replicator.successors;
    const target = to === NOBODY ? candidates[0] : candidates.find(({ id }) => id === to);
    if (target === undefined) return this.refuse('invalid', `${to} is not another voter`);
    this.successor = target.id;
    this.transferTicks = 0;
    this.isTransferSent = false;
    this.handOver();
    return { ok: true };
  }

  read(context: number, byLease: boolean): Acknowledgement {
    if (!this.reads.hasRoom) return this.refuse('busy');
    this.reads.request(context, byLease);
    return { ok: true };
  }

  onAppendReply(reply: AppendReply): void {
    if (this.replicator.onAppendReply(reply)) this.commit();
    this.handOver();
  }

  onHeartbeatReply(reply: HeartbeatReply): void {
    this.replicator.onHeartbeatReply(reply);
    this.reads.settle();
  }

  onSnapshotReply(reply: SnapshotReply): void {
    this.replicator.onSnapshotReply(reply);
  }

  /** Sends what has gathered; called when messages are about to leave. */
  pump(): void {
    this.replicator.pump();
  }

  /** Commits what a quorum has, this node's own disk included. */
  commit(): void {
    const { core } = this;
    const index = this.replicator.quorumIndex;
    if (index <= core.log.commit) return;
    const term = core.log.term(index) as number;
    if (!core.rules.mayCommit(term, core.term)) return;
    const committed = core.log.entries(core.log.commit + 1, index, Infinity, Infinity);
    this.uncommittedBytes -= totalEntryBytes(committed);
    core.log.commitTo(index);
    if (term === core.term) this.reads.onFirstCommit();
    this.followConfiguration();
  }

  private get hasCommittedOwn(): boolean {
    return this.core.log.term(this.core.log.commit) === this.core.term;
  }

  /** A joint configuration that is committed is left; a leader that is no voter any more resigns (§4.2.2, §4.3). */
  private followConfiguration(): void {
    const { core, replicator } = this;
    const { configuration, configurations } = core;
    if (configurations.currentIndex > core.log.commit) return;
    if (isJoint(configuration)) {
      const left = encodeConfiguration(withoutOutgoing(configuration));
      this.append(ENTRY_TYPES.CONFIGURATION, CONFIGURATION_VERSION, left);
      replicator.syncMembers();
    } else if (!isVoter(configuration, core.id)) {
      replicator.pump();
      core.becomeFollower(core.term, NOBODY);
    }
  }

  private append(type: EntryType, version: number, data: Uint8Array): Accepted {
    const { core } = this;
    const entry = { index: core.log.lastIndex + 1, term: core.term, type, version, data };
    core.append([entry]);
    this.uncommittedBytes += entryBytes(entry);
    return { ok: true, index: entry.index, term: entry.term };
  }

  private handOver(): void {
    if (this.successor === NOBODY || this.isTransferSent) return;
    const peer = this.replicator.progressOf(this.successor);
    if (peer?.match !== this.core.log.lastIndex) return;
    this.isTransferSent = true;
    this.reads.voidLease();
    this.core.send({ type: 'timeout-now', to: peer.id });
  }

  private refuse(reason: RefusalReason, problem?: string): Refusal {
    const refusal = { ok: false as const, reason, leader: this.core.id };
    return problem === undefined ? refusal : { ...refusal, problem };
  }
}
