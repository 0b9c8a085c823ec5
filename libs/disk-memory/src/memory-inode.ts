import { DiskError } from '#libs/ports';
import type { MemorySpace } from './memory-space.js';

const MIN_CAPACITY_BYTES = 256;

/** What a file holds, apart from its name: an open file keeps it when the name is removed or replaced. */
export class MemoryInode {
  private buffer = new Uint8Array(MIN_CAPACITY_BYTES);
  private linked = true;
  length = 0;
  /** The first sync that failed, and then the answer to all later ones. */
  syncError: DiskError | undefined;

  constructor(
    private readonly path: string,
    private readonly space: MemorySpace,
  ) {}

  append(bytes: Uint8Array): void {
    const start = this.length;
    this.resize(start + bytes.length);
    this.buffer.set(bytes, start);
  }

  /** A copy, so that later changes of the file do not show in it. */
  read(offset: number, length: number): Uint8Array {
    return this.buffer.slice(Math.min(offset, this.length), Math.min(offset + length, this.length));
  }

  /** To more than the file has: filled up with zeros, as ftruncate(2) does. */
  truncate(length: number): void {
    const before = this.length;
    this.resize(length);
    if (length > before) this.buffer.fill(0, before, length);
  }

  /** Its name is gone: from now on its bytes count no longer. */
  unlink(): void {
    this.space.claim(this.path, -this.length);
    this.linked = false;
  }

  private resize(length: number): void {
    if (this.linked) this.space.claim(this.path, length - this.length);
    if (length > this.buffer.length) {
      const grown = new Uint8Array(Math.max(length, this.buffer.length * 2));
      grown.set(this.buffer.subarray(0, this.length));
      this.buffer = grown;
    }
    this.length = length;
  }
}
