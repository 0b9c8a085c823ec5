/** Votes: asking for them and giving them (thesis §3.4, §3.6.1, §9.6, §3.10). */
import { membersOf, isVoter, NOBODY, type NodeId } from './configuration.js';
import type { Core } from './core.js';
import type { VoteReply, VoteRequest } from './messages.js';
import { voteResult } from './quorum.js';

export class Elections {
  private readonly votes = new Map<NodeId, boolean>();
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
    this.isTransfer = isTransfer;
    this.collect();
  }

  onRequest(request: VoteRequest): void {
    const { core } = this;
    const { from, pre, term } = request;
    const isFree = core.vote === from || (core.vote === NOBODY && core.leader === NOBODY) || (pre && term > core.term);
    const { lastIndex, lastTerm } = core.log;
    const granted = isFree && core.rules.isUpToDate(request.lastTerm, request.lastIndex, lastTerm, lastIndex);
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
    if (core.role !== (pre ? 'pre-candidate' : 'candidate')) return;
    if (granted && term !== (pre ? core.term + 1 : core.term)) return;
    if (!this.votes.has(from)) this.votes.set(from, granted);
    this.settle();
  }

  private askFirst(): void {
    const { core } = this;
    core.role = 'pre-candidate';
    core.leader = NOBODY;
    this.isTransfer = false;
    this.collect();
  }

  private collect(): void {
    const { core } = this;
    core.calmDown();
    this.votes.clear();
    this.votes.set(core.id, true);
    if (this.settle()) return;
    const pre = core.role === 'pre-candidate';
    const { lastIndex, lastTerm } = core.log;
    const term = pre ? core.term + 1 : core.term;
    for (const to of membersOf(core.configuration)) {
      if (to === core.id || !isVoter(core.configuration, to)) continue;
      core.sendInTerm(term, { type: 'vote-request', to, pre, transfer: this.isTransfer, lastIndex, lastTerm });
    }
  }

  /** True where the votes decide. */
  private settle(): boolean {
    const { core } = this;
    const result = voteResult(core.configuration, this.votes);
    if (result === 'pending') return false;
    if (result === 'lost') core.becomeFollower(core.term, NOBODY);
    else if (core.role === 'pre-candidate') this.begin(false);
    else this.onWon();
    return true;
  }
}
