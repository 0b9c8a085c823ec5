/** What all parts of a node share: its term and vote, its role, its log, its messages on their way out. */
import { RAFT_BOUNDS } from './bounds.js';
import { ConfigurationHistory } from './configuration-history.js';
import { isVoter, NOBODY, type Configuration, type NodeId } from './configuration.js';
import { RaftCounters } from './counters.js';
import type { Entry } from './entry.js';
import { RaftLog } from './log.js';
import type { HardState, Snapshot } from './log-storage.js';
import type { Message, Outgoing } from './messages.js';
import type { Settings } from './options.js';
import type { SafetyRules } from './rules.js';

/** So many rounds of votes in which it was refused make a node as patient as any. */
const WHOLE_AFTER_REFUSALS = 3;

export type Role = 'follower' | 'pre-candidate' | 'candidate' | 'leader';

export class Core {
  readonly id: NodeId;
  readonly log: RaftLog;
  readonly configurations = new ConfigurationHistory();
  readonly counters = new RaftCounters();
  role: Role = 'follower';
  term: number;
  vote: NodeId;
  /** A candidate of this term, and nothing else since: also while it asks about the next one, for votes may come late. */
  isStanding = false;
  /** Of this term, as far as this node knows. */
  leader: NodeId = NOBODY;
  /** Ticks since a leader was heard, a vote given, or an election begun. */
  sinceCalm = 0;
  /** Ticks since a leader was heard. A restart begins at zero: what was promised to a leader before is not known. */
  sinceLeader = 0;
  /** What {@link sinceCalm} has to reach before this node campaigns. */
  patience = 0;
  /** What may leave as soon as term and vote are durable. */
  outbox: Message[] = [];
  /** What also waits for entries or a snapshot to be durable. */
  acknowledgements: Message[] = [];
  /** Rounds of votes in which this node was refused, since it last heard or was a leader. */
  refusedRounds = 0;

  constructor(
    readonly settings: Settings,
    readonly rules: SafetyRules,
  ) {
    const { id, storage } = settings;
    this.id = id;
    this.log = new RaftLog(storage);
    this.term = storage.hardState.term;
    this.vote = storage.hardState.vote;
    this.configurations.reset(storage.snapshot.index, storage.snapshot.configuration);
    this.readStoredConfigurations();
    this.drawPatience();
  }

  get configuration(): Configuration {
    return this.configurations.current;
  }

  get hardState(): HardState {
    return { term: this.term, vote: this.vote };
  }

  /**
   * May this node lead? It counts itself as a voter also while only the entry that removes it is uncommitted: the others
   * may need it to commit just that entry (§4.2.2).
   */
  get isPromotable(): boolean {
    const { configurations, id } = this;
    if (isVoter(configurations.current, id)) return true;
    return configurations.currentIndex > this.log.commit && isVoter(configurations.previous, id);
  }

  /** A leader is alive, or might be: whoever asks for a vote now is a disturbance (§4.2.3). */
  get isSticky(): boolean {
    return this.role === 'leader' || this.sinceLeader < this.settings.electionTicks;
  }

  send(message: Outgoing): void {
    this.sendInTerm(this.term, message);
  }

  /** For pre-votes, which speak of another term than the sender's. */
  sendInTerm(term: number, message: Outgoing): void {
    const { outbox, acknowledgements } = this;
    const box = this.rules.restsOnLog(message) ? acknowledgements : outbox;
    if (outbox.length + acknowledgements.length >= RAFT_BOUNDS.maxOutboxMessages) this.counters.overflows++;
    else box.push({ ...message, from: this.id, term } as Message);
  }

  becomeFollower(term: number, leader: NodeId): void {
    this.enterTerm(term);
    this.isStanding = false;
    this.role = 'follower';
    this.leader = leader;
    this.calmDown();
  }

  /** Terms only grow, and each has one vote. */
  enterTerm(term: number): void {
    if (term <= this.term) return;
    this.term = term;
    this.vote = NOBODY;
  }

  calmDown(): void {
    this.sinceCalm = 0;
    this.drawPatience();
  }

  /**
   * Whoever is refused asks again before a whole timeout has passed: mostly the votes were split, or a voter has heard the
   * old leader a moment later. After a quarter of the timeout, then half, then all of it, so that slow disks and networks
   * get their time; still drawn at random, so that those who collided do not again.
   */
  shortenPatience(): void {
    const { electionTicks, electionSpreadTicks, rng } = this.settings;
    const halvings = Math.max(0, WHOLE_AFTER_REFUSALS - this.refusedRounds);
    const spread = Math.max(1, electionSpreadTicks >> Math.max(0, halvings - 1));
    this.patience = Math.min(this.patience, this.sinceCalm + (electionTicks >> halvings) + (rng.nextU32() % spread));
  }

  append(entries: readonly Entry[]): void {
    if (entries.length === 0) return;
    this.log.append(entries);
    this.configurations.truncate(entries[0].index);
    this.configurations.append(entries);
  }

  restore(snapshot: Snapshot): void {
    this.log.restore(snapshot);
    this.configurations.reset(snapshot.index, snapshot.configuration);
  }

  /** §9.3: drawn anew each time, so that candidates do not collide for ever. */
  private drawPatience(): void {
    const { electionTicks, electionSpreadTicks, rng } = this.settings;
    this.patience = electionTicks + (rng.nextU32() % electionSpreadTicks);
  }

  private readStoredConfigurations(): void {
    const { storage } = this.settings;
    let from = storage.snapshot.index + 1;
    while (from <= storage.lastIndex) {
      const entries = storage.entries(
        from,
        storage.lastIndex,
        RAFT_BOUNDS.maxAppendBytes,
        RAFT_BOUNDS.maxAppendEntries,
      );
      this.configurations.append(entries);
      from += entries.length;
    }
  }
}
