import { BOUNDS } from '#libs/kernel';
import type { BusHeaders, BusMessage, Timers } from '#libs/ports';
import { MessageQueue, QueuedMessage } from './message-queue.js';
import { isSubject } from './subject.js';
import { SubscriptionIndex, type QueueGroup, type Route, type Subscriber } from './subscription-index.js';

export interface InProcessOptions {
  readonly timers: Timers;
  /** Told what a handler threw; the bus goes on with the next message. */
  readonly onHandlerError: (error: unknown, subject: string) => void;
  /** Messages published and not yet delivered, over all clients; more are refused. */
  readonly maxQueuedMessages?: number;
  /** Payload bytes published and not yet delivered, over all clients; more are refused. */
  readonly maxQueuedBytes?: number;
  readonly maxPayloadBytes?: number;
  /** Requests without an outcome, per client; more are refused. */
  readonly maxPendingRequests?: number;
  /** Messages delivered in one go before sockets and timers get their turn. */
  readonly maxMessagesPerRun?: number;
}

export const IN_PROCESS_DEFAULTS = {
  maxQueuedMessages: 65_536,
  maxQueuedBytes: 4 * BOUNDS.linkCreditBytes,
  /** nats-server's default max_payload, so that hosts find the same limit on every bus. */
  maxPayloadBytes: 1_048_576,
  maxPendingRequests: 16_384,
  maxMessagesPerRun: 1_024,
} as const;

const NO_PAYLOAD = new Uint8Array(0);

/**
 * What nats-server is to the NATS bus: the one queue between all clients of a process. Messages are delivered in
 * the order of publishing, in microtasks, so that a publish never runs a handler; after a number of messages the
 * delivery goes on at the end of the event-loop turn, so that hosts answering each other cannot starve the rest.
 */
export class InProcessBroker {
  readonly timers: Timers;
  readonly maxPayloadBytes: number;
  readonly maxPendingRequests: number;
  private readonly onHandlerError: (error: unknown, subject: string) => void;
  private readonly maxQueuedMessages: number;
  private readonly maxQueuedBytes: number;
  private readonly maxMessagesPerRun: number;
  private readonly index = new SubscriptionIndex();
  private readonly queue = new MessageQueue();
  /** Reply subjects of pending requests: used once each, so they stay out of the index. */
  private readonly replies = new Map<string, (message: BusMessage) => void>();
  private scheduled = false;
  private clients = 0;
  private readonly deliver = (): void => this.run();

  constructor(options: InProcessOptions) {
    this.timers = options.timers;
    this.onHandlerError = options.onHandlerError;
    this.maxQueuedMessages = options.maxQueuedMessages ?? IN_PROCESS_DEFAULTS.maxQueuedMessages;
    this.maxQueuedBytes = options.maxQueuedBytes ?? IN_PROCESS_DEFAULTS.maxQueuedBytes;
    this.maxPayloadBytes = options.maxPayloadBytes ?? IN_PROCESS_DEFAULTS.maxPayloadBytes;
    this.maxPendingRequests = options.maxPendingRequests ?? IN_PROCESS_DEFAULTS.maxPendingRequests;
    this.maxMessagesPerRun = options.maxMessagesPerRun ?? IN_PROCESS_DEFAULTS.maxMessagesPerRun;
  }

  /** Messages published and not yet delivered. */
  get queuedMessages(): number {
    return this.queue.length;
  }

  nextClientId(): number {
    return ++this.clients;
  }

  add(subscriber: Subscriber): void {
    this.index.add(subscriber);
  }

  remove(subscriber: Subscriber): void {
    subscriber.active = false;
    this.index.remove(subscriber);
  }

  expectReply(replySubject: string, onReply: (message: BusMessage) => void): void {
    this.replies.set(replySubject, onReply);
  }

  forgetReply(replySubject: string): void {
    this.replies.delete(replySubject);
  }

  /** False where the subject is not valid or the queue is full. The payload's size has been checked. */
  publish(subject: string, payload: Uint8Array, replyTo: string | undefined, headers: BusHeaders | undefined): boolean {
    if (this.queue.length >= this.maxQueuedMessages || this.queue.bytes + payload.length > this.maxQueuedBytes) {
      return false;
    }
    const route = this.index.cachedRoute(subject);
    if (route === undefined && !isSubject(subject)) return false;
    if (replyTo !== undefined && !isSubject(replyTo)) return false;
    this.enqueue(new QueuedMessage(subject, payload, replyTo, headers, false, route));
    return true;
  }

  /** Runs a handler, or a callback that is treated like one. */
  invoke(handler: (message: BusMessage) => void, message: BusMessage): void {
    try {
      handler(message);
    } catch (error) {
      this.onHandlerError(error, message.subject);
    }
  }

  reportError(error: unknown, subject: string): void {
    this.onHandlerError(error, subject);
  }

  private enqueue(message: QueuedMessage): void {
    this.queue.push(message);
    if (this.scheduled) return;
    this.scheduled = true;
    queueMicrotask(this.deliver);
  }

  private run(): void {
    let left = this.maxMessagesPerRun;
    try {
      while (left-- > 0) {
        const message = this.queue.shift();
        if (message === undefined) break;
        this.dispatch(message);
      }
    } finally {
      if (this.queue.length === 0) this.scheduled = false;
      else this.timers.endOfTurn(this.deliver);
    }
  }

  private dispatch(message: QueuedMessage): void {
    let route = message.route;
    if (route === undefined || route.version !== this.index.version) {
      const onReply = this.replies.get(message.subject);
      if (onReply !== undefined) {
        this.invoke(onReply, message);
        return;
      }
      route = this.index.route(message.subject);
    }
    if (route.plain.length === 0 && route.groups.length === 0) this.noResponders(message);
    else this.dispatchTo(route, message);
  }

  private dispatchTo(route: Route, message: QueuedMessage): void {
    const plain = route.plain;
    for (let i = 0; i < plain.length; i++) this.handOver(plain[i], message);
    const groups = route.groups;
    for (let i = 0; i < groups.length; i++) {
      const member = nextMember(groups[i]);
      if (member !== undefined) this.handOver(member, message);
    }
  }

  private handOver(subscriber: Subscriber, message: QueuedMessage): void {
    if (!subscriber.active) return;
    subscriber.traffic.messagesIn++;
    subscriber.traffic.bytesIn += message.payload.length;
    this.invoke(subscriber.handler, message);
  }

  /** The message's place in the queue has just become free, so the notice needs no check of the bound. */
  private noResponders(message: QueuedMessage): void {
    if (message.replyTo === undefined) return;
    this.enqueue(new QueuedMessage(message.replyTo, NO_PAYLOAD, undefined, undefined, true, undefined));
  }
}

/** The group's next member that is still there; an earlier handler of the same message may have removed some. */
function nextMember(group: QueueGroup): Subscriber | undefined {
  for (let tries = 0; tries < group.members.length; tries++) {
    const member = group.members[group.next];
    group.next = group.next + 1 === group.members.length ? 0 : group.next + 1;
    if (member.active) return member;
  }
  return undefined;
}
