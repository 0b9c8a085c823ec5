/** A bus that is a function call: what is published goes to a listener, and messages are handed in. */
import type { Bus, BusMessage, BusSubscription, RequestOutcome } from '#libs/ports';

const MAX_PAYLOAD_BYTES = 1024 * 1024;

export class DirectBus implements Bus {
  readonly status = 'connected';
  readonly maxPayloadBytes = MAX_PAYLOAD_BYTES;
  readonly traffic = { messagesIn: 0, messagesOut: 0, bytesIn: 0, bytesOut: 0, dropped: 0 };
  onPublish: (payload: Uint8Array) => void = () => undefined;
  private readonly handlers = new Map<string, (message: BusMessage) => void>();

  publish(_subject: string, payload: Uint8Array): boolean {
    this.onPublish(payload);
    return true;
  }

  subscribe(subject: string, handler: (message: BusMessage) => void): BusSubscription {
    this.handlers.set(subject, handler);
    return { subject, unsubscribe: () => this.handlers.delete(subject) };
  }

  /** Nobody answers. */
  request(
    _subject: string,
    _payload: Uint8Array,
    _deadlineMs: number,
    _onOutcome: (outcome: RequestOutcome) => void,
  ): void {
    return;
  }

  onStatus(): () => void {
    return () => undefined;
  }

  deliver(subject: string, payload: Uint8Array, replyTo: string | undefined): void {
    this.handlers.get(subject)?.({ subject, payload, replyTo, headers: undefined, noResponders: false });
  }
}
