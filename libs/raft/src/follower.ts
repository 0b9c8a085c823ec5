/** What a node does with a leader's messages: appends, heartbeats, snapshots (thesis §3.5, §5.3). */
import { RAFT_BOUNDS } from './bounds.js';
import type { NodeId } from './configuration.js';
import type { Core } from './core.js';
import type { Append, Heartbeat, SnapshotChunk } from './messages.js';
import type { Snapshot } from './log-storage.js';
import { SnapshotReceiver } from './snapshot-receiver.js';

export class Follower {
  private readonly receiver = new SnapshotReceiver();

  constructor(private readonly core: Core) {}

  onAppend(append: Append): void {
    const { core } = this;
    const { log } = core;
    const { from, prevIndex, prevTerm, entries } = append;
    if (prevIndex < log.commit) return this.accept(from, log.commit);
    if (!log.has(prevIndex, prevTerm)) return this.reject(append);
    if (log.unstableBytes > RAFT_BOUNDS.maxUnstableBytes) {
      core.counters.overflows++;
      return;
    }
    const firstNew = entries.findIndex(({ index, term }) => !log.has(index, term));
    if (firstNew >= 0) core.append(firstNew === 0 ? entries : entries.slice(firstNew));
    const last = prevIndex + entries.length;
    log.commitTo(Math.min(append.commit, last));
    this.accept(from, last);
  }

  onHeartbeat({ from, commit, round, tick }: Heartbeat): void {
    const { core } = this;
    core.log.commitTo(Math.min(commit, core.log.lastIndex));
    core.send({ type: 'heartbeat-reply', to: from, round, tick });
  }

  onSnapshot(chunk: SnapshotChunk): void {
    const { core, receiver } = this;
    const { from, head } = chunk;
    if (core.rules.isSnapshotOld(head.index, core.log.commit)) {
      receiver.clear();
      return this.accept(from, core.log.commit);
    }
    const result = receiver.add(chunk);
    if (result === 'refused') {
      core.counters.contradictions++;
      return;
    }
    if (result === 'damaged') core.counters.snapshotsDamaged++;
    else if (result !== 'incomplete') return this.install(from, result);
    const { nextOffset } = receiver;
    core.send({ type: 'snapshot-reply', to: from, index: head.index, checksum: head.checksum, nextOffset });
  }

  /** What was gathered of a snapshot is of no use to a leader. */
  reset(): void {
    this.receiver.clear();
  }

  /** A log that has the snapshot's last entry has all that the snapshot stands for, and maybe more: it stays (§5.3). */
  private install(from: NodeId, snapshot: Snapshot): void {
    const { core } = this;
    if (core.log.has(snapshot.index, snapshot.term) && snapshot.index > core.log.commit) {
      core.log.commitTo(snapshot.index);
    } else {
      core.restore(snapshot);
      core.counters.snapshotsInstalled++;
    }
    this.accept(from, core.log.commit);
  }

  private accept(to: NodeId, index: number): void {
    this.core.send({ type: 'append-reply', to, rejected: false, index, hintIndex: 0, hintTerm: 0 });
  }

  /**
   * Everything above the hint differs from the leader's log: its terms are higher than that of the entry which the leader
   * has at `prevIndex`. What is committed never differs.
   */
  private reject({ from, prevIndex, prevTerm }: Append): void {
    const { log } = this.core;
    const hintIndex = Math.max(log.commit, log.lastAtMost(prevIndex, prevTerm));
    const hintTerm = log.term(hintIndex) ?? 0;
    this.core.send({ type: 'append-reply', to: from, rejected: true, index: prevIndex, hintIndex, hintTerm });
  }
}
