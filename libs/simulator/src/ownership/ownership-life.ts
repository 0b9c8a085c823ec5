/** One life of a few partitions: trouble and peace in turn, drawn from a seed; the first broken promise ends it. */
import { must } from '../raft/safety-checks.js';
import { SimRng } from '../sim-rng.js';
import { SOUND, type OwnershipMutation } from './ownership-mutants.js';
import { FAIR, OwnershipWorld } from './ownership-world.js';

const PARTITIONS = 2;
export const DEFAULT_OWNERSHIP_SECONDS = 20;
const CYCLE_MS = 10_000;
/** In it every partition has to be served and written again: seals wait for promises, owners that started wait too. */
const PEACE_MS = 4_000;
const LOAD_MS = 40;
const PUBLISH_MS = 150;
const WATCH_MS = 400;
/** Coordinators that see a partition without a primary for so many looks choose another one. */
const PATIENCE_LOOKS = 3;
/** Which file cannot be written, and for how long: seals also for longer than owners take to seal. */
const HANGS = [
  ['seals', 2_500],
  ['seals', 2_000],
  ['log', 200],
  ['log', 1_500],
] as const;

export interface OwnershipLifeResult {
  readonly seed: number;
  /** The promise that was broken; undefined where none was. */
  readonly problem: string | undefined;
  readonly atMs: number;
  readonly committed: number;
  /** Times at which a primary that may answer reads was looked at. */
  readonly reads: number;
  readonly epochs: number;
  readonly served: number;
}

export interface OwnershipLifeOptions {
  readonly mutation?: OwnershipMutation;
  readonly seconds?: number;
  /** Hears of what happens, a line each. */
  readonly tell?: (line: string) => void;
}

export function runOwnershipLife(seed: number, options: OwnershipLifeOptions = {}): OwnershipLifeResult {
  const { mutation = SOUND, seconds = DEFAULT_OWNERSHIP_SECONDS, tell } = options;
  const rng = new SimRng(seed).fork('troubles');
  const world = new OwnershipWorld(seed, rng.pick([3, 4, 5, 6]), PARTITIONS, mutation, tell);
  let problem: string | undefined;
  try {
    new OwnershipLife(world, rng).live(seconds * 1_000);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    problem = error.name === 'SafetyViolation' ? error.message : `${error.name}: ${error.message}`;
    world.note(`VIOLATION  ${problem}`);
  }
  const { checks, table, queue } = world;
  return {
    seed,
    problem,
    atMs: queue.nowMs,
    committed: table.reduce((sum, { partition }) => sum + checks.committedCount(partition), 0),
    reads: checks.reads,
    epochs: table.reduce((sum, { epoch }) => sum + epoch, 0),
    served: checks.serving,
  };
}

class OwnershipLife {
  private value = 0;
  private readonly waits: number[];

  constructor(
    private readonly world: OwnershipWorld,
    private readonly rng: SimRng,
  ) {
    this.waits = new Array<number>(world.partitions).fill(0);
  }

  live(forMs: number): void {
    const { world, rng } = this;
    const cycles = Math.max(1, Math.round(forMs / CYCLE_MS));
    world.publish();
    this.every(LOAD_MS, () => this.load());
    this.every(PUBLISH_MS, () => this.talkToCoordinators());
    this.every(WATCH_MS, () => this.watch());
    for (let cycle = 0; cycle < cycles; cycle++) {
      this.drawWeather();
      const peaceAtMs = (cycle + 1) * (forMs / cycles) - PEACE_MS;
      const pauseMs = rng.pick([100, 250, 600, 1_500]);
      while (world.queue.nowMs < peaceAtMs) {
        this.runFor(rng.between(0.5, 1.5) * pauseMs);
        this.misfortune();
      }
      this.peace();
    }
  }

  private runFor(forMs: number): void {
    const { world } = this;
    const untilMs = world.queue.nowMs + forMs;
    while (world.queue.step(untilMs)) world.checkReaders();
    world.queue.runUntil(untilMs);
  }

  private peace(): void {
    const { world } = this;
    world.note('everything works again');
    world.weather = FAIR;
    world.healLinks();
    for (const machine of world.machines) {
      machine.pausedUntilMs = 0;
      machine.start();
    }
    const before = world.table.map(({ partition }) => world.checks.committedCount(partition));
    this.runFor(PEACE_MS);
    for (const { partition, epoch, candidate } of world.table) {
      const machine = world.machine(Number(candidate));
      must(machine.isServing(partition, epoch), `nobody serves ${partition} although everything works`);
      must(machine.readerOf(partition) !== undefined, `${candidate} has no lease of ${partition}`);
      must(world.checks.committedCount(partition) > before[partition], `nothing is committed in ${partition}`);
      must(world.table[partition].outgoing.length === 0, `${partition} has two sets of owners`);
    }
  }

  /** Whoever thinks that it serves is written to, old primaries too. */
  private load(): void {
    const { world } = this;
    for (const machine of world.machines) {
      for (let partition = 0; partition < world.partitions; partition++) machine.write(partition, ++this.value);
    }
  }

