/**
 * The simulated NATS: one broker between all processes. A message goes from its publisher to the broker and from there to
 * each subscription; both ways keep the order of their connection, as TCP does, except where a fault is meant to break it.
 * What the broker does on its own account - "no responders", queue groups, the loss of what was under way when a connection
 * broke - follows nats-server.
 */
import type { BusHeaders, BusMessage } from '#libs/ports';
import type { EventQueue } from './event-queue.js';
import type { SimRng } from './sim-rng.js';
import { matches } from './subjects.js';
import type { Trace } from './trace.js';

/** How messages fare; rates are probabilities per message and hop. Changed by faults in the course of a run. */
export interface LinkQuality {
  minDelayMs: number;
  maxDelayMs: number;
  dropRate: number;
  /** On the way to a subscription: it arrives twice. */
  duplicateRate: number;
  /** On the way to a subscription: it arrives up to `reorderMs` later, others overtake it. */
  reorderRate: number;
  reorderMs: number;
}

export const PERFECT_LINKS: LinkQuality = {
  minDelayMs: 0.05,
  maxDelayMs: 0.3,
  dropRate: 0,
  duplicateRate: 0,
  reorderRate: 0,
  reorderMs: 0,
};

/** A message on its way to one subscription, as scenarios and checkers see it. */
export interface Passage {
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly payload: Uint8Array;
  readonly replyTo: string | undefined;
}

/** What a scenario does to a message, on top of the links' quality. */
export interface Interference {
  readonly drop?: boolean;
  /** Overtaken by what comes later. */
  readonly delayMs?: number;
  /** How often it arrives; once where left out. */
  readonly copies?: number;
}

/** One connection, as the broker sees it. */
export interface Peer {
  readonly process: { readonly name: string };
  readonly inbox: string;
  /** A message for it arrives at a time, unless the connection breaks before. */
  arriveAt(atMs: number, sent: Outgoing | undefined, handOver: () => void): void;
  onInbox(message: BusMessage): void;
}

/** One subscription, as the broker sees it. */
export interface Interest {
  readonly bus: Peer;
  readonly tokens: readonly string[];
  readonly queue: string | undefined;
  receive(message: BusMessage): void;
}

export interface Outgoing {
  readonly from: Peer;
  readonly subject: string;
  readonly payload: Uint8Array;
  readonly replyTo: string | undefined;
  readonly headers: BusHeaders | undefined;
  readonly checksum: number;
}

const NO_PAYLOAD = new Uint8Array(0);
/** Subjects whose subscriptions are remembered; those of single frames come once. */
const MAX_ROUTES = 4_096;
/** Lets the broker notice at most so much later that a process has died. */
const LONGEST_DETECTION_MS = 20;

export class SimNetwork {
  readonly quality: LinkQuality = { ...PERFECT_LINKS };
  /** Asked for every message and subscription; at most one scenario at a time. */
  interfere: ((passage: Passage) => Interference | undefined) | undefined;
  /** Told of every message that is handed to a process. */
  onArrival: ((passage: Passage) => void) | undefined;
  /** Told of every message that reaches the broker. */
  onPublished: ((from: string, subject: string, payload: Uint8Array, replyTo: string | undefined) => void) | undefined;
  readonly counters = { messages: 0, dropped: 0, duplicated: 0, delayed: 0 };
  private readonly interest = new Set<Interest>();
  /** What each subject has reached so far; forgotten whenever the interest changes. */
  private readonly routes = new Map<string, readonly Interest[]>();
  private readonly inboxes = new Map<string, Peer>();
  private readonly blocked = new Set<string>();
  private readonly groupTurns = new Map<string, number>();
  private readonly arrivals = new Map<Peer, number>();
  private connections = 0;

  constructor(
    readonly queue: EventQueue,
    readonly rng: SimRng,
    readonly trace: Trace,
  ) {}

  nextConnectionId(): number {
    return ++this.connections;
  }

  /** Messages from one process no longer reach the other. */
  block(from: string, to: string): void {
    this.blocked.add(`${from}>${to}`);
  }

  unblock(from: string, to: string): void {
    this.blocked.delete(`${from}>${to}`);
  }

  healAll(): void {
    this.blocked.clear();
    Object.assign(this.quality, PERFECT_LINKS);
    this.interfere = undefined;
  }

  register(inbox: string, bus: Peer): void {
    this.inboxes.set(inbox, bus);
  }

  addInterest(subscription: Interest): void {
    this.interest.add(subscription);
    this.routes.clear();
  }

  removeInterest(subscription: Interest): void {
    this.interest.delete(subscription);
    this.routes.clear();
  }

