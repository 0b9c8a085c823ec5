import type { BusHeaders, BusMessage } from '#libs/ports';
import { ManualBus } from './manual-bus.js';
import { ManualTime } from './manual-time.js';
import type { Medium, Subscriber } from './medium.js';

/** What a test decides about a message on its way; `unheard`: as if nobody had subscribed to its subject. */
export type Fate = 'deliver' | 'drop' | 'keep' | 'unheard';

export type Rule = (message: BusMessage) => Fate;

/**
 * A bus whose messages move when a test says so, in the order of publishing. A rule may drop messages or keep them back,
 * and everything that was published is recorded.
 */
export class ManualNetwork implements Medium {
  readonly published: BusMessage[] = [];
  /** Messages that a rule keeps back. */
  readonly kept: BusMessage[] = [];
  rule: Rule = () => 'deliver';
  private queue: BusMessage[] = [];
  private readonly subscribers = new Set<Subscriber>();
  private clients = 0;

  constructor(
    readonly time: ManualTime = new ManualTime(),
    readonly maxPayloadBytes = 1024 * 1024,
  ) {
    time.afterEach = () => this.settle();
  }

  bus(): ManualBus {
    return new ManualBus(this, ++this.clients);
  }

  /** Delivers and ends turns until nothing is left to do. */
  settle(): void {
    for (let round = 0; round < 100_000; round++) {
      const message = this.queue.shift();
      if (message !== undefined) this.dispatch(message);
      else if (!this.time.runTurn()) return;
    }
    throw new Error('the network does not come to rest');
  }

  /** Delivers everything published so far without ending turns. */
  deliverQueued(): void {
    for (let message = this.queue.shift(); message !== undefined; message = this.queue.shift()) this.dispatch(message);
  }

  /** Lets kept messages go, in an order of the test's choice. */
  release(order: (kept: BusMessage[]) => BusMessage[] = (kept) => kept): void {
    this.rule = () => 'deliver';
    this.queue.push(...order(this.kept.splice(0)));
    this.settle();
  }

  enqueue(subject: string, payload: Uint8Array, replyTo: string | undefined, headers: BusHeaders | undefined): void {
    const message: BusMessage = { subject, payload, replyTo, headers, noResponders: false };
    this.published.push(message);
    this.queue.push(message);
  }

  add(subscriber: Subscriber): void {
    this.subscribers.add(subscriber);
  }

  remove(subscriber: Subscriber): void {
    this.subscribers.delete(subscriber);
  }

  /** Payloads published to a subject (or, ending in `.`, to those that begin so). */
  payloadsOf(subject: string): Uint8Array[] {
    return this.messagesOf(subject).map(({ payload }) => payload);
  }

  messagesOf(subject: string): BusMessage[] {
    return this.published.filter(
      (each) => each.subject === subject || (subject.endsWith('.') && each.subject.startsWith(subject)),
    );
  }

  private dispatch(message: BusMessage): void {
    const fate = this.rule(message);
    if (fate === 'drop') return;
    if (fate === 'keep') {
      this.kept.push(message);
      return;
    }
    const tokens = message.subject.split('.');
    const receivers = fate === 'unheard' ? [] : [...this.subscribers].filter(({ pattern }) => matches(pattern, tokens));
    for (const { handler } of receivers) handler(message);
    if (receivers.length === 0 && message.replyTo !== undefined) this.noResponders(message.replyTo);
  }

  private noResponders(subject: string): void {
    this.queue.push({
      subject,
      payload: new Uint8Array(0),
      replyTo: undefined,
      headers: undefined,
      noResponders: true,
    });
  }
}

function matches(pattern: readonly string[], tokens: readonly string[]): boolean {
  for (let i = 0; i < pattern.length; i++) {
    if (pattern[i] === '>') return tokens.length > i;
    if (i >= tokens.length || (pattern[i] !== '*' && pattern[i] !== tokens[i])) return false;
  }
  return pattern.length === tokens.length;
}
