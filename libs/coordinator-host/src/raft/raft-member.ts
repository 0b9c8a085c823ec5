/**
 * Drives one {@link RaftNode}: ticks from the monotonic clock, messages over the bus, its log in files, the state
 * machine behind it. One Ready is under way at a time; what comes in while the disk writes is in the next one, but for
 * what needs no disk: messages that rest on nothing new, and entries to apply. A disk that failed once ends the member,
 * since nothing may be assumed durable any more.
 */
import { DecodeError } from '#libs/kernel';
import type { Bus, BusSubscription, Clock, Disk, Logger, Rng, Timers, TimerHandle } from '#libs/ports';
import {
  ENTRY_TYPES,
  MemoryLogStorage,
  NOBODY,
  RaftNode,
  type Acknowledgement,
  type Entry,
  type LogStorage,
  type MemberChange,
  type NodeId,
  type Proposal,
  type RaftCounters,
  type RaftStatus,
  type Ready,
  type Role,
  type Snapshot,
} from '#libs/raft';
import type { RaftLogFiles } from '#libs/raft-log';
import { RaftCompactor } from './raft-compactor.js';
import { RaftMail } from './raft-mail.js';
import type { RaftTiming } from './raft-timing.js';
import { TickSource } from './tick-source.js';

export interface RaftMemberPorts {
  readonly bus: Bus;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly rng: Rng;
  readonly logger: Logger;
}

/** What the log's commands change. `restore` and `apply` throw DecodeError for what this release cannot read. */
export interface StateMachine {
  /** Begins with a snapshot's bytes; none at all: with nothing. */
  restore(bytes: Uint8Array): void;
  apply(command: Uint8Array, version: number): void;
  snapshot(): Uint8Array;
}

export interface RaftMemberListener {
  /** Entries were applied, or the role has changed, or nothing of both. */
  onProgress(): void;
  /** The member has stopped for good. */
  onFailed(error: Error): void;
}

export interface RaftMemberParts {
  readonly id: NodeId;
  readonly groupId: string;
  readonly storage: MemoryLogStorage;
  readonly files: RaftLogFiles;
  readonly machine: StateMachine;
  readonly listener: RaftMemberListener;
  readonly timing: RaftTiming;
  subjectOf(id: NodeId): string;
}

export class RaftMember {
  private readonly node: RaftNode;
  private readonly mail: RaftMail;
  private readonly ticks: TickSource;
  private readonly compactor: RaftCompactor;
  private readonly reads = new Map<number, () => void>();
  private lastRead = 0;
  private timer: TimerHandle | undefined;
  private toldRole: Role = 'follower';
  private isWriting = false;
  private isScheduled = false;
  private isStopped = false;
  private isUnhurried = false;
  private failure: Error | undefined;
  private onIdle: (() => void) | undefined;
  private subscription: BusSubscription | undefined;

  constructor(
    private readonly ports: RaftMemberPorts,
    private readonly parts: RaftMemberParts,
  ) {
    const { id, groupId, storage, files, timing } = parts;
    this.node = new RaftNode({ id, storage, rng: ports.rng, ...timing.inTicks });
    this.mail = new RaftMail(ports.bus, groupId, id, (to) => parts.subjectOf(to));
    this.ticks = new TickSource(ports.clock, timing.tickMs, timing.inTicks.electionTicks);
    this.compactor = new RaftCompactor(storage, files, timing.compaction, (error) => this.fail(error));
    parts.machine.restore(storage.snapshot.data);
  }

  get status(): RaftStatus {
    return this.node.status;
  }

  get counters(): Readonly<RaftCounters> {
    return this.node.counters;
  }

  /** Messages that were dropped before Raft saw them, by reason. */
  get dropped(): RaftMail['dropped'] {
    return this.mail.dropped;
  }

  /** Why the member has stopped; undefined while it runs. */
  get failed(): Error | undefined {
    return this.failure;
  }

  get isLeader(): boolean {
    return !this.isOver && this.node.role === 'leader';
  }

  leadsIn(term: number): boolean {
    return this.isLeader && this.node.term === term;
  }

  /** Leads, and has applied everything that was committed before its term: its state is the group's. */
  get isReadyLeader(): boolean {
    const { applied, term } = this.node.status;
    return this.isLeader && this.node.termAt(applied) === term;
  }

  /** The only voter there is. */
  get isAlone(): boolean {
    const { voters, outgoing, learners } = this.node.status.configuration;
    return voters.length === 1 && outgoing.length === 0 && learners.length === 0 && voters[0] === this.parts.id;
  }

  /** Begins to take messages and time; a group of one elects its only voter at once. */
  start(): void {
    this.subscription = this.ports.bus.subscribe(this.parts.subjectOf(this.parts.id), ({ payload }) =>
      this.receive(payload),
    );
    if (this.isAlone) this.node.campaign();
    this.armTimer();
    this.work();
  }

  /** The term of an entry, as it is in memory; undefined for what is compacted or not there. */
  termAt(index: number): number | undefined {
    return this.node.termAt(index);
  }

  /** What is durable of the log, to look at. */
  get log(): LogStorage {
    return this.parts.storage;
  }

  /** What the log of a follower is known to have, where this member leads. */
  matchOf(id: NodeId): number | undefined {
    return this.node.matchOf(id);
  }

  /** Whether a member has answered lately, where this one leads. */
  isHeard(id: NodeId): boolean {
    return this.node.isHeard(id);
  }

  propose(command: Uint8Array, version: number): Proposal {
    return this.wake(this.node.propose(command, version));
  }

