/**
 * One member of a Raft group (Ongaro, "Consensus: Bridging Theory and Practice", 2014), without disk, network or clock:
 * messages and ticks come in, and what has to be written, sent and applied comes out as a {@link Ready}. The shape is
 * that of etcd's raft library.
 *
 * Time is what `tick` says: whoever calls it delivers all ticks that have passed on a monotonic clock before a message or
 * a read, also after a pause of the process. Leases rest on that.
 */
import { assert, assertNever } from '#libs/kernel';
import { RAFT_BOUNDS } from './bounds.js';
import { NOBODY, type Configuration, type NodeId } from './configuration.js';
import { Core, type Role } from './core.js';
import type { RaftCounters } from './counters.js';
import { Elections } from './elections.js';
import type { Entry } from './entry.js';
import { Follower } from './follower.js';
import { Leader } from './leader.js';
import type { HardState, Snapshot } from './log-storage.js';
import type { MemberChange } from './member-changes.js';
import type { Message, VoteRequest } from './messages.js';
import { settingsOf, type RaftOptions } from './options.js';
import { hasQuorum } from './quorum.js';
import type { Acknowledgement, Proposal, Refusal } from './proposal.js';
import type { ReadState } from './reads.js';
import type { Ready } from './ready.js';
import { SAFETY_RULES, type SafetyRules } from './rules.js';

const NO_MESSAGES: readonly Message[] = [];
const NO_ENTRIES: readonly Entry[] = [];

export interface RaftStatus {
  readonly id: NodeId;
  readonly role: Role;
  readonly term: number;
  readonly vote: NodeId;
  readonly leader: NodeId;
  readonly commit: number;
  readonly applied: number;
  readonly firstIndex: number;
  readonly lastIndex: number;
  readonly configuration: Configuration;
}

export class RaftNode {
  private readonly core: Core;
  private readonly elections: Elections;
  private readonly follower: Follower;
  private leadership: Leader | undefined;
  private written: HardState;
  private outstanding: Ready | undefined;
  /** Ticks since the outstanding Ready was handed out. */
  private outstandingTicks = 0;
  private readonly readStates: ReadState[] = [];
  private readonly abortedReads: number[] = [];

  constructor(options: RaftOptions, rules: SafetyRules = SAFETY_RULES) {
    this.core = new Core(settingsOf(options), rules);
    this.written = this.core.hardState;
    this.follower = new Follower(this.core);
    this.elections = new Elections(this.core, () => this.lead());
  }

  get status(): RaftStatus {
    const { id, role, term, vote, leader, log, configuration } = this.core;
    const { commit, applied, firstIndex, lastIndex } = log;
    return { id, role, term, vote, leader, commit, applied, firstIndex, lastIndex, configuration };
  }

  /** Of the {@link status}, for those who ask often. */
  get role(): Role {
    return this.core.role;
  }

  get term(): number {
    return this.core.term;
  }

  get counters(): Readonly<RaftCounters> {
    return this.core.counters;
  }

  /** The term of an entry; undefined for what is compacted or not there. */
  termAt(index: number): number | undefined {
    return this.core.log.term(index);
  }

  /** Up to where a peer is known to have the log; undefined where this node does not lead, or knows no such peer. */
  matchOf(id: NodeId): number | undefined {
    return this.leadership?.matchOf(id);
  }

  /** Whether a member has answered lately, where this node leads. */
  isHeard(id: NodeId): boolean {
    return this.leadership?.isHeard(id) === true;
  }

  /** One unit of time has passed. */
  tick(): void {
    const { core } = this;
    this.outstandingTicks++;
    if (this.leadership !== undefined) {
      this.leadership.tick();
      // Its heartbeats would go on, and what is committed would never be applied here, nor answered.
      if (this.hasDiskHung) core.becomeFollower(core.term, NOBODY);
    } else {
      core.sinceLeader++;
      // An election whose requests wait for the disk has not begun for anybody else.
      const isHeldUp = core.role === 'candidate' && this.changedHardState() !== undefined;
      if (!isHeldUp && ++core.sinceCalm >= core.patience) this.elections.onTimeout();
    }
    this.retire();
  }

  /** Takes a message; what is not for this node, or contradicts what is committed, is dropped and counted. */
  step(message: Message): void {
    const { core } = this;
    if (message.to !== core.id || message.from === core.id) {
      core.counters.misaddressed++;
      return;
    }
    if (message.term < core.term) this.answerOldTerm(message);
    else if (message.type === 'vote-request' && this.disturbs(message)) this.refuseDisturbance(message);
    else {
      if (message.term > core.term) this.followTermOf(message);
      this.handle(message);
    }
    this.retire();
  }

