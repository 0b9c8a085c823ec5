import { headers as newHeaders, type Msg, type MsgHdrs } from '@nats-io/transport-node';
import type { BusHeaders, BusMessage } from '#libs/ports';

const NO_RESPONDERS = 503;

/**
 * A received message. Subject and reply subject are decoded when asked for: a host that dispatches by subscription
 * pays for neither. The payload is a view of the chunk that the socket read; it stays valid after the handler, but
 * keeps the whole chunk (up to 64 KiB) alive.
 */
export class NatsMessage implements BusMessage {
  readonly payload: Uint8Array;
  readonly headers: BusHeaders | undefined;
  readonly noResponders: boolean;

  /** `exactSubject`: the subscription's subject, where it has no wildcard. */
  constructor(
    private readonly received: Msg,
    private readonly exactSubject: string | undefined,
  ) {
    this.payload = plainBytes(received.data);
    const headers = received.headers;
    this.noResponders = headers !== undefined && headers.code === NO_RESPONDERS && this.payload.length === 0;
    this.headers = headers === undefined || this.noResponders ? undefined : recordOf(headers);
  }

  get subject(): string {
    return this.exactSubject ?? this.received.subject;
  }

  get replyTo(): string | undefined {
    const reply = this.received.reply;
    return reply === undefined || reply === '' ? undefined : reply;
  }
}

/** Throws on names and values that NATS does not carry, such as line breaks. */
export function encodeHeaders(headers: BusHeaders): MsgHdrs {
  const encoded = newHeaders();
  for (const name of Object.keys(headers)) encoded.set(name, headers[name]);
  return encoded;
}

/** The socket gives Buffers, whose `slice` does not copy; hosts count on Uint8Array. */
function plainBytes(bytes: Uint8Array): Uint8Array {
  return bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Without a prototype: the names come from elsewhere. */
function recordOf(headers: MsgHdrs): BusHeaders | undefined {
  const record: Record<string, string> = Object.create(null) as Record<string, string>;
  let empty = true;
  for (const [name, values] of headers) {
    record[name] = values[0];
    empty = false;
  }
  return empty ? undefined : record;
}
