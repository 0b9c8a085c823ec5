import { BOUNDS } from '#libs/kernel';
import { PartAssembler, PartSender } from '#libs/wire';

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
