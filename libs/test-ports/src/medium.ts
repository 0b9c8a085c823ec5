import type { BusHeaders, BusMessage } from '#libs/ports';
import type { ManualTime } from './manual-time.js';

export interface Subscriber {
  readonly pattern: readonly string[];
  readonly handler: (message: BusMessage) => void;
}

/** What a bus client needs of the network behind it. */
export interface Medium {
  readonly time: ManualTime;
  readonly maxPayloadBytes: number;
  enqueue(subject: string, payload: Uint8Array, replyTo: string | undefined, headers: BusHeaders | undefined): void;
  add(subscriber: Subscriber): void;
  remove(subscriber: Subscriber): void;
}
