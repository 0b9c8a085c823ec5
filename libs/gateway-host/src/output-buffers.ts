const BUFFER_BYTES = 16 * 1024;
/** Buffers kept for reuse: enough for as many clients as answer within one turn. */
const MAX_KEPT = 256;

/** Buffers that replies are collected in; a connection holds one only while it has something to send. */
export class OutputBuffers {
  private readonly kept: Uint8Array[] = [];

  take(): Uint8Array {
    return this.kept.pop() ?? new Uint8Array(BUFFER_BYTES);
  }

  giveBack(buffer: Uint8Array): void {
    if (buffer.length === BUFFER_BYTES && this.kept.length < MAX_KEPT) this.kept.push(buffer);
  }
}
