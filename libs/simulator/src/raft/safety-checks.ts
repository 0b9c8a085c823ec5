/**
 * What must hold of a Raft group at every moment (thesis fig. 3.2 and what goes beyond), checked after every step of every
 * node against what all nodes together have ever done. The checks look at nodes from outside, and share no code with
 * them.
 */
import { crc32 } from '#libs/kernel';
import type { Configuration, Entry, HardState, Message, RaftNode, RaftStatus } from '#libs/raft';

/** What is looked at of a member: the node itself, or whoever drives it. */
export type ObservedNode = Pick<RaftNode, 'status' | 'counters' | 'termAt'>;

export class SafetyViolation extends Error {
  override readonly name = 'SafetyViolation';
}

export function must(condition: boolean, what: string): asserts condition {
  if (!condition) throw new SafetyViolation(what);
}

/** What was seen of one life of a node. */
interface Life {
  readonly node: ObservedNode;
  status: RaftStatus;
  elections: number;
  /** Pre-votes granted to it, by the term that it would begin. */
  readonly consents: Map<number, Set<number>>;
  asked: boolean;
}

interface KnownEntry {
  readonly prevTerm: number;
  readonly hash: number;
}

interface CommittedEntry {
  readonly term: number;
  /** Of the leader that committed it. */
  readonly commitTerm: number;
}

/** What a member's disk was told to have, and has acknowledged. */
export interface DurableLog {
  readonly snapshot: { readonly index: number };
  readonly firstIndex: number;
  readonly lastIndex: number;
  term(index: number): number | undefined;
}

/** Keys of entries: below, indexes; above, terms. */
const INDEX_RANGE = 2 ** 26;

export class SafetyChecks {
  /** Reads that were answered. */
  reads = 0;
  private readonly lives = new Map<number, Life>();
  private readonly leaders = new Map<number, number>();
  private readonly entries = new Map<number, KnownEntry>();
  private readonly committed: CommittedEntry[] = [{ term: 0, commitTerm: 0 }];
  private readonly states: number[] = [0];
  private readonly promises = new Map<number, HardState>();
  private readonly readFloors = new Map<number, number>();

  /** `durableOf` says what the disk of a member has. */
  constructor(private readonly durableOf: (id: number) => DurableLog | undefined) {}

  /** The term of a committed entry. */
  committedTerm(index: number): number | undefined {
    return this.committed[index]?.term;
  }

  get maxCommitted(): number {
    return this.committed.length - 1;
  }

  /** A node starts from its disk: what it promised before, and what was durable of the committed log, must still be there. */
  onStart(node: ObservedNode, before: DurableLog | undefined, after: DurableLog): void {
    const { status } = node;
    if (before !== undefined) this.checkRecovered(status.id, before, after);
    const promise = this.promises.get(status.id);
    if (promise !== undefined) {
      must(status.term >= promise.term, `${status.id}: term ${status.term} after ${promise.term} over a restart`);
      const isKept = status.term > promise.term || promise.vote === 0 || status.vote === promise.vote;
      must(isKept, `${status.id}: vote for ${promise.vote} in term ${promise.term} is lost over a restart`);
    }
    this.lives.set(status.id, { node, status, elections: 0, consents: new Map(), asked: false });
  }

  private checkRecovered(id: number, before: DurableLog, after: DurableLog): void {
    const kept = after.snapshot.index;
    must(kept >= before.snapshot.index, `${id}: snapshot ${before.snapshot.index} is lost over a restart`);
    const last = Math.min(before.lastIndex, this.maxCommitted);
    for (let index = Math.max(kept + 1, before.firstIndex); index <= last; index++) {
      const { term } = this.committed[index];
      if (before.term(index) !== term) continue;
      must(after.term(index) === term, `${id}: the durable and committed entry ${index} is lost over a restart`);
    }
  }

  /** A member's disk is gone for good, and so is its id. */
  forget(id: number): void {
    this.lives.delete(id);
    this.promises.delete(id);
  }

  /** The node's messages leave: it is bound by what it says. */
  onPromise(node: ObservedNode, promise: HardState): void {
    this.promises.set(node.status.id, promise);
  }

  /** Before a message is given to a node. */
  onDelivery(message: Message): void {
    const life = this.lives.get(message.to);
    if (life === undefined) return;
    life.asked = message.type === 'timeout-now';
    if (message.type !== 'vote-reply' || !message.pre || !message.granted) return;
    const consents = life.consents.get(message.term) ?? new Set();
    life.consents.set(message.term, consents.add(message.from));
  }

  /** After each step of a node. */
  check(node: ObservedNode): void {
    const now = node.status;
    const life = this.lives.get(now.id) as Life;
    const before = life.status;
    life.status = now;
    this.checkTermAndVote(before, now);
    this.checkConsent(life, now);
    must(now.commit >= before.commit, `${now.id}: commit index falls from ${before.commit} to ${now.commit}`);
    must(now.applied >= before.applied, `${now.id}: applied index falls from ${before.applied} to ${now.applied}`);
    must(now.applied <= now.commit && now.commit <= now.lastIndex, `${now.id}: indexes out of order`);
    this.checkCommitted(node, before.commit, now);
    if (now.role === 'leader' && (before.role !== 'leader' || before.term !== now.term)) this.checkLeader(node, now);
    must(node.counters.contradictions === 0, `${now.id}: a message contradicts what it knows`);
  }

