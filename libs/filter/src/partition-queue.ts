/** Partitions that wait for something, each once, first come first served. */
export class PartitionQueue {
  private readonly ring: Uint16Array;
  /** By partition: 1 while it waits. A place in the ring whose partition no longer waits is passed over. */
  private readonly isWaiting: Uint8Array;
  /** By partition: 1 while it has a place in the ring. */
  private readonly hasPlace: Uint8Array;
  private first = 0;
  private places = 0;
  private size = 0;

  constructor(partitionCount: number) {
    this.ring = new Uint16Array(partitionCount);
    this.isWaiting = new Uint8Array(partitionCount);
    this.hasPlace = new Uint8Array(partitionCount);
  }

  get isEmpty(): boolean {
    return this.size === 0;
  }

  push(partition: number): void {
    if (this.isWaiting[partition] === 1) return;
    this.isWaiting[partition] = 1;
    this.size++;
    if (this.hasPlace[partition] === 1) return;
    this.hasPlace[partition] = 1;
    this.ring[(this.first + this.places++) % this.ring.length] = partition;
  }

  delete(partition: number): void {
    this.size -= this.isWaiting[partition];
    this.isWaiting[partition] = 0;
  }

  /** The next partition, or -1. */
  shift(): number {
    while (this.places > 0) {
      const partition = this.ring[this.first];
      this.first = (this.first + 1) % this.ring.length;
      this.places--;
      this.hasPlace[partition] = 0;
      if (this.isWaiting[partition] === 0) continue;
      this.delete(partition);
      return partition;
    }
    return -1;
  }
}
