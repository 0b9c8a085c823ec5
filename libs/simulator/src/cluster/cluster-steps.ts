/** Carries out the steps of a plan; each sees to its own end. */
import { assertNever } from '#libs/kernel';
import type { DiskErrorCode } from '#libs/ports';
import type { SimCluster } from '../sim-cluster.js';
import type { SimMachine } from '../sim-machine.js';
import { CALM, WHOEVER_LEADS, type ClusterStep, type ClusterWeather } from './cluster-plan.js';
import type { ClusterOperator } from './cluster-operator.js';

const LATE_MS = 150;
const FASTEST_DISK_MS = 0.05;
/** How often it is looked whether a process has ended. */
const LOOK_MS = 50;

export class ClusterSteps {
  private weather: ClusterWeather = CALM;

  constructor(
    private readonly cluster: SimCluster,
    private readonly operator: ClusterOperator,
  ) {
    for (const { storage } of cluster.of('coordinator')) {
      storage.tearsFailedAppends = true;
      storage.forgetsSyncErrors = true;
    }
    this.setWeather(CALM);
  }

  run(step: ClusterStep): void {
    const { operator } = this;
    switch (step.kind) {
      case 'weather':
        return this.setWeather(step.weather);
      case 'outage':
        return this.everywhere(step.forMs);
      case 'cut':
        return this.cut(step.from, step.to, step.both, step.forMs);
      case 'split':
        return this.split(step.left, step.forMs);
      case 'rot':
        return operator.rot(step.machine, step.at);
      case 'wipe':
        return operator.wipe(step.machine);
      case 'remove':
        return operator.remove(step.machine);
      case 'ask':
        return operator.ask(step.gateway, step.change);
      default: {
        const machine = this.machine(step.machine);
        if (machine !== undefined) this.trouble(machine, step);
      }
    }
  }

  /** Ends all trouble, but for what operators have begun. */
  heal(): void {
    const { cluster } = this;
    this.setWeather(CALM);
    cluster.network.healAll();
    for (const machine of cluster.machines.values()) {
      machine.storage.faults = () => undefined;
      this.mendDisk(machine);
      machine.reconnect();
      machine.start();
    }
  }

  private trouble(machine: SimMachine, step: Extract<ClusterStep, { readonly machine: string }>): void {
    const { cluster } = this;
    const { name } = machine;
    switch (step.kind) {
      case 'crash':
        cluster.crash(name, step.power ? 'lost' : 'kept');
        return this.reviveAfter(machine, step.forMs);
      case 'stop':
        cluster.stop(name);
        return this.reviveAfter(machine, step.forMs);
      case 'drain':
        return this.drain(machine, step.forMs);
      case 'pause':
        return machine.process?.pause(step.forMs);
      case 'lose-bus':
        machine.disconnect();
        return this.after(step.forMs, () => machine.reconnect());
      case 'deaf':
        return this.block(this.others(name), [name], step.forMs);
      case 'mute':
        return this.block([name], this.others(name), step.forMs);
      case 'skew':
        return machine.setWallOffset(step.offsetMs);
      case 'disk-full':
        return this.failDisk(machine, 'no-space', step.forMs);
      case 'disk-fails':
        return this.failDisk(machine, 'io', step.forMs);
      case 'disk-hangs':
        return this.hangDisk(machine, step.forMs);
      case 'start':
        return machine.start();
      case 'rot':
      case 'wipe':
      case 'remove':
        return;
      default:
        return assertNever(step);
    }
  }

  private machine(name: string): SimMachine | undefined {
    return name === WHOEVER_LEADS ? this.cluster.leader : this.cluster.machines.get(name);
  }

  private others(name: string): string[] {
    return [...this.cluster.machines.keys()].filter((other) => other !== name);
  }

  private after(delayMs: number, end: () => void): void {
    this.cluster.queue.after(delayMs, end);
  }

  /** A machine that has never run, or that an operator has taken out, stays where it is. */
  private reviveAfter(machine: SimMachine, delayMs: number): void {
    if (machine.lives > 0) this.after(delayMs, () => machine.start());
  }

  private drain(machine: SimMachine, downMs: number): void {
    const { process } = machine;
    if (process === undefined || machine.storageNode === undefined) return;
    this.cluster.drainAndStop(machine.name);
    const revive = (): void => {
      if (machine.process !== process) this.reviveAfter(machine, downMs);
      else this.after(LOOK_MS, revive);
    };
    revive();
  }

  private everywhere(forMs: number): void {
    for (const machine of this.cluster.machines.values()) {
      machine.disconnect();
      this.after(forMs + this.cluster.rng.between(0, 100), () => machine.reconnect());
    }
  }

  private cut(from: string, to: string, both: boolean, forMs: number): void {
    const [a, b] = [this.machine(from)?.name, this.machine(to)?.name];
    if (a === undefined || b === undefined || a === b) return;
    this.block([a], [b], forMs);
    if (both) this.block([b], [a], forMs);
  }

  private split(left: readonly string[], forMs: number): void {
    const right = [...this.cluster.machines.keys()].filter((name) => !left.includes(name));
    this.block(left, right, forMs);
    this.block(right, left, forMs);
  }

  private block(from: readonly string[], to: readonly string[], forMs: number): void {
    const { network } = this.cluster;
    const pairs = from.flatMap((a) => to.map((b) => [a, b] as const));
    for (const [a, b] of pairs) network.block(a, b);
    this.after(forMs, () => {
      for (const [a, b] of pairs) network.unblock(a, b);
    });
  }

  private setWeather(weather: ClusterWeather): void {
    const { drop, double, late, hopMs } = weather;
    this.weather = weather;
    Object.assign(this.cluster.network.quality, {
      maxDelayMs: hopMs,
      dropRate: drop,
      duplicateRate: double,
      reorderRate: late,
      reorderMs: LATE_MS,
    });
    for (const machine of this.cluster.of('coordinator')) this.mendDisk(machine);
  }

  private mendDisk({ storage }: SimMachine): void {
    storage.delayMs = () => storage.rng.between(FASTEST_DISK_MS, this.weather.diskMs);
  }

  private failDisk({ storage }: SimMachine, code: DiskErrorCode, forMs: number): void {
    storage.faults = () => code;
    this.after(forMs, () => {
      storage.faults = () => undefined;
    });
  }

  private hangDisk(machine: SimMachine, forMs: number): void {
    const { queue } = this.cluster;
    const untilMs = queue.nowMs + forMs;
    machine.storage.delayMs = () => Math.max(FASTEST_DISK_MS, untilMs - queue.nowMs);
    this.after(forMs, () => this.mendDisk(machine));
  }
}
