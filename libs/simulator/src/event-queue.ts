/**
 * Virtual time: everything that is going to happen, in a binary heap ordered by time and then by the order of scheduling,
 * so that a run is a function of its seed. Time moves only when an event is taken out.
 */
export interface ScheduledEvent {
  cancel(): void;
}

class QueuedEvent implements ScheduledEvent {
  cancelled = false;

  constructor(
    readonly atMs: number,
    readonly order: number,
    readonly run: () => void,
  ) {}

  cancel(): void {
    this.cancelled = true;
  }
}

export class EventQueue {
  /** Milliseconds since the start of the run, with fractions. */
  nowMs = 0;
  /** Events run so far. */
  steps = 0;
  private readonly heap: QueuedEvent[] = [];
  private scheduled = 0;

  get size(): number {
    return this.heap.length;
  }

  /** Runs `run` after `delayMs`; events of the same time run in the order in which they were scheduled. */
  after(delayMs: number, run: () => void): ScheduledEvent {
    return this.at(this.nowMs + Math.max(0, delayMs), run);
  }

  /** Times of the past count as now. */
  at(timeMs: number, run: () => void): ScheduledEvent {
    const event = new QueuedEvent(Math.max(timeMs, this.nowMs), this.scheduled++, run);
    this.push(event);
    return event;
  }

  /** Runs the next event; false where there is none up to `limitMs`. */
  step(limitMs = Infinity): boolean {
    for (;;) {
      const next = this.heap[0];
      if (next === undefined || next.atMs > limitMs) return false;
      this.pop();
      if (next.cancelled) continue;
      this.nowMs = next.atMs;
      this.steps++;
      next.run();
      return true;
    }
  }

  /** Runs everything up to a time, which is the time afterwards. */
  runUntil(timeMs: number): void {
    while (this.step(timeMs));
    this.nowMs = Math.max(this.nowMs, timeMs);
  }

  runFor(durationMs: number): void {
    this.runUntil(this.nowMs + durationMs);
  }

  private push(event: QueuedEvent): void {
    const { heap } = this;
    let at = heap.length;
    heap.push(event);
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (!isBefore(event, heap[parent])) break;
      heap[at] = heap[parent];
      at = parent;
    }
    heap[at] = event;
  }

  private pop(): void {
    const { heap } = this;
    const last = heap.pop() as QueuedEvent;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child++;
      if (!isBefore(heap[child], last)) break;
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = last;
  }
}

function isBefore(a: QueuedEvent, b: QueuedEvent): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
