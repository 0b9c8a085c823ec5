import type {
  Bus,
  BusErrorReason,
  BusHeaders,
  BusMessage,
  BusStatus,
  BusSubscription,
  BusTraffic,
  PublishOptions,
  RequestOutcome,
  SubscribeOptions,
  TimerHandle,
} from '#libs/ports';
import type { InProcessBroker } from './in-process-broker.js';
import { isSubject, isSubjectPattern } from './subject.js';
import type { Subscriber } from './subscription-index.js';

interface PendingRequest {
  readonly subject: string;
  readonly replySubject: string;
  readonly onOutcome: (outcome: RequestOutcome) => void;
  readonly timer: TimerHandle;
}

/**
 * One client of an {@link InProcessBroker}: the bus of standalone mode. Payloads and headers reach the handlers as
 * the publisher's own objects, without a copy, and stay valid after the handler. Replies to requests reach the
 * requester alone, no other subscription.
 */
export class InProcessBus implements Bus {
  readonly traffic: BusTraffic = { messagesIn: 0, messagesOut: 0, bytesIn: 0, bytesOut: 0, dropped: 0 };
  readonly maxPayloadBytes: number;
  private currentStatus: BusStatus = 'connected';
  private readonly inbox: string;
  private requests = 0;
  private readonly subscribers = new Set<Subscriber>();
  private readonly pending = new Set<PendingRequest>();
  private readonly listeners = new Set<(status: BusStatus) => void>();

  constructor(private readonly broker: InProcessBroker) {
    this.maxPayloadBytes = broker.maxPayloadBytes;
    this.inbox = `_INBOX.${broker.nextClientId()}.`;
  }

  get status(): BusStatus {
    return this.currentStatus;
  }

  publish(subject: string, payload: Uint8Array, options?: PublishOptions): boolean {
    return this.send(subject, payload, options?.replyTo, options?.headers);
  }

  /** Throws on a malformed subject, and after close. */
  subscribe(subject: string, handler: (message: BusMessage) => void, options?: SubscribeOptions): BusSubscription {
    if (!isSubjectPattern(subject)) throw new Error(`invalid subject to subscribe to: '${subject}'`);
    if (this.currentStatus === 'closed') throw new Error('the bus is closed');
    const subscriber: Subscriber = {
      subject,
      queue: options?.queue,
      handler,
      traffic: this.traffic,
      active: true,
    };
    this.subscribers.add(subscriber);
    this.broker.add(subscriber);
    return {
      subject,
      unsubscribe: () => {
        if (this.subscribers.delete(subscriber)) this.broker.remove(subscriber);
      },
    };
  }

  /** A request that finds no room in a queue is answered as `disconnected`: it was not sent. */
  request(
    subject: string,
    payload: Uint8Array,
    deadlineMs: number,
    onOutcome: (outcome: RequestOutcome) => void,
    headers?: BusHeaders,
  ): void {
    const refusal = this.refusalOf(subject, payload);
    if (refusal !== undefined) {
      this.refuse(subject, refusal, onOutcome);
      return;
    }
    const replySubject = this.inbox + String(++this.requests);
    if (!this.send(subject, payload, replySubject, headers)) {
      this.refuse(subject, 'disconnected', onOutcome);
      return;
    }
    const request: PendingRequest = {
      subject,
      replySubject,
      onOutcome,
      timer: this.broker.timers.after(deadlineMs, () => this.settle(request, { ok: false, reason: 'timeout' })),
    };
    this.pending.add(request);
    this.broker.expectReply(replySubject, (message) => this.onReply(request, message));
  }

  onStatus(listener: (status: BusStatus) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Ends all subscriptions and requests; what this client has published is still delivered. */
  close(): void {
    if (this.currentStatus === 'closed') return;
    this.currentStatus = 'closed';
    for (const subscriber of this.subscribers) this.broker.remove(subscriber);
    this.subscribers.clear();
    for (const request of this.pending) this.settle(request, { ok: false, reason: 'closed' });
    for (const listener of this.listeners) this.guard('', () => listener('closed'));
    this.listeners.clear();
  }

  private send(
    subject: string,
    payload: Uint8Array,
    replyTo: string | undefined,
    headers: BusHeaders | undefined,
  ): boolean {
    if (
      this.currentStatus === 'closed' ||
      payload.length > this.maxPayloadBytes ||
      !this.broker.publish(subject, payload, replyTo, headers)
    ) {
      this.traffic.dropped++;
      return false;
    }
    this.traffic.messagesOut++;
    this.traffic.bytesOut += payload.length;
    return true;
  }

  private refusalOf(subject: string, payload: Uint8Array): BusErrorReason | undefined {
    if (this.currentStatus === 'closed') return 'closed';
    if (payload.length > this.maxPayloadBytes) return 'payload-too-large';
    if (!isSubject(subject)) return 'no-responders';
    if (this.pending.size >= this.broker.maxPendingRequests) return 'disconnected';
    return undefined;
  }

  private refuse(subject: string, reason: BusErrorReason, onOutcome: (outcome: RequestOutcome) => void): void {
    queueMicrotask(() => this.guard(subject, () => onOutcome({ ok: false, reason })));
  }

  private onReply(request: PendingRequest, message: BusMessage): void {
    if (message.noResponders) {
      this.settle(request, { ok: false, reason: 'no-responders' });
      return;
    }
    this.traffic.messagesIn++;
    this.traffic.bytesIn += message.payload.length;
    this.settle(request, { ok: true, message });
  }

  private settle(request: PendingRequest, outcome: RequestOutcome): void {
    if (!this.pending.delete(request)) return;
    request.timer.cancel();
    this.broker.forgetReply(request.replySubject);
    this.guard(request.subject, () => request.onOutcome(outcome));
  }

  private guard(subject: string, callback: () => void): void {
    try {
      callback();
    } catch (error) {
      this.broker.reportError(error, subject);
    }
  }
}
