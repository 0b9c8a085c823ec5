/** One life of a Raft group: trouble and peace in turn, as a plan says; the first broken promise ends it. */
import { membersOf } from '#libs/raft';
import { LifeSteps } from './life-steps.js';
import type { LifePlan } from './life-plan.js';
import { HEALTHY, type Mutation } from './mutants.js';
import { CALM, RaftWorld } from './raft-world.js';
import { must } from './safety-checks.js';

const TIDY_MS = 100;
const PEACE_LOAD_MS = 50;
const PEACE_LOOK_MS = 50;
/** So long goes on what does not end with peace. */
const AFTERMATH_MS = 1_000;
/** Commits that a member may be behind when the others have just made them. */
const FRESH_COMMITS = 3;

export interface LifeResult {
  readonly seed: number;
  /** The promise that was broken; undefined where none was. */
  readonly problem: string | undefined;
  /** When that was, or the end. */
  readonly atMs: number;
  readonly committed: number;
  readonly reads: number;
  readonly terms: number;
  readonly snapshots: number;
  /** Disks that were lost or rotten, whose members joined again under new ids. */
  readonly rejoined: number;
}

export interface LifeOptions {
  readonly mutation?: Mutation;
  /** Hears of everything that happens, a line each. */
  readonly tell?: (line: string) => void;
}

export function runLife(plan: LifePlan, { mutation = HEALTHY, tell }: LifeOptions = {}): LifeResult {
  const world = new RaftWorld(plan, mutation, tell);
  let problem: string | undefined;
  try {
    new Life(world).live();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    problem = error.name === 'SafetyViolation' ? error.message : `${error.name}: ${error.message}`;
    world.note(`VIOLATION  ${problem}`);
  }
  const { checks, queue, running } = world;
  const terms = running.map(({ term }) => term);
  return {
    seed: plan.seed,
    problem,
    atMs: queue.nowMs,
    committed: checks.maxCommitted,
    reads: checks.reads,
    terms: Math.max(0, ...terms),
    snapshots: running.reduce((sum, { node }) => sum + (node?.counters.snapshotsInstalled ?? 0), 0),
    rejoined: world.machines.filter(({ id }) => id > plan.machines).length,
  };
}

class Life {
  private readonly steps: LifeSteps;
  private isPeace = false;

  constructor(private readonly world: RaftWorld) {
    this.steps = new LifeSteps(world);
  }

  live(): void {
    const { queue, plan } = this.world;
    let endMs = 0;
    for (const step of plan.steps) {
      if (step.kind === 'peace') queue.at(step.atMs, () => this.makePeace(step.forMs));
      else queue.at(step.atMs, () => this.trouble(() => this.steps.run(step)));
      endMs = Math.max(endMs, step.atMs + (step.kind === 'peace' ? step.forMs : AFTERMATH_MS));
    }
    this.every(TIDY_MS, () => this.steps.tidyMembers(this.isPeace));
    queue.runUntil(endMs);
  }

  private trouble(step: () => void): void {
    this.isPeace = false;
    step();
  }

  /** Everything works again: a leader is found, commits, and all members come to have the same. */
  private makePeace(forMs: number): void {
    const { world } = this;
    world.note('everything works again');
    this.isPeace = true;
    world.era++;
    world.weather = CALM;
    world.healLinks();
    for (const machine of world.machines) {
      machine.pausedUntilMs = 0;
      machine.hangsUntilMs = 0;
      this.steps.mendDisk(machine);
    }
    const { era } = world;
    const load = (): void => {
      if (!this.isPeace || world.era !== era) return;
      this.steps.propose();
      world.queue.after(PEACE_LOAD_MS, load);
    };
    load();
    this.awaitProgress(world.checks.maxCommitted, world.queue.nowMs + forMs, era);
  }

  private awaitProgress(before: number, untilMs: number, era: number): void {
    const { world } = this;
    const { queue } = world;
    queue.at(Math.min(queue.nowMs + PEACE_LOOK_MS, untilMs), () => {
      if (world.era !== era) return;
      const unrest = this.whyUneasy(before);
      if (unrest === undefined) {
        this.isPeace = false;
        world.note('the group gets on');
      } else {
        must(queue.nowMs < untilMs, `${unrest} although everything works`);
        this.awaitProgress(before, untilMs, era);
      }
    });
  }

  private whyUneasy(before: number): string | undefined {
    const { world } = this;
    const leader = world.newestLeader?.node?.status;
    if (leader === undefined) return 'nobody leads';
    if (world.checks.maxCommitted <= before) return 'nothing is committed';
    if (world.lost !== undefined) return `${world.lost.id} has lost its disk and is still a member`;
    const late = membersOf(leader.configuration).find((id) => {
      const node = world.holderOf(id)?.node;
      return node === undefined || node.status.commit < leader.commit - FRESH_COMMITS;
    });
    return late === undefined ? undefined : `${late} is behind`;
  }

  private every(intervalMs: number, action: () => void): void {
    const { queue } = this.world;
    const again = (): void => {
      action();
      queue.after(intervalMs, again);
    };
    queue.after(intervalMs, again);
  }
}
