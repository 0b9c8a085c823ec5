/**
 * Who takes the reply of an operation: a client connection, a gather of several replies, a span. `position` is what the
 * sink gave along with the operation. The range is valid during the call only.
 */
export interface ReplySink {
  onReply(position: number, buffer: Uint8Array, offset: number, length: number): void;
}

/** For commands whose client asked for no reply. */
export const DISCARD: ReplySink = { onReply: () => undefined };
