/** Votes: asking for them and giving them (thesis §3.4, §3.6.1, §9.6, §3.10). */
import { membersOf, isVoter, NOBODY, type NodeId } from './configuration.js';
import type { Core } from './core.js';
import type { VoteReply, VoteRequest } from './messages.js';
import { voteResult } from './quorum.js';

export class Elections {
  /** For this node, in the term that it stands in. */
  private readonly votes = new Map<NodeId, boolean>();
  /** Whether votes would be given. */
  private readonly consents = new Map<NodeId, boolean>();
  /** Somebody has said no in this round. */
  private isRefused = false;
  /** The leader has asked for this election: voters need not stick to it. */
  private isTransfer = false;

  constructor(
    private readonly core: Core,
    private readonly onWon: () => void,
  ) {}

  /** The election timeout has passed: ask whether an election would be won, or begin one. */
  onTimeout(): void {
    if (!this.core.isPromotable) return this.core.calmDown();
    if (this.core.rules.asksBeforeElections) this.askFirst();
    else this.begin(false);
  }

  /** Begins a term of this node's own, without asking first where a leader has asked for it. */
  begin(isTransfer: boolean): void {
    const { core } = this;
    core.enterTerm(core.term + 1);
    core.vote = core.id;
    core.role = 'candidate';
    core.leader = NOBODY;
    core.counters.elections++;
    core.isStanding = true;
    this.isTransfer = isTransfer;
    this.collect(this.votes);
  }

  onRequest(request: VoteRequest): void {
    const { core } = this;
    const { from, pre, term } = request;
    const isFree = core.vote === from || (core.vote === NOBODY && core.leader === NOBODY) || (pre && term > core.term);
    const { lastIndex, lastTerm } = core.log;
    const isUpToDate = core.rules.isUpToDate(request.lastTerm, request.lastIndex, lastTerm, lastIndex);
    const granted = isFree && isUpToDate && !this.isOutranked(request);
    if (granted && !pre) {
      core.vote = from;
      core.calmDown();
    }
    this.answer(request, granted);
  }

  /** A grant speaks of the term that was asked about; a refusal tells the voter's own. */
  answer({ from, pre, term }: VoteRequest, granted: boolean): void {
    this.core.sendInTerm(granted ? term : this.core.term, { type: 'vote-reply', to: from, pre, granted });
  }

  onReply({ from, pre, granted, term }: VoteReply): void {
    const { core } = this;
    if (pre ? core.role !== 'pre-candidate' : !core.isStanding) return;
    if (granted && term !== (pre ? core.term + 1 : core.term)) return;
    const answers = pre ? this.consents : this.votes;
    if (!answers.has(from)) answers.set(from, granted);
    if (!granted) this.onRefused();
    this.settle(answers);
  }

  /**
   * Two with the same log who ask at the same time would both begin, and split the votes: of them the one with the higher
   * id goes on. Only for a moment, since it may reach fewer than the other one.
   */
  private isOutranked({ pre, from, term, lastIndex, lastTerm }: VoteRequest): boolean {
    const { core } = this;
    const isRival = pre && core.role === 'pre-candidate' && term === core.term + 1;
    const isMoment = core.sinceCalm < core.settings.heartbeatTicks;
    return isRival && isMoment && lastIndex === core.log.lastIndex && lastTerm === core.log.lastTerm && core.id > from;
  }

  private onRefused(): void {
    if (!this.isRefused) this.core.refusedRounds++;
    this.isRefused = true;
    this.core.shortenPatience();
  }

  private askFirst(): void {
    const { core } = this;
    core.role = 'pre-candidate';
    core.leader = NOBODY;
    this.isTransfer = false;
    this.collect(this.consents);
  }

  private collect(answers: Map<NodeId, boolean>): void {
    const { core } = this;
    core.calmDown();
    this.isRefused = false;
    answers.clear();
    answers.set(core.id, true);
    if (this.settle(answers)) return;
    const pre = core.role === 'pre-candidate';
    const { lastIndex, lastTerm } = core.log;
    const term = pre ? core.term + 1 : core.term;
    for (const to of membersOf(core.configuration)) {
      if (to === core.id || !isVoter(core.configuration, to)) continue;
      core.sendInTerm(term, { type: 'vote-request', to, pre, transfer: this.isTransfer, lastIndex, lastTerm });
    }
  }

  /** True where the answers decide. */
  private settle(answers: ReadonlyMap<NodeId, boolean>): boolean {
    const { core } = this;
    const result = voteResult(core.configuration, answers);
    if (result === 'pending') return false;
    if (result === 'lost') this.giveUp(answers);
    else if (answers === this.consents) this.begin(false);
    else this.onWon();
    return true;
  }

  private giveUp(answers: ReadonlyMap<NodeId, boolean>): void {
    const { core } = this;
    // A term that is lost does not end the question about the next one.
    if (answers === this.votes && core.role !== 'candidate') return;
    core.becomeFollower(core.term, NOBODY);
    core.shortenPatience();
  }
}
