import {
  errors,
  nuid,
  type NatsConnection,
  type PublishOptions as ClientPublishOptions,
} from '@nats-io/transport-node';
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
} from '#libs/ports';
import { clientInternals, pendingBytes, type ClientInternals } from './client-internals.js';
import { encodeHeaders, NatsMessage } from './nats-message.js';
import { NATS_DEFAULTS, type NatsErrorKind, type NatsOptions } from './nats-options.js';
import { PendingRequests } from './pending-requests.js';
import { watchStatus } from './watch-status.js';

const PATTERN = /^(?:[^\s.>]+\.)*(?:[^\s.>]+|>)$/;
const WILDCARD = /(?:^|\.)(?:\*|>)(?:\.|$)/;

/**
 * The bus over a NATS connection. Nothing is kept for a server that is away: publish refuses. Subscriptions
 * survive a reconnect. A request that was sent before the connection broke runs until its deadline, since its
 * answer may still come: the reason `disconnected` always means that the request was not sent.
 */
export class NatsBus implements Bus {
  readonly traffic: BusTraffic = { messagesIn: 0, messagesOut: 0, bytesIn: 0, bytesOut: 0, dropped: 0 };
  private readonly internals: ClientInternals;
  private readonly maxPendingBytes: number;
  private readonly maxPendingRequests: number;
  private readonly requests = new PendingRequests((subject, callback) => this.guard(subject, callback));
  private readonly inbox: string;
  private inboxOpen = false;
  private readonly listeners = new Set<(status: BusStatus) => void>();
  private currentStatus: BusStatus = 'connected';
  private currentMaxPayloadBytes = 0;
  private errorsSoFar = 0;
  private closing: Promise<void> | undefined;
  /** One object for all publishes: the client library reads it before it returns and keeps nothing of it. */
  private readonly publishOptions: ClientPublishOptions = { reply: '' };

  /** Made by `connectNats`. `connection` is public for other users of the same connection, such as Nest's transport. */
  constructor(
    readonly connection: NatsConnection,
    private readonly options: NatsOptions,
  ) {
    this.internals = clientInternals(connection);
    this.maxPendingBytes = options.maxPendingBytes ?? NATS_DEFAULTS.maxPendingBytes;
    this.maxPendingRequests = options.maxPendingRequests ?? NATS_DEFAULTS.maxPendingRequests;
    this.inbox = `${options.inboxPrefix ?? NATS_DEFAULTS.inboxPrefix}.${nuid.next()}.`;
    this.readServerLimits();
    watchStatus(connection, {
      onStatus: (status) => this.changeStatus(status),
      onError: (kind, error) => this.report(kind, error),
    });
  }

  get status(): BusStatus {
    return this.currentStatus;
  }

  /** As the server that is connected to says; the last one's while disconnected. */
  get maxPayloadBytes(): number {
    return this.currentMaxPayloadBytes;
  }

  /** Bytes published and not yet taken by the operating system. */
  get pendingBytes(): number {
    return pendingBytes(this.internals);
  }

  /** Everything ever reported through `onError`, for metrics. */
  get errorCount(): number {
    return this.errorsSoFar;
  }

  publish(subject: string, payload: Uint8Array, options?: PublishOptions): boolean {
    return this.send(subject, payload, options?.replyTo, options?.headers) === undefined;
  }

  /** Throws on a malformed subject, and after close. */
  subscribe(subject: string, handler: (message: BusMessage) => void, options?: SubscribeOptions): BusSubscription {
    if (!PATTERN.test(subject)) throw new Error(`invalid subject to subscribe to: '${subject}'`);
    if (this.closing !== undefined || this.currentStatus === 'closed') throw new Error('the bus is closed');
    const exactSubject = WILDCARD.test(subject) ? undefined : subject;
    const subscription = this.connection.subscribe(subject, {
      ...(options?.queue === undefined ? {} : { queue: options.queue }),
      callback: (error, received) => {
        // The server refused the subscription; that is reported as a status as well, once for all.
        if (error !== null) return;
        const message = new NatsMessage(received, exactSubject);
        this.traffic.messagesIn++;
        this.traffic.bytesIn += message.payload.length;
        try {
          handler(message);
        } catch (thrown) {
          this.report('handler', thrown, message.subject);
        }
      },
    });
    return { subject, unsubscribe: () => subscription.unsubscribe() };
  }

