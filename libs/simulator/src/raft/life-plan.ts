/**
 * What happens in one life of a Raft group, as plain data: a seed draws it, and whoever looks for the shortest failing
 * history takes things out of it. The order and delay of messages is drawn while the life runs.
 */
import type { MemberChange } from '#libs/raft';
import { SimRng } from '../sim-rng.js';

/** Where processes can run; each holds one member at a time. Numbered from 1. */
export const MACHINES = 6;
export const DEFAULT_SECONDS = 60;
/** Shorter lives have no room for trouble. */
export const LEAST_SECONDS = 5;
/** About so long is trouble with the peace after it; a life has several. */
const CYCLE_MS = 12_000;
/** In it the group has to get on again. */
const PEACE_MS = 2_500;

/** Of the network and the disks while there is trouble. */
export interface Weather {
  /** Probabilities per message. */
  readonly drop: number;
  readonly double: number;
  /** A message out of so many takes up to 300 ms. */
  readonly late: number;
  /** Longest time that a disk takes for one operation. */
  readonly diskMs: number;
}

/** Machines are named by number, forMs is how long it lasts, atMs when it begins. */
export type LifeStep = { readonly atMs: number } & (
  | { readonly kind: 'load'; readonly count: number; readonly gapMs: number }
  | { readonly kind: 'weather'; readonly weather: Weather }
  | { readonly kind: 'crash'; readonly machine: number; readonly forMs: number; readonly power: boolean }
  /** From everybody else. 0: whoever leads. */
  | { readonly kind: 'isolate'; readonly machine: number; readonly forMs: number }
  | { readonly kind: 'split'; readonly left: readonly number[]; readonly forMs: number }
  /** A link that works one way: hears nobody, or is heard by nobody. */
  | { readonly kind: 'deaf' | 'mute'; readonly machine: number; readonly forMs: number }
  | { readonly kind: 'pause'; readonly machine: number; readonly forMs: number }
  /** From now on its clock runs so much too fast (above 1) or too slowly. */
  | { readonly kind: 'skew'; readonly machine: number; readonly factor: number }
  | { readonly kind: 'transfer'; readonly machine: number }
  | { readonly kind: 'members'; readonly changes: readonly MemberChange[]; readonly joint: boolean }
  | { readonly kind: 'compact'; readonly machine: number; readonly keep: number }
  /** Nothing can be written: the member stops, and starts again later. */
  | { readonly kind: 'disk-full' | 'disk-fails'; readonly machine: number; readonly forMs: number }
  /** Nothing that is written comes to an end. */
  | { readonly kind: 'disk-hangs'; readonly machine: number; readonly forMs: number }
  /** A bit of what was durable flips; the member finds that at its next start, which is soon. */
  | { readonly kind: 'rot'; readonly machine: number; readonly at: number }
  | { readonly kind: 'wipe'; readonly machine: number }
  /** The next new leader talks to a few machines only, then to none, then to all (thesis fig. 3.7). */
  | { readonly kind: 'unseat'; readonly friends: readonly number[]; readonly afterMs: number; readonly forMs: number }
  /** Everything works again, and the group has to show that it does. */
  | { readonly kind: 'peace'; readonly forMs: number }
);

export type StepKind = LifeStep['kind'];

export interface LifePlan {
  readonly seed: number;
  /** Machines from 1 to this one hold the first members. */
  readonly founders: number;
  readonly machines: number;
  /** One small append at a time, so that what a leader began is left in all stages. */
  readonly oneByOne: boolean;
  /** Ascending by time. */
  readonly steps: readonly LifeStep[];
}

type Drawn = LifeStep extends infer S ? (S extends LifeStep ? Omit<S, 'atMs'> : never) : never;
type Draw = (rng: SimRng) => Drawn;

const machine = (rng: SimRng): number => 1 + rng.below(MACHINES);
const some = (rng: SimRng, chance: number): number[] =>
  Array.from({ length: MACHINES }, (_, i) => i + 1).filter(() => rng.chance(chance));