  private talkToCoordinators(): void {
    const { world } = this;
    world.publish();
    for (const { partition, epoch, candidate } of world.table) {
      const number = Number(candidate);
      if (world.machine(number).isServing(partition, epoch))
        world.send(number, 0, { kind: 'started', partition, epoch });
    }
  }

  /** The coordinators replace candidates that do not get there. */
  private watch(): void {
    const { world, rng } = this;
    for (const { partition, epoch, candidate, owners } of world.table) {
      const isServing = world.machine(Number(candidate)).isServing(partition, epoch);
      this.waits[partition] = isServing ? 0 : this.waits[partition] + 1;
      const isOver = world.stopped.has(`${partition} ${epoch}`) || this.waits[partition] > PATIENCE_LOOKS;
      if (isServing || !isOver) continue;
      this.waits[partition] = 0;
      const up = owners.filter((owner) => world.machine(Number(owner)).isUp);
      world.commit(partition, { candidate: rng.pick(up.length > 0 ? up : owners) });
    }
  }

  private misfortune(): void {
    const { rng } = this;
    const misfortunes = [
      () => this.crash(),
      () => this.crash(),
      () => this.cutOff('both'),
      () => this.cutOff(rng.pick(['in', 'out', 'both'] as const)),
      () => this.split(),
      () => this.pause(),
      () => this.newEpoch(),
      () => this.newEpoch(),
      () => this.newOwners(),
      () => this.restart(),
      () => this.hangFile(),
    ];
    rng.pick(misfortunes)();
  }

  private drawWeather(): void {
    const { rng, world } = this;
    world.weather = {
      drop: rng.pick([0, 0.02, 0.15]),
      double: rng.pick([0, 0.1]),
      late: rng.pick([0, 0.03, 0.15]),
      diskMs: rng.pick([0.5, 3, 20]),
    };
  }

  private anybody(): number {
    return 1 + this.rng.below(this.world.machineCount);
  }

  /** A primary as often as anybody else. */
  private somebody(): number {
    const { rng, world } = this;
    return rng.chance(0.5) ? Number(rng.pick(world.table).candidate) : this.anybody();
  }

  private crash(machine = this.world.machine(this.somebody())): void {
    const { world, rng } = this;
    machine.crash();
    world.queue.after(rng.pick([1, 20, 300, 1_500]), () => machine.start());
  }

  /** So quickly that nobody notices. */
  private restart(): void {
    for (const machine of this.world.machines) {
      if (!this.rng.chance(0.5)) continue;
      machine.crash();
      machine.start();
    }
  }

  private pause(): void {
    const { world, rng } = this;
    const machine = world.machine(this.somebody());
    machine.pausedUntilMs = world.queue.nowMs + rng.pick([30, 300, 1_200]);
    world.note(`${machine.number} pauses`);
  }

  /** Just when a machine has become candidate a file of it cannot be written, for a while or until a crash. */
  private hangFile(): void {
    const { world, rng } = this;
    const { partition, owners } = rng.pick(world.table);
    const candidate = rng.pick(owners);
    const machine = world.machine(Number(candidate));
    const [file, forMs] = rng.pick(HANGS);
    machine.hangFile(file, forMs);
    world.commit(partition, { candidate });
    if (rng.chance(0.5)) world.queue.after(rng.between(0.4, 1) * forMs, () => this.crash(machine));
  }

  private cutOff(direction: 'in' | 'out' | 'both'): void {
    const number = this.somebody();
    this.world.note(`${number} is cut off: ${direction}`);
    const links: (readonly [number, number])[] = [];
    for (let other = 0; other <= this.world.machineCount; other++) {
      if (other === number) continue;
      if (direction !== 'out') links.push([other, number]);
      if (direction !== 'in') links.push([number, other]);
    }
    this.cutFor(links);
  }

  private split(): void {
    const { world, rng } = this;
    const isLeft = Array.from({ length: world.machineCount + 1 }, () => rng.chance(0.5));
    world.note(`a split: ${isLeft.flatMap((left, number) => (left ? [number] : [])).join()} are alone`);
    const links: (readonly [number, number])[] = [];
    isLeft.forEach((left, from) => isLeft.forEach((other, to) => left !== other && links.push([from, to])));
    this.cutFor(links);
  }

  private cutFor(links: readonly (readonly [number, number])[]): void {
    const { world, rng } = this;
    for (const [from, to] of links) world.cut(from, to, 1);
    const healAtMs = world.queue.nowMs + rng.pick([50, 400, 1_500]);
    const cutAt = world.heals;
    world.queue.at(healAtMs, () => {
      if (cutAt === world.heals) for (const [from, to] of links) world.cut(from, to, -1);
    });
  }

  private newEpoch(): void {
    const { world, rng } = this;
    const { partition, owners } = rng.pick(world.table);
    world.commit(partition, { candidate: rng.pick(owners) });
  }

  /** Others instead; while that is under way, back again. */
  private newOwners(): void {
    const { world, rng } = this;
    const { partition, owners: old, outgoing } = rng.pick(world.table);
    const owners = outgoing.length > 0 ? outgoing : world.drawOwners();
    world.commit(partition, { owners, outgoing: old, candidate: rng.pick(owners) });
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
