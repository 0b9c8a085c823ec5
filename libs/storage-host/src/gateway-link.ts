import { BOUNDS } from '#libs/kernel';
import { type OperationsReader, PartAssembler, PartSender } from '#libs/wire';
import type { PartitionOwnership, RouteVerdict } from './partition-ownership.js';

/** Bytes of frames that one gateway may have waiting here for a newer cluster table. */
const MAX_PARKED_BYTES = 4 * 1024 * 1024;

/**
 * One gateway as this storage node sees it. The link drops what comes twice or late, remembers which partitions were
 * fenced, and keeps operations that wait for a newer cluster table.
 *
 * Fence: once an operation of a partition has been sent back, all later ones that were routed in the same generation are sent
 * back too, so that the gateway can repeat them in their order.
 */
export class GatewayLink {
  incarnation = 0;
  lastSequence = 0;
  lastSeenMs = 0;
  readonly sender: PartSender;
  readonly assembler = new PartAssembler(BOUNDS.maxAssemblyBytes);
  /** Frames that wait for a newer cluster table, oldest first, and when the first of them is given up. */
  readonly parked: Uint8Array[] = [];
  parkedBytes = 0;
  parkedSinceMs = 0;
  private fence: Uint32Array | undefined;

  constructor(
    readonly replySubject: string,
    senderIncarnation: number,
    maxFrameBytes: number,
    /** Past the sender's queue: for acknowledgements. */
    readonly transmit: (message: Uint8Array) => boolean,
  ) {
    this.sender = new PartSender(senderIncarnation, maxFrameBytes, transmit);
  }

  /** Whether a frame is the next or a later one, in serial number arithmetic; a new incarnation starts afresh. */
  accept(incarnation: number, sequence: number): boolean {
    if (incarnation !== this.incarnation) {
      this.incarnation = incarnation;
      this.lastSequence = (sequence - 1) >>> 0;
      this.fence = undefined;
      this.parked.length = 0;
      this.parkedBytes = 0;
    }
    if (((sequence - this.lastSequence) | 0) <= 0) return false;
    this.lastSequence = sequence;
    return true;
  }

  isFenced(partition: number, generation: number): boolean {
    return this.fence !== undefined && generation < this.fence[partition];
  }

  raiseFence(partition: number, generation: number, partitionCount: number): void {
    this.fence ??= new Uint32Array(partitionCount);
    if (this.fence[partition] <= generation) this.fence[partition] = generation + 1;
  }

  /** Whether the reader's operation may run, by the epochs of all its partitions and the fences. */
  judge(reader: OperationsReader, ownership: PartitionOwnership): RouteVerdict {
    let verdict = ownership.judge(reader.partition, reader.epoch);
    if (verdict === 'serve' && this.isFenced(reader.partition, reader.generation)) verdict = 'stale';
    for (let i = 0; i < reader.routeCount && verdict === 'serve'; i++) {
      const partition = reader.routePartition(i);
      verdict = ownership.judge(partition, reader.routeEpoch(i));
      if (verdict === 'serve' && this.isFenced(partition, reader.routeGeneration(i))) verdict = 'stale';
    }
    return verdict;
  }

  /** The reader's operation is sent back, and so are those after it. */
  raiseFences(reader: OperationsReader, partitionCount: number): void {
    if (reader.partition < partitionCount) this.raiseFence(reader.partition, reader.generation, partitionCount);
    for (let i = 0; i < reader.routeCount; i++) {
      const partition = reader.routePartition(i);
      if (partition < partitionCount) this.raiseFence(partition, reader.routeGeneration(i), partitionCount);
    }
  }

  /** Keeps a copy of a frame until a newer cluster table has arrived; false where too much waits already. */
  park(frame: Uint8Array, nowMs: number): boolean {
    if (this.parkedBytes + frame.length > MAX_PARKED_BYTES) return false;
    if (this.parked.length === 0) this.parkedSinceMs = nowMs;
    this.parked.push(frame.slice());
    this.parkedBytes += frame.length;
    return true;
  }

  takeParked(): readonly Uint8Array[] {
    this.parkedBytes = 0;
    return this.parked.splice(0);
  }
}
