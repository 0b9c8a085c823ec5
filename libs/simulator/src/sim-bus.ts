/**
 * The bus port of one simulated process: one connection to the {@link SimNetwork}. As with NatsBus, publish refuses while
 * disconnected, subscriptions come back with the connection, and a request that was sent runs until its deadline. A payload
 * that its publisher changes after handing it over is a finding: the in-process bus would deliver the changed bytes.
 */
import { assert, crc32 } from '#libs/kernel';
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
import type { Interest, Outgoing, Peer, SimNetwork } from './sim-network.js';
import type { SimProcess } from './sim-process.js';
import { isPattern, isSubject } from './subjects.js';

const MAX_PAYLOAD_BYTES = 1_048_576;

interface PendingRequest {
  readonly onOutcome: (outcome: RequestOutcome) => void;
  readonly timer: TimerHandle;
}

/** One subscription of a connection: the broker's interest in it comes and goes with the connection. */
export class SimSubscription implements BusSubscription, Interest {
  readonly tokens: readonly string[];
  private isActive = true;

  constructor(
    readonly bus: SimBus,
    readonly subject: string,
    readonly queue: string | undefined,
    private readonly handler: (message: BusMessage) => void,
    private readonly onEnd: (subscription: SimSubscription) => void,
  ) {
    this.tokens = subject.split('.');
  }

  receive(message: BusMessage): void {
    if (!this.isActive) return;
    this.bus.traffic.messagesIn++;
    this.bus.traffic.bytesIn += message.payload.length;
    this.handler(message);
  }

  unsubscribe(): void {
    if (!this.isActive) return;
    this.isActive = false;
    this.onEnd(this);
  }
}

export class SimBus implements Bus, Peer {
  readonly traffic: BusTraffic = { messagesIn: 0, messagesOut: 0, bytesIn: 0, bytesOut: 0, dropped: 0 };
  readonly maxPayloadBytes = MAX_PAYLOAD_BYTES;
  readonly inbox: string;
  private currentStatus: BusStatus = 'connected';
  /** Grows with each connection: what was under way when one broke is lost. */
  private connection = 0;
  private sentUntilMs = 0;
  private requests = 0;
  private readonly subscriptions = new Set<SimSubscription>();
  private readonly pending = new Map<string, PendingRequest>();
  private readonly listeners = new Set<(status: BusStatus) => void>();

  constructor(
    readonly process: SimProcess,
    private readonly network: SimNetwork,
  ) {
    this.inbox = `_INBOX.${network.nextConnectionId()}`;
    network.register(this.inbox, this);
  }

  get status(): BusStatus {
    return this.currentStatus;
  }

  publish(subject: string, payload: Uint8Array, options?: PublishOptions): boolean {
    return this.send(subject, payload, options?.replyTo, options?.headers) === undefined;
  }

  /** Throws on a malformed subject, and after close. */
  subscribe(subject: string, handler: (message: BusMessage) => void, options?: SubscribeOptions): BusSubscription {
    if (!isPattern(subject)) throw new Error(`invalid subject to subscribe to: '${subject}'`);
    if (this.currentStatus === 'closed') throw new Error('the bus is closed');
    const subscription = new SimSubscription(this, subject, options?.queue, handler, (ended) => {
      this.subscriptions.delete(ended);
      this.atBroker(() => this.network.removeInterest(ended));
    });
    this.subscriptions.add(subscription);
    this.atBroker(() => this.network.addInterest(subscription));
    return subscription;
  }

  request(
    subject: string,
    payload: Uint8Array,
    deadlineMs: number,
    onOutcome: (outcome: RequestOutcome) => void,
    headers?: BusHeaders,
  ): void {
    const token = `${this.inbox}.${++this.requests}`;
    const reason = this.send(subject, payload, token, headers);
    if (reason !== undefined) {
      this.process.after(0, () => onOutcome({ ok: false, reason }));
      return;
    }
    const timer = this.process.after(deadlineMs, () => this.settle(token, { ok: false, reason: 'timeout' }));
    this.pending.set(token, { onOutcome, timer });
  }

