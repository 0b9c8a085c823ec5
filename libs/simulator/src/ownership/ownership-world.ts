/** Machines, the network between them, and coordinators that commit new epochs whenever they like. */
import type { PartitionAssignment } from '#libs/ownership';
import { EventQueue } from '../event-queue.js';
import { SimRng } from '../sim-rng.js';
import type { ModelMessage } from './model-messages.js';
import { OwnershipChecks, type Reader } from './ownership-checks.js';
import { OwnershipMachine, type MachineWorld } from './ownership-machine.js';
import type { OwnershipMutation } from './ownership-mutants.js';

/** Of the network and the disks. */
export interface OwnershipWeather {
  /** Probabilities per message. */
  readonly drop: number;
  readonly double: number;
  /** A message takes up to {@link LATE_MS}. */
  readonly late: number;
  readonly diskMs: number;
}

export const FAIR: OwnershipWeather = { drop: 0, double: 0, late: 0, diskMs: 1 };
const COORDINATORS = 0;
const FASTEST_MS = 0.2;
const SLOWEST_MS = 3;
const LATE_MS = 900;
/** Of any two clocks one gains at most 10.5 % on the other, of the 11 % that leases allow for. */
const SKEW = 0.05;
const FEWEST_OWNERS = 3;

export class OwnershipWorld implements MachineWorld {
  readonly queue = new EventQueue();
  readonly rng: SimRng;
  readonly checks: OwnershipChecks;
  readonly machines: readonly OwnershipMachine[];
  weather: OwnershipWeather = FAIR;
  /** Per partition, as committed. */
  readonly table: PartitionAssignment[];
  /** Epochs that their candidates have given up. */
  readonly stopped = new Set<string>();
  /** How often all links were healed at once: what was cut before is not to be undone again. */
  heals = 0;
  private readonly cuts: Uint16Array;
  private readonly history: PartitionAssignment[][];

  constructor(
    seed: number,
    readonly machineCount: number,
    readonly partitions: number,
    readonly mutation: OwnershipMutation,
    private readonly tell: ((line: string) => void) | undefined,
  ) {
    this.rng = new SimRng(seed).fork('ownership');
    this.checks = new OwnershipChecks(partitions);
    this.cuts = new Uint16Array((machineCount + 1) ** 2);
    this.machines = Array.from({ length: machineCount }, (_, i) => {
      const speed = this.rng.pick([1 - SKEW, 1, 1 + SKEW, this.rng.between(1 - SKEW, 1 + SKEW)]);
      return new OwnershipMachine(this, i + 1, speed);
    });
    this.table = Array.from({ length: partitions }, (_, partition) => this.firstAssignment(partition));
    this.history = this.table.map((assignment) => [assignment]);
  }

  get diskMs(): number {
    return this.weather.diskMs;
  }

  machine(number: number): OwnershipMachine {
    return this.machines[number - 1];
  }

  subject(number: number): OwnershipMachine {
    return this.machine(number);
  }

  ownersOf(partition: number, epoch: number): readonly number[] {
    return this.history[partition][epoch - 1].owners.map(Number);
  }

  onStopped(partition: number, epoch: number): void {
    this.stopped.add(`${partition} ${epoch}`);
  }

  drawOwners(): string[] {
    const all = this.machines.map(({ number }) => String(number));
    const count = this.machineCount <= FEWEST_OWNERS ? FEWEST_OWNERS : this.rng.pick([FEWEST_OWNERS, 4, 5]);
    while (all.length > count) all.splice(this.rng.below(all.length), 1);
    return all;
  }

  /** The coordinators commit the next epoch of a partition. */
  commit(partition: number, change: Partial<PartitionAssignment>): void {
    const before = this.table[partition];
    const assignment = { ...before, ...change, partition, epoch: before.epoch + 1 };
    this.table[partition] = assignment;
    this.history[partition].push(assignment);
    const { epoch, candidate, owners, outgoing } = assignment;
    this.note(
      `epoch ${epoch} of ${partition}: ${candidate} of ${owners.join()} after ${outgoing.join() || 'the same'}`,
    );
    this.publish();
  }

  publish(): void {
    for (const assignment of this.table) {
      for (const { number } of this.machines) this.send(COORDINATORS, number, { kind: 'table', assignment });
    }
  }

  /** A started epoch ends the change of owners that came with it, or that it went on with. */
  onStarted(partition: number, epoch: number): void {
    const assignment = this.table[partition];
    if (assignment.epoch !== epoch || assignment.outgoing.length === 0) return;
    this.note(`the owners of ${partition} are ${assignment.owners.join()} alone`);
    this.table[partition] = { ...assignment, outgoing: [] };
  }

  /** One way; each cut is undone once. Coordinators are 0. */
  cut(from: number, to: number, change: 1 | -1): void {
    this.cuts[from * (this.machineCount + 1) + to] += change;
  }

  healLinks(): void {
    this.heals++;
    this.cuts.fill(0);
  }

  send(from: number, to: number, message: ModelMessage): void {
    const { rng, weather, queue } = this;
    if (this.cuts[from * (this.machineCount + 1) + to] > 0) return;
    const copies = weather.double > 0 && rng.chance(weather.double) ? 2 : 1;
    for (let i = 0; i < copies; i++) {
      if (weather.drop > 0 && rng.chance(weather.drop)) continue;
      const isLate = weather.late > 0 && rng.chance(weather.late);
      const delayMs = rng.between(FASTEST_MS, isLate ? LATE_MS : SLOWEST_MS);
      queue.after(delayMs, () => this.deliver(from, to, message));
    }
  }

  /** Looks at all primaries that say that they may answer reads. */
  checkReaders(): void {
    for (let partition = 0; partition < this.partitions; partition++) {
      const readers: Reader[] = [];
      for (const machine of this.machines) {
        const reader = machine.readerOf(partition);
        if (reader !== undefined) readers.push(reader);
      }
      this.checks.checkReaders(partition, readers);
    }
  }

  note(text: string): void {
    this.tell?.(`${this.queue.nowMs.toFixed(2).padStart(9)}  ${text}`);
  }

  private firstAssignment(partition: number): PartitionAssignment {
    const owners = this.drawOwners();
    return { partition, epoch: 1, candidate: this.rng.pick(owners), owners, outgoing: [] };
  }

  private deliver(from: number, to: number, message: ModelMessage): void {
    if (to !== COORDINATORS) this.machine(to).receive(from, message);
    else if (message.kind === 'started') this.onStarted(message.partition, message.epoch);
  }
}
