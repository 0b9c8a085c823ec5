/** One step of a queue: it calls `next` exactly once, when it is finished. */
export type QueuedOperation = (next: () => void) => void;

/**
 * Runs completion-style operations one after another, in the order in which they were added: positions in a log
 * depend on it, and Node's thread pool keeps no order of its own.
 */
export class OperationQueue {
  private readonly waiting: QueuedOperation[] = [];
  private running = false;

  /** `onIdle` is called whenever the last operation has finished. */
  constructor(
    private readonly maxOperations: number,
    private readonly onIdle?: () => void,
  ) {}

  get isIdle(): boolean {
    return !this.running;
  }

  /** False, and nothing is queued, where the queue is full. */
  add(operation: QueuedOperation): boolean {
    if (this.waiting.length >= this.maxOperations) return false;
    this.waiting.push(operation);
    if (!this.running) this.runNext();
    return true;
  }

  private readonly runNext = (): void => {
    const operation = this.waiting.shift();
    this.running = operation !== undefined;
    if (operation) operation(this.runNext);
    else this.onIdle?.();
  };
}
