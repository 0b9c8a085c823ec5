const SLAB_BYTES = 1024 * 1024;
/** Frames above this have a buffer of their own. */
const MAX_SHARED_BYTES = SLAB_BYTES / 4;
const MAX_FREE_SLABS = 4;

interface Slab {
  readonly bytes: Uint8Array;
  /** Frames in it that have not been given back. */
  live: number;
}

/**
 * Copies finished frames out of a reused writer. Small frames share slabs, since a typed array per frame would cost a
 * malloc, a zero-fill and a finaliser each. A slab is used again once all its frames have been given back; frames whose
 * owner cannot tell when the last reader is done are simply not given back, and their slabs are garbage in time.
 */
export class FrameSlab {
  private slab: Slab = { bytes: new Uint8Array(SLAB_BYTES), live: 0 };
  private used = 0;
  private readonly free: Uint8Array[] = [];
  /** Full slabs by their memory; weak, so that one whose frames are not given back can be collected. */
  private readonly full = new WeakMap<ArrayBufferLike, Slab>();

  copy(source: Uint8Array, length: number): Uint8Array {
    if (length > MAX_SHARED_BYTES) return source.slice(0, length);
    const frame = this.take(length);
    frame.set(source.subarray(0, length));
    return frame;
  }

  /** Memory for a frame, which the caller fills: anything may lie in it. */
  take(length: number): Uint8Array {
    if (length > MAX_SHARED_BYTES) return new Uint8Array(length);
    if (this.used + length > SLAB_BYTES) this.renew();
    const frame = this.slab.bytes.subarray(this.used, this.used + length);
    this.used += length;
    this.slab.live++;
    return frame;
  }

  /** Nobody reads this frame any more, not even the bus. */
  giveBack(frame: Uint8Array): void {
    const slab = frame.buffer === this.slab.bytes.buffer ? this.slab : this.full.get(frame.buffer);
    if (slab === undefined || --slab.live > 0 || slab === this.slab) return;
    this.full.delete(frame.buffer);
    if (this.free.length < MAX_FREE_SLABS) this.free.push(slab.bytes);
  }

  private renew(): void {
    this.used = 0;
    if (this.slab.live === 0) return;
    this.full.set(this.slab.bytes.buffer, this.slab);
    this.slab = { bytes: this.free.pop() ?? new Uint8Array(SLAB_BYTES), live: 0 };
  }
}
