/** A leader's sending: appends, snapshots, heartbeats, and what their answers say (thesis §3.5, §5.3, §10.2.1). */
import { RAFT_BOUNDS } from './bounds.js';
import { isVoter, membersOf, type NodeId } from './configuration.js';
import type { Core } from './core.js';
import { totalEntryBytes } from './entry.js';
import type { AppendReply, HeartbeatReply, SnapshotReply } from './messages.js';
import { Progress } from './progress.js';
import { hasQuorum, quorumIndex } from './quorum.js';
import { SnapshotTransfer } from './snapshot-transfer.js';

export class Replicator {
  private readonly peers = new Map<NodeId, Progress>();
  /** The leader's clock. */
  tick = 0;
  /** Of heartbeats; the newest one. */
  round = 0;

  constructor(private readonly core: Core) {
    this.syncMembers();
  }

  /** Follows the configuration: a new peer is probed with the last entry. */
  syncMembers(): void {
    const { core, peers } = this;
    const { maxInflightMessages, maxInflightBytes } = core.settings;
    const members = membersOf(core.configuration);
    for (const id of peers.keys()) if (!members.includes(id)) peers.delete(id);
    for (const id of members) {
      if (id === core.id || peers.has(id)) continue;
      peers.set(id, new Progress(id, core.log.lastIndex, maxInflightMessages, maxInflightBytes));
    }
  }

  progressOf(id: NodeId): Progress | undefined {
    return this.peers.get(id);
  }

  /** A quorum of the voters has the property; the leader itself has it where it is a voter. */
  quorumOf(has: (peer: Progress) => boolean): boolean {
    return hasQuorum(this.core.configuration, (id) => {
      const peer = this.peers.get(id);
      return peer === undefined ? id === this.core.id : has(peer);
    });
  }

  /** The index that a quorum has durably; the leader counts itself by what its own disk has. */
  get quorumIndex(): number {
    const { core } = this;
    return quorumIndex(core.configuration, (id) =>
      id === core.id ? core.log.stableIndex : (this.peers.get(id)?.match ?? 0),
    );
  }

  /** Sends whatever may be sent now: entries, and news of what is committed. */
  pump(): void {
    for (const peer of this.peers.values()) {
      while (!peer.isPaused && peer.next <= this.core.log.lastIndex) if (!this.sendAppend(peer)) break;
      if (!peer.isPaused && peer.state === 'replicate' && peer.sentCommit < this.core.log.commit) this.sendAppend(peer);
      if (peer.state === 'snapshot') this.sendChunk(peer);
    }
  }

  /** A new round: answers to it confirm that this node still leads. */
  heartbeat(): void {
    this.round++;
    const { core, round, tick } = this;
    for (const { id, match } of this.peers.values()) {
      core.send({ type: 'heartbeat', to: id, commit: Math.min(match, core.log.commit), round, tick });
    }
  }

  /** False where the answer says nothing about the log. */
  onAppendReply(reply: AppendReply): boolean {
    const peer = this.peers.get(reply.from);
    if (peer === undefined) return false;
    peer.isActive = true;
    if (reply.rejected) {
      const hint = this.core.log.lastAtMost(reply.hintIndex, reply.hintTerm);
      peer.onReject(reply.index, hint);
      return false;
    }
    if (reply.index > this.core.log.lastIndex) {
      this.core.counters.contradictions++;
      return false;
    }
    const isNew = peer.onMatch(reply.index);
    if (peer.state === 'probe' && peer.match >= peer.next - 1) peer.becomeReplicate();
    else if (peer.state === 'snapshot' && peer.match + 1 >= this.core.log.firstIndex) peer.becomeProbe();
    return isNew;
  }

  /** Nothing was heard of some append for a heartbeat's time: let the next one go, even an empty one. */
  onHeartbeatReply({ from, round, tick }: HeartbeatReply): void {
    const peer = this.peers.get(from);
    if (peer === undefined) return;
    if (round > this.round || tick > this.tick) {
      this.core.counters.contradictions++;
      return;
    }
    peer.isActive = true;
    peer.ackedRound = Math.max(peer.ackedRound, round);
    peer.ackedTick = Math.max(peer.ackedTick, tick);
    if (peer.transfer !== undefined) peer.transfer.isSent = false;
    else if (peer.match < this.core.log.lastIndex) this.nudge(peer);
  }

  onSnapshotReply({ from, index, checksum, nextOffset }: SnapshotReply): void {
    const peer = this.peers.get(from);
    if (peer === undefined) return;
    peer.isActive = true;
    peer.transfer?.onReply(index, checksum, nextOffset, this.tick);
  }

  /** Gives up snapshots that do not get on; what comes next is a probe, and then the newest snapshot. */
  abandonStalledSnapshots(): void {
    const patience = RAFT_BOUNDS.snapshotPatienceTimeouts * this.core.settings.electionTicks;
    for (const peer of this.peers.values()) {
      if (peer.transfer === undefined || this.tick - peer.transfer.progressTick < patience) continue;
      this.core.counters.snapshotsAbandoned++;
      peer.becomeProbe();
    }
  }

  /** Begins to count anew who is heard of; true where a quorum was (§6.2). */
  countActive(): boolean {
    const isQuorum = this.quorumOf((peer) => peer.isActive);
    for (const peer of this.peers.values()) peer.isActive = false;
    return isQuorum;
  }

  /** Whether a member has answered within an election timeout or two; a new one has the benefit of the doubt. */
  isHeard(id: NodeId): boolean {
    if (id === this.core.id) return true;
    const peer = this.peers.get(id);
    if (peer === undefined) return false;
    return peer.isActive || this.tick - peer.ackedTick <= this.core.settings.electionTicks;
  }

  /** Voters, furthest log first: whom leadership could go to. */
  get successors(): readonly Progress[] {
    const voters = [...this.peers.values()].filter(({ id }) => isVoter(this.core.configuration, id));
    return voters.sort((a, b) => b.match - a.match || a.id - b.id);
  }

  private nudge(peer: Progress): void {
    peer.isProbing = false;
    if (peer.inflight.isFull) peer.inflight.releaseOldest();
    this.sendAppend(peer);
  }

  /** False where a snapshot has to go in its place, or cannot. */
  private sendAppend(peer: Progress): boolean {
    const { log, settings } = this.core;
    if (peer.isPaused) return false;
    const prevIndex = peer.next - 1;
    const prevTerm = log.term(prevIndex);
    if (prevTerm === undefined) {
      this.beginSnapshot(peer);
      return false;
    }
    const entries = log.entries(peer.next, log.lastIndex, settings.maxAppendBytes, RAFT_BOUNDS.maxAppendEntries);
    this.core.send({ type: 'append', to: peer.id, prevIndex, prevTerm, commit: log.commit, entries });
    peer.sentCommit = log.commit;
    peer.onSent(prevIndex + entries.length, totalEntryBytes(entries));
    return true;
  }

  private beginSnapshot(peer: Progress): void {
    const { log, counters } = this.core;
    if (!peer.isActive || log.snapshot.index === 0) return;
    counters.snapshotsSent++;
    peer.becomeSnapshot(new SnapshotTransfer(log.snapshot, this.tick));
  }

  private sendChunk(peer: Progress): void {
    const { transfer } = peer;
    if (transfer === undefined || transfer.isSent) return;
    transfer.isSent = true;
    const data = transfer.chunk(this.core.settings.snapshotChunkBytes);
    this.core.send({ type: 'snapshot', to: peer.id, head: transfer.head, offset: transfer.offset, data });
  }
}
