import type {
  Bus,
  BusHeaders,
  BusMessage,
  BusStatus,
  BusSubscription,
  BusTraffic,
  PublishOptions,
  RequestOutcome,
} from '#libs/ports';
import type { Medium, Subscriber } from './medium.js';

/** One client of a network whose messages move when a test says so. */
export class ManualBus implements Bus {
  readonly traffic: BusTraffic = { messagesIn: 0, messagesOut: 0, bytesIn: 0, bytesOut: 0, dropped: 0 };
  /** While true, publish refuses everything. */
  isRefusing = false;
  private currentStatus: BusStatus = 'connected';
  private requests = 0;
  private readonly subscribers = new Set<Subscriber>();
  private readonly listeners = new Set<(status: BusStatus) => void>();

  constructor(
    private readonly network: Medium,
    private readonly clientId: number,
  ) {}

  get status(): BusStatus {
    return this.currentStatus;
  }

  get maxPayloadBytes(): number {
    return this.network.maxPayloadBytes;
  }

  publish(subject: string, payload: Uint8Array, options?: PublishOptions): boolean {
    return this.send(subject, payload, options?.replyTo, options?.headers);
  }

  subscribe(subject: string, handler: (message: BusMessage) => void): BusSubscription {
    const subscriber: Subscriber = { pattern: subject.split('.'), handler };
    this.subscribers.add(subscriber);
    if (this.currentStatus === 'connected') this.network.add(subscriber);
    return {
      subject,
      unsubscribe: () => {
        this.subscribers.delete(subscriber);
        this.network.remove(subscriber);
      },
    };
  }

  request(
    subject: string,
    payload: Uint8Array,
    deadlineMs: number,
    onOutcome: (outcome: RequestOutcome) => void,
    headers?: BusHeaders,
  ): void {
    const inbox = `_INBOX.${this.clientId}.${++this.requests}`;
    if (!this.send(subject, payload, inbox, headers)) {
      this.network.time.endOfTurn(() => onOutcome({ ok: false, reason: 'disconnected' }));
      return;
    }
    const settle = (outcome: RequestOutcome): void => {
      timer.cancel();
      this.network.remove(subscriber);
      onOutcome(outcome);
    };
    const timer = this.network.time.after(deadlineMs, () => settle({ ok: false, reason: 'timeout' }));
    const subscriber: Subscriber = {
      pattern: inbox.split('.'),
      handler: (message) =>
        settle(message.noResponders ? { ok: false, reason: 'no-responders' } : { ok: true, message }),
    };
    this.network.add(subscriber);
  }

  onStatus(listener: (status: BusStatus) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Breaks or makes the connection: subscriptions come back with it. */
  setStatus(status: BusStatus): void {
    this.currentStatus = status;
    for (const subscriber of this.subscribers) {
      if (status === 'connected') this.network.add(subscriber);
      else this.network.remove(subscriber);
    }
    for (const listener of this.listeners) listener(status);
  }

  private send(
    subject: string,
    payload: Uint8Array,
    replyTo: string | undefined,
    headers: BusHeaders | undefined,
  ): boolean {
    if (this.currentStatus !== 'connected' || this.isRefusing || payload.length > this.maxPayloadBytes) {
      this.traffic.dropped++;
      return false;
    }
    this.traffic.messagesOut++;
    this.traffic.bytesOut += payload.length;
    this.network.enqueue(subject, payload, replyTo, headers);
    return true;
  }
}
