/**
 * Counters of a storage node as plain numbers and typed arrays: the hot path adds, the metrics adapter reads them when
 * it is scraped.
 */
export class StorageStatistics {
  /** Executed operations by command id. */
  readonly operations: Float64Array;
  /** Operations that answered an error, by command id. */
  readonly errors: Float64Array;
  hits = 0;
  misses = 0;
  expired = 0;
  evicted = 0;
  /** Not executed: sent back because of an old epoch, a fence or a move. */
  rejected = 0;
  /** Messages that were not well-formed, or came twice or late. */
  malformedFrames = 0;
  duplicateFrames = 0;
  framesIn = 0;
  framesOut = 0;
  events = 0;
  eventBytes = 0;
  /** Commands that failed with a defect of ours. */
  internalErrors = 0;

  constructor(commandIds: number) {
    this.operations = new Float64Array(commandIds);
    this.errors = new Float64Array(commandIds);
  }

  /** What CONFIG RESETSTAT resets: counters of commands and keys, not those of frames and defects. */
  reset(): void {
    this.operations.fill(0);
    this.errors.fill(0);
    this.hits = 0;
    this.misses = 0;
    this.expired = 0;
    this.evicted = 0;
  }

  totalOperations(): number {
    let total = 0;
    for (const count of this.operations) total += count;
    return total;
  }
}
