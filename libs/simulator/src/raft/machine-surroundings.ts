import type { MemoryLogStorage, Message } from '#libs/raft';
import type { EventQueue } from '../event-queue.js';
import type { SimRng } from '../sim-rng.js';
import type { LifePlan, Weather } from './life-plan.js';
import type { Mutation } from './mutants.js';
import type { SafetyChecks } from './safety-checks.js';

/** A member as the world knows it once its disk is gone. */
export interface LostMember {
  readonly id: number;
  readonly storage: MemoryLogStorage | undefined;
  startAnew(): void;
}

/** What a machine needs of the world around it. */
export interface MachineSurroundings {
  readonly plan: LifePlan;
  readonly mutation: Mutation;
  readonly queue: EventQueue;
  readonly checks: SafetyChecks;
  readonly rng: SimRng;
  readonly weather: Weather;
  /** Somebody listens to what is noted. */
  readonly isTold: boolean;
  note(text: string): void;
  send(message: Message): void;
  lose(member: LostMember): void;
  /** An id that nobody ever had. */
  takeId(): number;
}