  changeMembers(changes: readonly MemberChange[]): Proposal {
    return this.wake(this.node.changeMembers(changes));
  }

  transferLeadership(to: NodeId = NOBODY): Acknowledgement {
    return this.wake(this.node.transferLeadership(to));
  }

  /** Calls back once a quorum has confirmed that this member led after the call; never where it did not. */
  confirm(done: () => void): void {
    this.catchUp();
    const context = ++this.lastRead;
    if (this.wake(this.node.read(context)).ok) this.reads.set(context, done);
  }

  /** Ends after the write under way, as whoever leads hands over first. */
  stop(onStopped: () => void): void {
    if (this.isLeader && !this.isAlone) {
      this.node.transferLeadership();
      this.work();
    }
    this.end(onStopped);
  }

  private get isOver(): boolean {
    return this.isStopped || this.failure !== undefined;
  }

  private end(onStopped: () => void): void {
    this.isStopped = true;
    this.timer?.cancel();
    this.subscription?.unsubscribe();
    this.reads.clear();
    const close = (): void => this.parts.files.close(() => onStopped());
    if (this.isWriting) this.onIdle = close;
    else close();
  }

  private armTimer(): void {
    const { tickMs, aloneMs } = this.parts.timing;
    this.isUnhurried = this.isAlone;
    this.timer = this.ports.timers.after(this.isUnhurried ? aloneMs : tickMs, () => {
      if (this.isOver) return;
      this.catchUp();
      this.work();
      this.armTimer();
    });
  }

  private receive(payload: Uint8Array): void {
    if (this.isOver) return;
    const message = this.mail.open(payload);
    if (message === undefined) return;
    this.catchUp();
    this.node.step(message);
    this.schedule();
  }

  /** All ticks that are due, before anything else is looked at. */
  private catchUp(): void {
    for (let due = this.ticks.due(); due > 0; due--) this.node.tick();
  }

  /** Somebody has joined a member that was alone: from now on others wait for its heartbeats. */
  private hurry(): void {
    if (!this.isUnhurried || this.isAlone || this.isOver) return;
    this.timer?.cancel();
    this.catchUp();
    this.armTimer();
  }

  private wake<T>(answer: T): T {
    this.schedule();
    return answer;
  }

  /** At the end of the turn, so that what comes in together is written together. */
  private schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    this.ports.timers.endOfTurn(() => {
      this.isScheduled = false;
      this.work();
    });
  }

  /** What needs no disk goes on while the disk writes; what it has to write it begins to before anything is applied. */
  private work(): void {
    while (!this.isOver) {
      for (const message of this.node.takeMessages()) this.mail.send(message);
      const committed = this.node.takeCommitted();
      const ready = this.isWriting || !this.node.hasReady() ? undefined : this.node.ready();
      if (ready?.mustSync === true) this.write(ready);
      if (committed.length > 0 && this.apply(committed)) this.parts.listener.onProgress();
      if (ready === undefined && committed.length === 0) return this.tellRole();
      if (ready?.mustSync === false) this.carryOut(ready);
    }
  }

  /** A role may change without anything else to do. */
  private tellRole(): void {
    const { role } = this.node;
    if (role === this.toldRole) return;
    this.toldRole = role;
    this.parts.listener.onProgress();
  }

  private write(ready: Ready): void {
    this.isWriting = true;
    this.parts.files.write(ready, (error) => {
      this.isWriting = false;
      if (error !== undefined) this.fail(error);
      else if (!this.isOver) this.carryOut(ready);
      this.onIdle?.();
      this.work();
    });
  }

  /** All of a Ready but the writing, in the order that Raft demands. */
  private carryOut(ready: Ready): void {
    const { storage, listener } = this.parts;
    if (ready.hardState !== undefined) storage.hardState = ready.hardState;
    if (ready.snapshot !== undefined) storage.install(ready.snapshot);
    storage.append(ready.entries);
    for (const message of ready.messages) this.mail.send(message);
    if (!this.apply(ready.committed, ready.snapshot)) return;
    for (const { context } of ready.readStates) this.answerRead(context);
    for (const context of ready.abortedReads) this.reads.delete(context);
    this.node.advance();
    this.compactor.onApplied(this.node.status.applied, () => this.snapshot());
    listener.onProgress();
    this.hurry();
  }

  /** False where it cannot be applied, which ends this member. */
  private apply(committed: readonly Entry[], snapshot?: Snapshot): boolean {
    const { machine } = this.parts;
    try {
      if (snapshot !== undefined) machine.restore(snapshot.data);
      for (const { type, data, version } of committed) {
        if (type === ENTRY_TYPES.COMMAND) machine.apply(data, version);
      }
      return true;
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.fail(new Error(`the group's log cannot be applied here: ${error.message}`, { cause: error }));
      return false;
    }
  }

  /** What has been committed before a read was asked for has been applied here: leaders apply before they answer. */
  private answerRead(context: number): void {
    const done = this.reads.get(context);
    this.reads.delete(context);
    done?.();
  }

  private snapshot(): Snapshot | undefined {
    return this.node.snapshotOf(this.parts.machine.snapshot());
  }

  private fail(error: Error): void {
    if (this.isOver) return;
    this.failure = error;
    this.timer?.cancel();
    this.subscription?.unsubscribe();
    this.reads.clear();
    this.ports.logger.log('ERROR', 'RAFT', `this member stops: ${error.message}`, { error });
    this.parts.listener.onFailed(error);
  }
}