/** How often each comes, beside the others. */
const MISFORTUNES: readonly (readonly [number, Draw])[] = [
  [8, (rng) => ({ kind: 'crash', machine: machine(rng), forMs: rng.between(5, 600), power: rng.chance(0.5) })],
  [6, (rng) => ({ kind: 'isolate', machine: rng.chance(0.5) ? 0 : machine(rng), forMs: rng.between(30, 800) })],
  [4, (rng) => ({ kind: 'split', left: some(rng, 0.5), forMs: rng.between(30, 800) })],
  [4, (rng) => ({ kind: rng.pick(['deaf', 'mute'] as const), machine: machine(rng), forMs: rng.between(30, 800) })],
  [4, (rng) => ({ kind: 'pause', machine: machine(rng), forMs: rng.between(20, 500) })],
  [1, (rng) => ({ kind: 'skew', machine: machine(rng), factor: rng.between(0.96, 1.04) })],
  [4, (rng) => ({ kind: 'transfer', machine: rng.chance(0.5) ? 0 : machine(rng) })],
  [6, drawMembers],
  [8, (rng) => ({ kind: 'compact', machine: machine(rng), keep: rng.below(8) })],
  [1, (rng) => ({ kind: 'disk-full', machine: machine(rng), forMs: rng.between(20, 600) })],
  [1, (rng) => ({ kind: 'disk-fails', machine: machine(rng), forMs: rng.between(20, 600) })],
  [2, (rng) => ({ kind: 'disk-hangs', machine: machine(rng), forMs: rng.between(50, 900) })],
  [1, (rng) => ({ kind: 'rot', machine: machine(rng), at: rng.fraction() })],
  [0.5, (rng) => ({ kind: 'wipe', machine: machine(rng) })],
];
const ALL_WEIGHTS = MISFORTUNES.reduce((sum, [weight]) => sum + weight, 0);

export function drawPlan(seed: number, seconds = DEFAULT_SECONDS): LifePlan {
  const rng = new SimRng(seed).fork('plan');
  const oneByOne = rng.chance(0.4);
  const steps: LifeStep[] = [];
  const cycles = Math.max(1, Math.round((seconds * 1000) / CYCLE_MS));
  const cycleMs = Math.round((seconds * 1000) / cycles);
  for (let cycle = 0; cycle < cycles; cycle++) {
    const fromMs = cycle * cycleMs;
    const peaceAtMs = fromMs + cycleMs - PEACE_MS;
    drawTrouble(rng, fromMs, peaceAtMs, oneByOne && rng.chance(0.6), steps);
    steps.push({ atMs: peaceAtMs, kind: 'peace', forMs: PEACE_MS });
  }
  steps.sort((a, b) => a.atMs - b.atMs);
  return { seed, founders: oneByOne ? 5 : 3 + rng.below(3), machines: MACHINES, oneByOne, steps };
}

function drawTrouble(rng: SimRng, fromMs: number, toMs: number, isCoup: boolean, steps: LifeStep[]): void {
  steps.push({ atMs: fromMs, kind: 'weather', weather: drawWeather(rng) });
  scatter(rng, fromMs, toMs, isCoup ? 60 : 120, steps, drawLoad);
  if (isCoup) {
    scatter(rng, fromMs, toMs, 150, steps, drawUnseat);
    scatter(rng, fromMs, toMs, 300, steps, (r) => ({ kind: 'compact', machine: machine(r), keep: r.below(8) }));
  } else scatter(rng, fromMs, toMs, rng.pick([80, 150, 300]), steps, drawMisfortune);
}

function scatter(rng: SimRng, fromMs: number, toMs: number, meanMs: number, steps: LifeStep[], draw: Draw): void {
  for (let atMs = fromMs + rng.between(0, meanMs); atMs < toMs; atMs += rng.between(0.5, 1.5) * meanMs) {
    steps.push({ atMs: Math.round(atMs), ...draw(rng) } as LifeStep);
  }
}

function drawWeather(rng: SimRng): Weather {
  const drop = rng.pick([0, 0.02, 0.1]);
  return { drop, double: rng.pick([0, 0.1]), late: rng.pick([0, 0.02, 0.1]), diskMs: rng.pick([0.5, 2, 10]) };
}

function drawLoad(rng: SimRng): Drawn {
  return { kind: 'load', count: 1 + rng.below(8), gapMs: rng.pick([0, 1, 5, 10]) };
}

function drawUnseat(rng: SimRng): Drawn {
  const friends = Array.from({ length: rng.below(3) }, () => machine(rng));
  return { kind: 'unseat', friends, afterMs: rng.between(0, 120), forMs: rng.between(50, 400) };
}

function drawMembers(rng: SimRng): Drawn {
  const kinds = ['add-voter', 'add-voter', 'add-voter', 'add-learner', 'remove'] as const;
  const changes = some(rng, 0.3).map((id): MemberChange => ({ kind: rng.pick(kinds), id }));
  return { kind: 'members', changes, joint: rng.chance(0.3) };
}

function drawMisfortune(rng: SimRng): Drawn {
  let at = rng.between(0, ALL_WEIGHTS);
  const row = MISFORTUNES.find(([weight]) => (at -= weight) < 0) ?? MISFORTUNES[0];
  return row[1](rng);
}
