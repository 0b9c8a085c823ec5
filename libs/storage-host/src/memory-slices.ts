import type { Clock, TimerHandle, Timers } from '#libs/ports';
import type { NodeMemory } from './node-memory.js';

/** How long one slice takes at most, give or take a step of a few dozen evictions. */
const SLICE_MS = 2;

/**
 * Background evictions in slices of time: one after each sweep, and while a store uses more than it should, for example
 * after its limit was lowered, the next one as soon as operations that wait have had their turn. So a store shrinks at the
 * speed of the machine, and no operation waits for longer than a slice.
 */
export class MemorySlices {
  private next: TimerHandle | undefined;
  private isStopped = false;

  /** `afterSlice` is called after each slice: the end of a turn, whose events are complete. */
  constructor(
    private readonly memory: NodeMemory,
    private readonly clock: Clock,
    private readonly timers: Timers,
    private readonly shardTimeMs: () => number,
    private readonly afterSlice: () => void,
  ) {}

  /** Runs a slice, unless one is due anyway. */
  run(): void {
    if (this.next === undefined && !this.isStopped) this.slice();
  }

  stop(): void {
    this.isStopped = true;
    this.next?.cancel();
  }

  private slice(): void {
    const endMs = this.clock.monotonicMs() + SLICE_MS;
    const goesOn = this.memory.shrinkSlice(this.shardTimeMs(), () => this.clock.monotonicMs() >= endMs);
    this.next = goesOn ? this.timers.after(0, () => this.slice()) : undefined;
    this.afterSlice();
  }
}
