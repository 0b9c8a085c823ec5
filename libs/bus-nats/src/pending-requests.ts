import type { BusErrorReason, BusMessage, RequestOutcome } from '#libs/ports';

interface PendingRequest {
  readonly subject: string;
  readonly onOutcome: (outcome: RequestOutcome) => void;
  readonly timer: ReturnType<typeof setTimeout>;
}

/** Requests that wait for their answer, by the last token of the reply subject. */
export class PendingRequests {
  private readonly byToken = new Map<string, PendingRequest>();
  private started = 0;

  /** `call` runs an outcome callback and catches what it throws. */
  constructor(private readonly call: (subject: string, callback: () => void) => void) {}

  get size(): number {
    return this.byToken.size;
  }

  /** The token of the next request. */
  nextToken(): string {
    return (++this.started).toString(36);
  }

  add(token: string, subject: string, deadlineMs: number, onOutcome: (outcome: RequestOutcome) => void): void {
    const timer = setTimeout(() => this.settle(token, { ok: false, reason: 'timeout' }), deadlineMs);
    this.byToken.set(token, { subject, onOutcome, timer });
  }

  /** An answer that comes after the deadline, or a second one, finds nothing and is dropped. */
  onReply(token: string, message: BusMessage): void {
    this.settle(token, message.noResponders ? { ok: false, reason: 'no-responders' } : { ok: true, message });
  }

  failAll(reason: BusErrorReason): void {
    for (const token of this.byToken.keys()) this.settle(token, { ok: false, reason });
  }

  private settle(token: string, outcome: RequestOutcome): void {
    const request = this.byToken.get(token);
    if (request === undefined) return;
    this.byToken.delete(token);
    clearTimeout(request.timer);
    this.call(request.subject, () => request.onOutcome(outcome));
  }
}