  /** Appends a command to the log, where this node leads. `version` (0 to 255) is the format of `data`. */
  propose(data: Uint8Array, version: number): Proposal {
    return this.leadership?.propose(data, version) ?? this.notLeader();
  }

  /** In one step where at most one voter changes, else (or with `alwaysJoint`) through a joint configuration. */
  changeMembers(changes: readonly MemberChange[], alwaysJoint = false): Proposal {
    return this.leadership?.changeMembers(changes, alwaysJoint) ?? this.notLeader();
  }

  /** Hands leadership to a voter; to the one with the furthest log where none is named. Given up after an election timeout. */
  transferLeadership(to: NodeId = NOBODY): Acknowledgement {
    return this.leadership?.transfer(to) ?? this.notLeader();
  }

  /** Asks for a linearizable read; its answer is a ReadState with this context, or the context among `abortedReads`. */
  read(context: number, mode: 'quorum' | 'lease' = 'quorum'): Acknowledgement {
    return this.leadership?.read(context, mode === 'lease') ?? this.notLeader();
  }

  /** Does not wait for the election timeout: for a group of one, and for tests. */
  campaign(): void {
    if (this.leadership === undefined) this.elections.onTimeout();
  }

  /**
   * Messages that may leave at once, whatever the disk is writing: none while term or vote are not durable, and none that
   * acknowledges what is not. So a leader's entries are on their way to all disks together (§10.2.1), and a slow disk
   * holds back no heartbeat. Those that are not taken are in the next Ready.
   */
  takeMessages(): readonly Message[] {
    const { core } = this;
    if (this.changedHardState() !== undefined) return NO_MESSAGES;
    this.leadership?.pump();
    if (core.outbox.length === 0) return NO_MESSAGES;
    this.leadership?.reads.closeRound();
    const messages = core.outbox;
    core.outbox = [];
    return messages;
  }

  /**
   * Committed entries that are durable here, to be applied now, whatever the disk is writing: they count as applied from
   * now on. Those that are not taken are in the next Ready.
   */
  takeCommitted(): readonly Entry[] {
    const { log, settings } = this.core;
    if (this.outstanding !== undefined && this.outstanding.committed.length > 0) return NO_ENTRIES;
    const entries = log.nextDurable(settings.maxCommittedBytes);
    if (entries.length > 0) log.appliedTo(entries[entries.length - 1].index);
    return entries;
  }

  /** Something is to be done; false while the last Ready is not done with. */
  hasReady(): boolean {
    const { core } = this;
    if (this.outstanding !== undefined) return false;
    this.leadership?.pump();
    return (
      core.outbox.length > 0 ||
      core.acknowledgements.length > 0 ||
      core.log.unstableBytes > 0 ||
      core.log.pendingSnapshot !== undefined ||
      core.log.hasNextCommitted ||
      this.readStates.length > 0 ||
      this.abortedReads.length > 0 ||
      this.changedHardState() !== undefined
    );
  }

  /** What is to be done. Messages may be taken, and ticks, before `advance` is called; they show in the next Ready. */
  ready(): Ready {
    assert(this.outstanding === undefined, 'advance() must be called before the next ready()');
    const { core } = this;
    this.leadership?.pump();
    this.leadership?.reads.closeRound();
    const hardState = this.changedHardState();
    const snapshot = core.log.pendingSnapshot;
    const entries = core.log.unstableEntries;
    const messages = [...core.outbox, ...core.acknowledgements];
    core.outbox = [];
    core.acknowledgements = [];
    this.outstandingTicks = 0;
    this.outstanding = {
      hardState,
      snapshot,
      entries,
      messages,
      committed: core.log.nextCommitted(core.settings.maxCommittedBytes),
      readStates: this.readStates.splice(0),
      abortedReads: this.abortedReads.splice(0),
      mustSync: hardState !== undefined || snapshot !== undefined || entries.length > 0,
    };
    return this.outstanding;
  }

  /** All of the last Ready is done: written, sent, applied. */
  advance(): void {
    const done = this.outstanding;
    assert(done !== undefined, 'advance() without a ready()');
    this.outstanding = undefined;
    const { log, configurations } = this.core;
    const { hardState, snapshot, entries, committed } = done;
    if (hardState !== undefined) this.written = hardState;
    if (snapshot !== undefined) log.snapshotStable(snapshot);
    const last = entries.at(-1);
    if (last !== undefined) log.stableTo(last.index, last.term);
    log.appliedTo(committed.at(-1)?.index ?? Math.max(log.applied, snapshot?.index ?? 0));
    configurations.forgetBefore(log.applied);
    this.leadership?.commit();
    this.retire();
  }

