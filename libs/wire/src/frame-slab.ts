const SLAB_BYTES = 1024 * 1024;

/**
 * Copies finished frames out of a reused writer. Small frames share slabs: one allocation serves many frames, and a slab
 * is garbage once all its frames are. (A typed array per frame would cost a malloc, a zero-fill and a finaliser each.)
 */
export class FrameSlab {
  private slab = new Uint8Array(SLAB_BYTES);
  private used = 0;

  copy(source: Uint8Array, length: number): Uint8Array {
    if (length > SLAB_BYTES / 4) return source.slice(0, length);
    if (this.used + length > SLAB_BYTES) {
      this.slab = new Uint8Array(SLAB_BYTES);
      this.used = 0;
    }
    const frame = this.slab.subarray(this.used, this.used + length);
    frame.set(source.subarray(0, length));
    this.used += length;
    return frame;
  }
}
