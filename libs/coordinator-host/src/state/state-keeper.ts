/**
 * The one place where the cluster's state changes. The leader decides on its speculative state (what the group has
 * agreed on, and what it has proposed itself since) and proposes the events; everybody evolves what is committed. A
 * coordinator that ceases to lead drops what it speculated, and answers nobody who waited for it.
 */
import {
  decide,
  evolve,
  type AnyEventNotice,
  type ClusterCommand,
  type ClusterEvent,
  type ClusterState,
  type Decision,
  type Refusal,
} from '#libs/cluster';
import type { Clock, Logger } from '#libs/ports';
import { COORDINATOR_BOUNDS } from '../bounds.js';
import type { Publisher } from '../publisher.js';
import type { RaftMember } from '../raft/raft-member.js';
import { COMMAND_VERSION, encodeCommand } from './commands.js';
import { ReplicatedState } from './replicated-state.js';

/** `blocked`: the command would change the state, which cannot change here now; nothing is known to be refused. */
export type Outcome = Decision | (Refusal & { readonly blocked: true });

export interface StateKeeperListener {
  /** Of the events of each decision, in order: not agreed on yet. */
  onDecided(events: readonly ClusterEvent[]): void;
  /** The agreed state is another one now. */
  onAgreed(): void;
  /** This coordinator leads from now on, and its state is the group's. */
  onLeading(): void;
  onFollowing(): void;
}

interface PendingReply {
  readonly eventIndex: number;
  readonly send: () => void;
}

export class StateKeeper {
  readonly replicated = new ReplicatedState();
  private member: RaftMember | undefined;
  /** While this coordinator leads. */
  private speculative: ClusterState | undefined;
  private readonly struck = new Set<string>();
  private ledTerm = 0;
  private announced: ClusterState | undefined;
  private notices: { readonly notice: AnyEventNotice; readonly encoded: Uint8Array }[] = [];
  private replies: PendingReply[] = [];

  constructor(
    private readonly ports: { readonly clock: Clock; readonly logger: Logger },
    private readonly publisher: Publisher,
    private readonly listener: StateKeeperListener,
  ) {
    this.replicated.onApplied = (event, notice, encoded) => {
      if (event.type === 'NodeForgotten') this.struck.delete(event.nodeId);
      this.note(notice, encoded);
    };
  }

  /** What decisions build on where this coordinator leads; elsewhere what is agreed on as far as it knows. */
  get state(): ClusterState {
    return this.speculative ?? this.replicated.cluster;
  }

  /** Where this coordinator leads: whether it is decided, and not agreed on yet, that the node is forgotten. */
  isBeingForgotten(nodeId: string): boolean {
    return this.struck.has(nodeId);
  }

  /** False from the moment on that another term begins, also while that is still being written down. */
  get isLeading(): boolean {
    return this.speculative !== undefined && this.member?.leadsIn(this.ledTerm) === true;
  }

  /** From now on that member replicates; it has restored its snapshot already. */
  attach(member: RaftMember): void {
    this.member = member;
    this.announce();
  }

  /** The member has gone on: entries may have been applied, its role may have changed. */
  onProgress(): void {
    const leads = this.member?.isReadyLeader === true;
    if (this.speculative !== undefined && !this.isLeading) this.follow();
    this.announce();
    if (!this.isLeading && leads) this.lead();
    this.settle();
  }

  /** Nothing changes any more: the member has stopped. */
  halt(): void {
    if (this.speculative !== undefined) this.follow();
  }

  apply(command: ClusterCommand): Outcome {
    if (this.speculative === undefined || !this.isLeading) return blocked('this coordinator does not lead');
    const decision = decide(this.speculative, command);
    if (!decision.ok || decision.events.length === 0) return decision;
    const problem = this.propose(decision.events, this.speculative.eventIndex);
    if (problem !== undefined) return blocked(problem);
    for (const event of decision.events) {
      this.speculative = evolve(this.speculative, event);
      if (event.type === 'NodeForgotten') this.struck.add(event.nodeId);
    }
    this.listener.onDecided(decision.events);
    return decision;
  }

  /**
   * Calls back once the group has agreed on everything up to the event, or has confirmed that this coordinator still
   * leads where it had already; never where leadership is lost before, or too many wait.
   */
  whenAgreed(eventIndex: number, send: () => void): void {
    if (this.replicated.cluster.eventIndex >= eventIndex) this.member?.confirm(send);
    else if (this.replies.length < COORDINATOR_BOUNDS.maxPendingReplies) this.replies.push({ eventIndex, send });
  }

  private propose(events: readonly ClusterEvent[], baseEventIndex: number): string | undefined {
    const pending = baseEventIndex - this.replicated.cluster.eventIndex;
    if (pending >= COORDINATOR_BOUNDS.maxPendingEvents) return 'too many changes wait to be agreed on';
    const atMs = Math.max(0, Math.floor(this.ports.clock.wallMs()));
    const bytes = encodeCommand({ type: 'events', batch: { baseEventIndex, atMs, events } });
    const proposal = this.member?.propose(bytes, COMMAND_VERSION);
    if (proposal === undefined) return 'this coordinator belongs to no group';
    return proposal.ok ? undefined : `the change cannot be proposed now: ${proposal.problem ?? proposal.reason}`;
  }

  private note(notice: AnyEventNotice, encoded: Uint8Array): void {
    if (this.member?.isLeader !== true) return;
    this.notices.push({ notice, encoded });
    this.ports.logger.log('INFO', 'COORDINATOR', notice.name, { details: notice.fields });
  }

  private lead(): void {
    this.speculative = this.replicated.cluster;
    this.ledTerm = this.member?.status.term ?? 0;
    this.listener.onLeading();
    this.publisher.publishTable();
  }

  private follow(): void {
    this.speculative = undefined;
    this.struck.clear();
    this.replies = [];
    this.notices = [];
    this.listener.onFollowing();
  }

  /** What has been agreed on since the last time: the leader tells everybody, the others keep it. */
  private announce(): void {
    const { cluster } = this.replicated;
    if (cluster !== this.announced) {
      this.announced = cluster;
      this.publisher.onAgreed(cluster, this.isLeading, this.state.eventIndex > cluster.eventIndex);
      this.listener.onAgreed();
    }
    for (const { notice, encoded } of this.notices.splice(0)) this.publisher.publishEvent(notice, encoded);
  }

  private settle(): void {
    const { eventIndex } = this.replicated.cluster;
    const due = this.replies.filter((reply) => reply.eventIndex <= eventIndex);
    if (due.length === 0) return;
    this.replies = this.replies.filter((reply) => reply.eventIndex > eventIndex);
    for (const reply of due) reply.send();
  }
}

function blocked(reason: string): Outcome {
  return { ok: false, reason, code: 'unavailable', blocked: true };
}
