/** Clients that keep sending pipelines of random commands over a few keys, with values that are never used twice. */
import { append, type ClientCommand, echo, get, getAll, increment, remove, set, setAll } from './client-command.js';
import type { SimRng } from './sim-rng.js';

export interface WorkloadKeys {
  /** Written by SET, MSET and DEL. */
  readonly registers: readonly string[];
  /** Written by INCR. */
  readonly counters: readonly string[];
  /** Written by APPEND. */
  readonly logs: readonly string[];
}

export function workloadKeys(count: number): WorkloadKeys {
  const names = (prefix: string, n: number): string[] => Array.from({ length: n }, (_, i) => `${prefix}${i}`);
  const quarter = Math.max(1, count >>> 2);
  return { registers: names('r', 2 * quarter), counters: names('c', quarter), logs: names('a', quarter) };
}

const MAX_PIPELINE = 8;

export class Workload {
  private values = 0;

  constructor(
    private readonly rng: SimRng,
    private readonly keys: WorkloadKeys,
    private readonly client: number,
  ) {}

  /** One pipeline; half of them are a single command. */
  next(): ClientCommand[] {
    const length = this.rng.chance(0.5) ? 1 : 1 + this.rng.below(MAX_PIPELINE);
    return Array.from({ length }, () => this.command());
  }

  private command(): ClientCommand {
    const { rng, keys } = this;
    const { registers, counters, logs } = keys;
    const roll = rng.below(100);
    if (roll < 28) return set(rng.pick(registers), this.value());
    if (roll < 52) return get(rng.pick([...registers, ...counters, ...logs]));
    if (roll < 66) return increment(rng.pick(counters));
    if (roll < 76) return append(rng.pick(logs), this.value());
    if (roll < 82) return remove(rng.pick([...registers, ...logs]));
    if (roll < 89) return getAll(this.several([...registers, ...counters]));
    if (roll < 96) return setAll(this.several(registers).map((key) => [key, this.value()] as const));
    return echo(this.value());
  }

  private value(): string {
    return `${this.client}.${++this.values};`;
  }

  private several(from: readonly string[]): string[] {
    const chosen = new Set<string>();
    const count = 1 + this.rng.below(Math.min(4, from.length));
    while (chosen.size < count) chosen.add(this.rng.pick(from));
    return [...chosen];
  }
}
