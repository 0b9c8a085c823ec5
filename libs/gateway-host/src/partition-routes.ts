import { NO_NODE, type RoutingTable } from '#libs/cluster';

/**
 * What a gateway keeps per partition to hold its operations in order: how many are unanswered, whether new ones must wait,
 * which wait, and the route generation that fences those of before a retry.
 */
export class PartitionRoutes {
  /** Operations sent and unanswered. */
  readonly outstanding: Int32Array;
  /** Grows at each retry: a storage node sends back everything of an older generation than it has fenced. */
  readonly generation: Uint32Array;
  private readonly held: Uint8Array;
  /** Monotonic time from which a held partition's operations may be sent again. */
  private readonly readyAtMs: Float64Array;
  /** By partition: the ordinal of the latest operation that was executed while the partition was held. */
  private readonly executedUpTo: Float64Array;
  /** Ids of waiting operations. */
  private readonly queues = new Map<number, number[]>();

  constructor(readonly partitionCount: number) {
    this.outstanding = new Int32Array(partitionCount);
    this.generation = new Uint32Array(partitionCount);
    this.held = new Uint8Array(partitionCount);
    this.readyAtMs = new Float64Array(partitionCount);
    this.executedUpTo = new Float64Array(partitionCount);
  }

  get heldCount(): number {
    return this.queues.size;
  }

  isHeld(partition: number): boolean {
    return this.held[partition] === 1;
  }

  heldPartitions(): number[] {
    return [...this.queues.keys()];
  }

  /** Makes new operations wait until all unanswered ones are settled and `readyAtMs` has come. */
  hold(partition: number, readyAtMs: number): void {
    this.readyAtMs[partition] = readyAtMs;
    if (this.held[partition] === 1) return;
    this.held[partition] = 1;
    this.queues.set(partition, []);
  }

  /** An operation of a held partition was executed: those before it must not be any more. */
  executed(partition: number, ordinal: number): void {
    if (ordinal > this.executedUpTo[partition]) this.executedUpTo[partition] = ordinal;
  }

  /** Whether a later operation has been executed already, so that this one would break the order. */
  isOvertaken(partition: number, ordinal: number): boolean {
    return ordinal < this.executedUpTo[partition];
  }

  enqueue(partition: number, operationId: number): void {
    this.queues.get(partition)?.push(operationId);
  }

  isReady(partition: number, nowMs: number): boolean {
    return this.held[partition] === 1 && this.outstanding[partition] === 0 && nowMs >= this.readyAtMs[partition];
  }

  /** Takes the waiting operations out; the partition stays held. */
  takeQueue(partition: number): number[] {
    const queue = this.queues.get(partition) ?? [];
    if (queue.length > 0) this.queues.set(partition, []);
    return queue;
  }

  /** Ends the hold, under a new generation. */
  open(partition: number): void {
    this.held[partition] = 0;
    this.queues.delete(partition);
    this.generation[partition]++;
  }
}

/** Whether two tables send a partition's operations to the same node under the same epoch. */
export function hasSameRoute(before: RoutingTable, after: RoutingTable, partition: number): boolean {
  if (before.epochOf[partition] !== after.epochOf[partition]) return false;
  const old = before.servingOf[partition];
  const next = after.servingOf[partition];
  if (old === NO_NODE || next === NO_NODE) return old === next;
  return before.nodes[old].nodeId === after.nodes[next].nodeId;
}
