import type { BusHeaders, BusMessage } from '#libs/ports';
import type { Route } from './subscription-index.js';

/** A published message on its way; the only object that a publish allocates. */
export class QueuedMessage implements BusMessage {
  constructor(
    readonly subject: string,
    readonly payload: Uint8Array,
    readonly replyTo: string | undefined,
    readonly headers: BusHeaders | undefined,
    readonly noResponders: boolean,
    /** Where the subject led at the time of publishing, if that was known; checked again at delivery. */
    readonly route: Route | undefined,
  ) {}
}

const INITIAL_SLOTS = 64;

/** A first-in, first-out ring of messages. It grows as needed; who pushes keeps the bound. */
export class MessageQueue {
  private slots: (QueuedMessage | undefined)[] = new Array<QueuedMessage | undefined>(INITIAL_SLOTS).fill(undefined);
  private head = 0;
  private count = 0;
  private payloadBytes = 0;

  get length(): number {
    return this.count;
  }

  /** Payload bytes of all queued messages. */
  get bytes(): number {
    return this.payloadBytes;
  }

  push(message: QueuedMessage): void {
    if (this.count === this.slots.length) this.grow();
    this.slots[(this.head + this.count) & (this.slots.length - 1)] = message;
    this.count++;
    this.payloadBytes += message.payload.length;
  }

  shift(): QueuedMessage | undefined {
    const message = this.slots[this.head];
    if (message === undefined) return undefined;
    this.slots[this.head] = undefined;
    this.head = (this.head + 1) & (this.slots.length - 1);
    this.count--;
    this.payloadBytes -= message.payload.length;
    return message;
  }

  private grow(): void {
    const size = this.slots.length;
    const wider = new Array<QueuedMessage | undefined>(size * 2).fill(undefined);
    for (let i = 0; i < size; i++) wider[i] = this.slots[(this.head + i) & (size - 1)];
    this.slots = wider;
    this.head = 0;
  }
}
