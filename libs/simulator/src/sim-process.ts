/**
 * One life of one process. Everything that reaches its host comes through here as a turn of its event loop: nothing reaches
 * it after its crash, what comes during a pause waits in order, and what it throws is a finding.
 */
import type { EventQueue, ScheduledEvent } from './event-queue.js';
import type { SimRng } from './sim-rng.js';
import type { Trace } from './trace.js';

export interface SimProcessPorts {
  readonly queue: EventQueue;
  readonly trace: Trace;
  readonly rng: SimRng;
  onThrow(process: string, error: unknown): void;
  /** After each turn of the process. */
  onTurn?(): void;
}

/** Further input may join a turn for so long, as chunks and messages that one poll of the sockets brings. */
const LONGEST_TURN_MS = 0.2;

export class SimProcess {
  isAlive = true;
  private resumeAtMs = 0;
  private plannedPauseMs = 0;
  private readonly waiting: (() => void)[] = [];
  private turnEnd: (() => void)[] = [];

  constructor(
    readonly name: string,
    readonly ports: SimProcessPorts,
  ) {}

  get queue(): EventQueue {
    return this.ports.queue;
  }

  get isPaused(): boolean {
    return this.queue.nowMs < this.resumeAtMs;
  }

  /** Time spent in pauses so far. */
  get pausedMs(): number {
    return this.plannedPauseMs - Math.max(0, this.resumeAtMs - this.queue.nowMs);
  }

  /** Runs `input` as a turn of this process after a delay. */
  after(delayMs: number, input: () => void): ScheduledEvent {
    let isCancelled = false;
    const run = (): void => {
      if (!isCancelled) input();
    };
    const event = this.queue.after(delayMs, () => this.enter(run));
    return {
      cancel: () => {
        isCancelled = true;
        event.cancel();
      },
    };
  }

  /** A turn, now or when the pause is over. */
  enter(input: () => void): void {
    if (!this.isAlive) return;
    if (this.isPaused || this.waiting.length > 0) {
      this.waiting.push(input);
      return;
    }
    this.run(input);
  }

  /** Nothing runs for so long; what comes in meanwhile runs afterwards, in order. */
  pause(durationMs: number): void {
    if (!this.isAlive) return;
    const { nowMs } = this.queue;
    const untilMs = Math.max(this.resumeAtMs, nowMs + durationMs);
    this.plannedPauseMs += untilMs - Math.max(this.resumeAtMs, nowMs);
    this.resumeAtMs = untilMs;
    this.queue.at(this.resumeAtMs, () => this.resume());
  }

  /** The process ends between two turns: what it has not sent by now it never sends. */
  kill(): void {
    this.isAlive = false;
    this.waiting.length = 0;
    this.turnEnd = [];
  }

  endOfTurn(callback: () => void): void {
    this.turnEnd.push(callback);
    if (this.turnEnd.length > 1) return;
    this.after(this.ports.rng.between(0, LONGEST_TURN_MS), () => this.finishTurn());
  }

  private finishTurn(): void {
    const callbacks = this.turnEnd;
    this.turnEnd = [];
    for (const callback of callbacks) this.run(callback);
  }

  private resume(): void {
    while (this.isAlive && !this.isPaused) {
      const input = this.waiting.shift();
      if (input === undefined) return;
      this.run(input);
    }
  }

  private run(input: () => void): void {
    try {
      input();
    } catch (error) {
      this.ports.onThrow(this.name, error);
    }
    this.ports.onTurn?.();
  }
}
