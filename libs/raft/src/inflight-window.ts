/** The appends to one peer that have no answer yet: a ring of their last indexes and bytes, bounded in both. */
export class InflightWindow {
  private readonly lastIndexes: Float64Array;
  private readonly sizes: Float64Array;
  private start = 0;
  private used = 0;
  private bytes = 0;

  constructor(
    private readonly maxMessages: number,
    private readonly maxBytes: number,
  ) {
    this.lastIndexes = new Float64Array(maxMessages);
    this.sizes = new Float64Array(maxMessages);
  }

  get isFull(): boolean {
    return this.used === this.maxMessages || this.bytes >= this.maxBytes;
  }

  add(lastIndex: number, bytes: number): void {
    const at = (this.start + this.used) % this.maxMessages;
    this.lastIndexes[at] = lastIndex;
    this.sizes[at] = bytes;
    this.used++;
    this.bytes += bytes;
  }

  /** The peer has answered for everything up to `index`. */
  releaseTo(index: number): void {
    while (this.used > 0 && this.lastIndexes[this.start] <= index) this.releaseOldest();
  }

  /** The answer to the oldest seems to be lost: one more may go out. */
  releaseOldest(): void {
    if (this.used === 0) return;
    this.bytes -= this.sizes[this.start];
    this.start = (this.start + 1) % this.maxMessages;
    this.used--;
  }

  clear(): void {
    this.start = 0;
    this.used = 0;
    this.bytes = 0;
  }
}