  /**
   * The snapshot that `data`, the state machine's bytes after everything applied, makes; undefined where the newest one
   * is as new, or this node does not know its configuration yet. Whoever stores it may compact the log behind it.
   */
  snapshotOf(data: Uint8Array): Snapshot | undefined {
    const { log, configurations } = this.core;
    assert(data.length <= RAFT_BOUNDS.maxSnapshotBytes, `a snapshot of ${data.length} bytes is too large`);
    const index = log.applied;
    const configuration = configurations.at(index);
    const term = log.term(index);
    if (index <= log.snapshot.index || term === undefined || configuration.voters.length === 0) return undefined;
    return { index, term, configuration, data };
  }

  /** Somebody asks for a vote while a leader is, or may be, alive, and that leader does not want it (§4.2.3). */
  private disturbs({ from, term, pre, transfer }: VoteRequest): boolean {
    const { core } = this;
    const isRepeated = !pre && term === core.term && core.vote === from;
    return core.isSticky && !transfer && !isRepeated;
  }

  private refuseDisturbance(request: VoteRequest): void {
    this.core.counters.stickyRefusals++;
    this.elections.answer(request, false);
  }

  /** A higher term: this node joins it, unless the message only asks what would be (§9.6). */
  private followTermOf(message: Message): void {
    const isQuestion = message.type === 'vote-request' && message.pre;
    const isConsent = message.type === 'vote-reply' && message.pre && message.granted;
    if (!isQuestion && !isConsent) this.core.becomeFollower(message.term, NOBODY);
  }

  /** The sender has missed a term: tell it, so that an old leader resigns and a candidate catches up. */
  private answerOldTerm(message: Message): void {
    if (message.type === 'vote-request') return this.elections.answer(message, false);
    if (!isFromLeader(message)) return;
    this.core.send({ type: 'append-reply', to: message.from, rejected: true, index: 0, hintIndex: 0, hintTerm: 0 });
  }

  private handle(message: Message): void {
    switch (message.type) {
      case 'vote-request':
        return this.elections.onRequest(message);
      case 'vote-reply':
        return this.elections.onReply(message);
      case 'append-reply':
        return this.leadership?.onAppendReply(message);
      case 'heartbeat-reply':
        return this.leadership?.onHeartbeatReply(message);
      case 'snapshot-reply':
        return this.leadership?.onSnapshotReply(message);
      case 'append':
        return this.obeys(message.from) ? this.follower.onAppend(message) : undefined;
      case 'heartbeat':
        return this.obeys(message.from) ? this.follower.onHeartbeat(message) : undefined;
      case 'snapshot':
        return this.obeys(message.from) ? this.follower.onSnapshot(message) : undefined;
      case 'timeout-now':
        if (this.obeys(message.from) && this.core.isPromotable) this.elections.begin(true);
        return;
      default:
        return assertNever(message);
    }
  }

  /** Notes that the leader of this term is alive; false where it contradicts itself. */
  private obeys(leader: NodeId): boolean {
    const { core } = this;
    if (core.role === 'leader' || (core.leader !== NOBODY && core.leader !== leader)) {
      core.counters.contradictions++;
      return false;
    }
    if (core.role !== 'follower') core.becomeFollower(core.term, leader);
    core.leader = leader;
    core.sinceLeader = 0;
    core.sinceCalm = 0;
    core.refusedRounds = 0;
    return true;
  }

  /** The election is won. */
  private lead(): void {
    const { core } = this;
    core.role = 'leader';
    core.isStanding = false;
    core.leader = core.id;
    // Nobody has promised this node anything once it resigns.
    core.sinceLeader = core.settings.electionTicks;
    core.refusedRounds = 0;
    core.counters.electionsWon++;
    this.follower.reset();
    this.leadership = new Leader(core, this.readStates);
  }

  /** A node that led and does not any more cannot answer the reads that waited. */
  private retire(): void {
    const { leadership, core } = this;
    if (leadership === undefined || core.role === 'leader') return;
    this.abortedReads.push(...leadership.reads.drain());
    this.leadership = undefined;
  }

  /** Where nobody else could lead, waiting is all that is left. */
  private get hasDiskHung(): boolean {
    const { settings, configuration, id } = this.core;
    if (this.outstanding?.mustSync !== true) return false;
    if (this.outstandingTicks < RAFT_BOUNDS.diskPatienceTimeouts * settings.electionTicks) return false;
    return !hasQuorum(configuration, (voter) => voter === id);
  }

  private changedHardState(): HardState | undefined {
    const { hardState } = this.core;
    const { term, vote } = this.written;
    return hardState.term === term && hardState.vote === vote ? undefined : hardState;
  }

  private notLeader(): Refusal {
    return { ok: false, reason: 'not-leader', leader: this.core.leader };
  }
}

function isFromLeader({ type }: Message): boolean {
  return type === 'append' || type === 'heartbeat' || type === 'snapshot' || type === 'timeout-now';
}
