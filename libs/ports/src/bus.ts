/**
 * The message bus: subjects with NATS's syntax (`.`-separated tokens, `*` and `>` wildcards in subscriptions).
 * Delivery is at most once and in order per publisher and subject while the connection lasts; a message may be
 * lost. No call delivers to a handler before it has returned: handlers run in a later turn or microtask.
 */
export interface BusMessage {
  readonly subject: string;
  /** Valid during the handler only where the adapter says so; copy what is kept. */
  readonly payload: Uint8Array;
  readonly replyTo: string | undefined;
  readonly headers: BusHeaders | undefined;
  /** True for the bus's own answer that nobody subscribes to the subject published to; `payload` is empty. */
  readonly noResponders: boolean;
}

export type BusHeaders = Readonly<Record<string, string>>;

export interface PublishOptions {
  /** Where answers go, and the "no responders" notice when nobody listens. */
  readonly replyTo?: string;
  readonly headers?: BusHeaders;
}

export interface SubscribeOptions {
  /** Members of one queue group share the messages. */
  readonly queue?: string;
}

export interface BusSubscription {
  readonly subject: string;
  unsubscribe(): void;
}

export type BusErrorReason = 'timeout' | 'no-responders' | 'disconnected' | 'closed' | 'payload-too-large';

export type RequestOutcome =
  { readonly ok: true; readonly message: BusMessage } | { readonly ok: false; readonly reason: BusErrorReason };

export type BusStatus = 'connected' | 'disconnected' | 'closed';

export interface Bus {
  readonly status: BusStatus;
  /** The largest payload that publish takes, in bytes. */
  readonly maxPayloadBytes: number;
  /**
   * Hands the payload over: the caller does not change it afterwards. While disconnected, and for a payload that
   * is too large, it answers false and drops the message, as it does when the send buffer's bound is reached.
   */
  publish(subject: string, payload: Uint8Array, options?: PublishOptions): boolean;
  subscribe(subject: string, handler: (message: BusMessage) => void, options?: SubscribeOptions): BusSubscription;
  /** One answer, or the reason for none; `onOutcome` is called exactly once, never before this call returns. */
  request(
    subject: string,
    payload: Uint8Array,
    deadlineMs: number,
    onOutcome: (outcome: RequestOutcome) => void,
    headers?: BusHeaders,
  ): void;
  /** Called at every change of status; answers a function that ends it. */
  onStatus(listener: (status: BusStatus) => void): () => void;
  /** Messages and bytes so far, for metrics. */
  readonly traffic: BusTraffic;
}

export interface BusTraffic {
  messagesIn: number;
  messagesOut: number;
  bytesIn: number;
  bytesOut: number;
  /** Messages that publish refused or that the client library dropped for a slow consumer. */
  dropped: number;
}