  /** A request that finds no room in a queue is answered as `disconnected`: it was not sent. */
  request(
    subject: string,
    payload: Uint8Array,
    deadlineMs: number,
    onOutcome: (outcome: RequestOutcome) => void,
    headers?: BusHeaders,
  ): void {
    const refusal = this.requests.size >= this.maxPendingRequests ? 'disconnected' : this.openInbox();
    const token = this.requests.nextToken();
    const reason = refusal ?? this.send(subject, payload, this.inbox + token, headers);
    if (reason === undefined) this.requests.add(token, subject, deadlineMs, onOutcome);
    else queueMicrotask(() => this.guard(subject, () => onOutcome({ ok: false, reason })));
  }

  onStatus(listener: (status: BusStatus) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Answers once the server has taken everything published and subscribed before; fails when disconnected. */
  async flush(): Promise<void> {
    await this.connection.flush();
  }

  /**
   * Lets handlers finish what has arrived, sends what was published, then disconnects; after `closeTimeoutMs` it
   * disconnects anyway. Pending requests end at once. Never fails.
   */
  close(): Promise<void> {
    this.closing ??= this.drainAndClose();
    return this.closing;
  }

  private async drainAndClose(): Promise<void> {
    this.requests.failAll('closed');
    try {
      if (this.internals.connected) await this.drain(this.options.closeTimeoutMs ?? NATS_DEFAULTS.closeTimeoutMs);
    } catch (error) {
      this.report('close', error);
    }
    if (!this.connection.isClosed()) await this.connection.close();
    this.changeStatus('closed');
  }

  private async drain(limitMs: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const limit = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`not drained after ${limitMs} ms`)), limitMs);
    });
    try {
      await Promise.race([this.connection.drain(), limit]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Publishes; answers why not otherwise. */
  private send(
    subject: string,
    payload: Uint8Array,
    replyTo: string | undefined,
    headers: BusHeaders | undefined,
  ): BusErrorReason | undefined {
    const reason = this.refusalOf(payload) ?? this.hand(subject, payload, replyTo, headers);
    if (reason !== undefined) {
      this.traffic.dropped++;
      return reason;
    }
    this.traffic.messagesOut++;
    this.traffic.bytesOut += payload.length;
    return undefined;
  }

  private refusalOf(payload: Uint8Array): BusErrorReason | undefined {
    if (!this.internals.connected) return this.currentStatus === 'closed' ? 'closed' : 'disconnected';
    if (payload.length > this.currentMaxPayloadBytes) return 'payload-too-large';
    if (pendingBytes(this.internals) + payload.length > this.maxPendingBytes) return 'disconnected';
    return undefined;
  }

  private hand(
    subject: string,
    payload: Uint8Array,
    replyTo: string | undefined,
    headers: BusHeaders | undefined,
  ): BusErrorReason | undefined {
    try {
      if (headers === undefined) {
        this.publishOptions.reply = replyTo ?? '';
        this.connection.publish(subject, payload, this.publishOptions);
      } else {
        this.connection.publish(subject, payload, { reply: replyTo ?? '', headers: encodeHeaders(headers) });
      }
      return undefined;
    } catch (error) {
      return this.reasonOf(error, subject);
    }
  }

  private reasonOf(error: unknown, subject: string): BusErrorReason {
    if (error instanceof errors.ClosedConnectionError || error instanceof errors.DrainingConnectionError) {
      return 'closed';
    }
    // The only other limit that the client library checks: payload and headers together.
    if (error instanceof Error && error.message.includes('max_payload')) return 'payload-too-large';
    this.report('publish', error, subject);
    return 'no-responders';
  }

  /** Subscribes for answers at the first request. */
  private openInbox(): BusErrorReason | undefined {
    if (this.closing !== undefined || this.currentStatus === 'closed') return 'closed';
    if (this.inboxOpen) return undefined;
    const prefixLength = this.inbox.length;
    this.subscribe(`${this.inbox}*`, (message) => {
      this.requests.onReply(message.subject.slice(prefixLength), message);
    });
    this.inboxOpen = true;
    return undefined;
  }

  private changeStatus(status: BusStatus): void {
    if (status === this.currentStatus || this.currentStatus === 'closed') return;
    this.currentStatus = status;
    if (status === 'connected') this.readServerLimits();
    if (status === 'closed') this.requests.failAll('closed');
    for (const listener of this.listeners) this.guard('', () => listener(status));
  }

  private readServerLimits(): void {
    this.currentMaxPayloadBytes = this.connection.info?.max_payload ?? this.currentMaxPayloadBytes;
  }

  private guard(subject: string, callback: () => void): void {
    try {
      callback();
    } catch (error) {
      this.report('handler', error, subject);
    }
  }

  private report(kind: NatsErrorKind, error: unknown, subject?: string): void {
    this.errorsSoFar++;
    this.options.onError?.(subject === undefined ? { kind, error } : { kind, error, subject });
  }
}