  /** Log matching, by induction: an entry of one index and term is the same everywhere, and so is the one before it. */
  checkEntries(node: ObservedNode, entries: readonly Entry[]): void {
    for (const { index, term, data, type } of entries) {
      const prevTerm = node.termAt(index - 1);
      if (node.termAt(index) !== term || prevTerm === undefined) continue;
      const hash = crc32(data) ^ type;
      const key = term * INDEX_RANGE + index;
      const known = this.entries.get(key);
      if (known === undefined) this.entries.set(key, { prevTerm, hash });
      else
        must(known.prevTerm === prevTerm && known.hash === hash, `log matching: two entries ${index} of term ${term}`);
    }
  }

  /** State machine safety: after the same entry all machines are in the same state. */
  checkState(id: number, index: number, state: number): void {
    const known = this.states[index];
    if (known === undefined) this.states[index] = state;
    else must(known === state, `${id}: another state after entry ${index} than elsewhere`);
  }

  onReadAsked(context: number): void {
    this.readFloors.set(context, this.maxCommitted);
  }

  /** A read sees everything that was committed when it was asked for. */
  onReadAnswered(id: number, context: number, index: number): void {
    const floor = this.readFloors.get(context) as number;
    this.readFloors.delete(context);
    this.reads++;
    must(index >= floor, `${id}: stale read at ${index}, ${floor} was committed before`);
  }

  private checkTermAndVote(before: RaftStatus, now: RaftStatus): void {
    must(now.term >= before.term, `${now.id}: term falls from ${before.term} to ${now.term}`);
    const isSame = now.term > before.term || before.vote === 0 || now.vote === before.vote;
    must(isSame, `${now.id}: second vote in term ${now.term}`);
    if (now.role !== 'leader') return;
    const leader = this.leaders.get(now.term) ?? now.id;
    must(leader === now.id, `election safety: ${leader} and ${now.id} lead term ${now.term}`);
    this.leaders.set(now.term, now.id);
  }

  /** No term is begun without the consent of a quorum, or the leader's wish. */
  private checkConsent(life: Life, now: RaftStatus): void {
    const { elections } = life.node.counters;
    if (elections === life.elections) return;
    must(elections === life.elections + 1, `${now.id}: two elections in one step`);
    life.elections = elections;
    const consents = life.consents.get(now.term) ?? new Set();
    consents.add(now.id);
    const agrees = (id: number): boolean => consents.has(id);
    must(life.asked || isQuorum(now.configuration, agrees), `${now.id}: begins term ${now.term} without a pre-vote`);
  }

  private checkCommitted(node: ObservedNode, from: number, now: RaftStatus): void {
    for (let index = from + 1; index <= now.commit; index++) {
      const term = node.termAt(index);
      const known = this.committed[index];
      if (term === undefined) continue;
      if (known !== undefined) {
        must(known.term === term, `${now.id}: entry ${index} is of term ${term}, ${known.term} was committed`);
        continue;
      }
      must(index === this.committed.length, `${now.id}: entry ${index} is committed before those before it`);
      this.committed.push({ term, commitTerm: now.term });
      this.checkDurable(now, index, term);
      for (const { node: other, status } of this.lives.values()) {
        if (status.role === 'leader' && status.term > now.term) this.checkHas(other, status, index, term);
      }
    }
  }

  /** What is committed is on the disks of a quorum. */
  private checkDurable({ id, configuration }: RaftStatus, index: number, term: number): void {
    const has = (member: number): boolean => {
      const log = this.durableOf(member);
      return log !== undefined && (log.term(index) === term || log.snapshot.index >= index);
    };
    must(isQuorum(configuration, has), `${id}: entry ${index} is committed and not durable on a quorum`);
  }

  /** Leader completeness: what was committed in earlier terms is in the log of every later leader. */
  private checkLeader(node: ObservedNode, now: RaftStatus): void {
    for (let index = Math.max(now.firstIndex, 1); index < this.committed.length; index++) {
      const { term, commitTerm } = this.committed[index];
      if (commitTerm < now.term) this.checkHas(node, now, index, term);
    }
  }

  private checkHas(node: ObservedNode, { id, term: leads, firstIndex }: RaftStatus, index: number, term: number): void {
    const isThere = index < firstIndex || node.termAt(index) === term;
    must(
      isThere,
      `leader completeness: ${id} leads term ${leads} without the committed entry ${index} of term ${term}`,
    );
  }
}

function isQuorum({ voters, outgoing }: Configuration, has: (id: number) => boolean): boolean {
  const isMajority = (set: readonly number[]): boolean => set.filter(has).length > set.length / 2;
  return isMajority(voters) && (outgoing.length === 0 || isMajority(outgoing));
}