  /** The connection of a process that has died: until the broker notices, messages to it are lost in silence. */
  forget(bus: Peer, subscriptions: Iterable<Interest>): void {
    const gone = [...subscriptions];
    this.queue.after(this.rng.between(0, LONGEST_DETECTION_MS), () => {
      for (const subscription of gone) this.removeInterest(subscription);
      this.inboxes.delete(bus.inbox);
    });
  }

  hopDelayMs(): number {
    const { minDelayMs, maxDelayMs } = this.quality;
    return this.rng.between(minDelayMs, maxDelayMs);
  }

  /** A message has reached the broker. */
  route(message: Outgoing): void {
    const { from, subject, payload } = message;
    this.counters.messages++;
    this.trace.note(this.queue.nowMs, subject, payload);
    this.onPublished?.(from.process.name, subject, payload, message.replyTo);
    if (subject.startsWith('_INBOX.')) return this.routeToInbox(message);
    const targets = this.targetsOf(subject);
    for (const target of targets) this.carry(message, target);
    if (targets.length === 0) this.answerNoResponders(message);
  }

  private routeToInbox(message: Outgoing): void {
    const inbox = message.subject.slice(0, message.subject.lastIndexOf('.'));
    const bus = this.inboxes.get(inbox);
    if (bus !== undefined) this.transport(message, bus, (copy) => bus.onInbox(copy));
  }

  private carry(message: Outgoing, target: Interest): void {
    this.transport(message, target.bus, (copy) => target.receive(copy));
  }

  /** One copy per hand-over; the receiving connection must still be the same when it arrives. */
  private transport(message: Outgoing, to: Peer, handOver: (message: BusMessage) => void): void {
    const { subject, payload, replyTo, headers, from } = message;
    const passage: Passage = { from: from.process.name, to: to.process.name, subject, payload, replyTo };
    const interference = this.interfere?.(passage);
    const { quality, rng } = this;
    const isLost = this.blocked.has(`${passage.from}>${passage.to}`) || rng.chance(quality.dropRate);
    if (isLost || interference?.drop === true) {
      this.counters.dropped++;
      return;
    }
    let copies = interference?.copies ?? 1;
    if (rng.chance(quality.duplicateRate)) copies++;
    this.counters.duplicated += copies - 1;
    const isOvertaken = rng.chance(quality.reorderRate);
    const extraMs = (interference?.delayMs ?? 0) + (isOvertaken ? rng.between(0, quality.reorderMs) : 0);
    if (extraMs > 0) this.counters.delayed++;
    for (let copy = 0; copy < copies; copy++) {
      const atMs = extraMs > 0 ? this.queue.nowMs + this.hopDelayMs() + extraMs : this.nextArrivalMs(to);
      to.arriveAt(atMs, message, () => {
        this.onArrival?.(passage);
        handOver({ subject, payload, replyTo, headers, noResponders: false });
      });
    }
  }

  private answerNoResponders({ from, replyTo }: Outgoing): void {
    if (replyTo === undefined || (this.quality.dropRate > 0 && this.rng.chance(this.quality.dropRate))) return;
    const notice: BusMessage = {
      subject: replyTo,
      payload: NO_PAYLOAD,
      replyTo: undefined,
      headers: undefined,
      noResponders: true,
    };
    if (replyTo.startsWith(`${from.inbox}.`)) {
      from.arriveAt(this.nextArrivalMs(from), undefined, () => from.onInbox(notice));
      return;
    }
    for (const target of this.targetsOf(replyTo)) {
      if (target.bus === from) from.arriveAt(this.nextArrivalMs(from), undefined, () => target.receive(notice));
    }
  }

  private nextArrivalMs(to: Peer): number {
    const atMs = Math.max(this.queue.nowMs + this.hopDelayMs(), this.arrivals.get(to) ?? 0);
    this.arrivals.set(to, atMs);
    return atMs;
  }

  private interestIn(subject: string): readonly Interest[] {
    const known = this.routes.get(subject);
    if (known !== undefined) return known;
    const tokens = subject.split('.');
    const interested = [...this.interest].filter((subscription) => matches(subscription.tokens, tokens));
    if (this.routes.size < MAX_ROUTES) this.routes.set(subject, interested);
    return interested;
  }

  /** Every plain subscription that matches, and one of each queue group in turn. */
  private targetsOf(subject: string): Interest[] {
    const targets: Interest[] = [];
    const groups = new Map<string, Interest[]>();
    for (const subscription of this.interestIn(subject)) {
      if (subscription.queue === undefined) targets.push(subscription);
      else groups.set(subscription.queue, [...(groups.get(subscription.queue) ?? []), subscription]);
    }
    for (const [name, members] of groups) {
      const turn = this.groupTurns.get(name) ?? 0;
      this.groupTurns.set(name, turn + 1);
      targets.push(members[turn % members.length]);
    }
    return targets;
  }
}