  onStatus(listener: (status: BusStatus) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The connection to the broker breaks; the process notices at once. */
  disconnect(): void {
    if (this.currentStatus !== 'connected') return;
    this.connection++;
    for (const subscription of this.subscriptions) this.network.removeInterest(subscription);
    this.currentStatus = 'disconnected';
    this.tellListeners('disconnected');
  }

  reconnect(): void {
    if (this.currentStatus !== 'disconnected') return;
    this.connection++;
    this.currentStatus = 'connected';
    for (const subscription of this.subscriptions) this.atBroker(() => this.network.addInterest(subscription));
    this.tellListeners('connected');
  }

  /** The process has died. */
  crash(): void {
    this.connection++;
    this.currentStatus = 'closed';
    this.network.forget(this, this.subscriptions);
  }

  close(): void {
    if (this.currentStatus === 'closed') return;
    this.connection++;
    for (const subscription of this.subscriptions) this.network.removeInterest(subscription);
    this.subscriptions.clear();
    this.currentStatus = 'closed';
    for (const token of this.pending.keys()) this.settle(token, { ok: false, reason: 'closed' });
    for (const listener of this.listeners) listener('closed');
  }

  /** A message for this connection arrives at a time, unless the connection breaks before. */
  arriveAt(atMs: number, sent: Outgoing | undefined, handOver: () => void): void {
    const { connection } = this;
    this.network.queue.at(atMs, () => {
      this.process.enter(() => {
        if (connection !== this.connection) return;
        if (sent !== undefined) checkUnchanged(sent);
        handOver();
        if (sent !== undefined) checkUnchanged(sent);
      });
    });
  }

  onInbox(message: BusMessage): void {
    const isAnswer = !message.noResponders;
    if (isAnswer && this.pending.has(message.subject)) {
      this.traffic.messagesIn++;
      this.traffic.bytesIn += message.payload.length;
    }
    this.settle(message.subject, isAnswer ? { ok: true, message } : { ok: false, reason: 'no-responders' });
  }

  private send(
    subject: string,
    payload: Uint8Array,
    replyTo: string | undefined,
    headers: BusHeaders | undefined,
  ): BusErrorReason | undefined {
    const reason = this.refusalOf(subject, payload, replyTo);
    if (reason !== undefined) {
      this.traffic.dropped++;
      return reason;
    }
    this.traffic.messagesOut++;
    this.traffic.bytesOut += payload.length;
    const outgoing = { from: this, subject, payload, replyTo, headers, checksum: crc32(payload) };
    if (!this.network.rng.chance(this.network.quality.dropRate)) this.atBroker(() => this.network.route(outgoing));
    return undefined;
  }

  private refusalOf(subject: string, payload: Uint8Array, replyTo: string | undefined): BusErrorReason | undefined {
    if (this.currentStatus !== 'connected') return this.currentStatus;
    if (payload.length > MAX_PAYLOAD_BYTES) return 'payload-too-large';
    return isSubject(subject) && (replyTo === undefined || isSubject(replyTo)) ? undefined : 'no-responders';
  }

  /** What this connection has sent reaches the broker, in the order of sending. */
  private atBroker(action: () => void): void {
    if (this.currentStatus !== 'connected') return;
    const { queue } = this.network;
    const { connection } = this;
    this.sentUntilMs = Math.max(queue.nowMs + this.network.hopDelayMs(), this.sentUntilMs);
    queue.at(this.sentUntilMs, () => {
      if (connection === this.connection) action();
    });
  }

  private settle(token: string, outcome: RequestOutcome): void {
    const request = this.pending.get(token);
    if (request === undefined) return;
    this.pending.delete(token);
    request.timer.cancel();
    request.onOutcome(outcome);
  }

  private tellListeners(status: BusStatus): void {
    this.process.enter(() => {
      for (const listener of this.listeners) listener(status);
    });
  }
}

function checkUnchanged({ payload, checksum, subject }: Outgoing): void {
  assert(crc32(payload) === checksum, `a payload on ${subject} was changed after it had been handed to the bus`);
}
