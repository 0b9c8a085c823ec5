import { DiskError } from '#libs/ports';

/** The bytes of all files of one disk, and their bound. */
export class MemorySpace {
  usedBytes = 0;

  constructor(private readonly capacityBytes: number) {}

  /** Throws `no-space` where the bytes do not fit; a negative number gives bytes back. */
  claim(path: string, bytes: number): void {
    if (this.usedBytes + bytes > this.capacityBytes) {
      throw new DiskError('no-space', path, `${path} does not fit the disk's ${this.capacityBytes} bytes`);
    }
    this.usedBytes += bytes;
  }
}
