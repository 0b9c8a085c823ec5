/** Carries out the steps of a plan. What ends by itself ends with its era at the latest, which peace begins anew. */
import { assertNever, ByteWriter } from '#libs/kernel';
import { membersOf, type MemberChange } from '#libs/raft';
import type { LifeStep } from './life-plan.js';
import type { RaftMachine } from './raft-machine.js';
import type { RaftWorld } from './raft-world.js';

/** How often somebody looks whether there is a new leader to unseat, and for how long. */
const LOOK_MS = 5;
const LONGEST_LOOK_MS = 600;
const ROT_DOWN_MS = 20;
/** A member is only damaged where the group can do without. */
const LEAST_VOTERS = 3;

type StepOf<K extends LifeStep['kind']> = Extract<LifeStep, { readonly kind: K }>;

export class LifeSteps {
  private made = 0;
  private unseated = 0;

  constructor(private readonly world: RaftWorld) {}

  /** All but peace. */
  run(step: Exclude<LifeStep, StepOf<'peace'>>): void {
    const { world } = this;
    switch (step.kind) {
      case 'load':
        return this.load(step);
      case 'weather':
        world.weather = step.weather;
        return;
      case 'crash':
        return this.withMachine(step.machine, (machine) => this.crash(machine, step.forMs, step.power));
      case 'isolate':
        return this.isolate(step.machine === 0 ? world.newestLeader : world.machine(step.machine), step.forMs);
      case 'split':
        return this.split(step);
      case 'deaf':
      case 'mute':
        return this.oneWay(step);
      case 'pause':
        return this.withMachine(step.machine, (machine) => {
          world.note(`${machine.id} pauses for ${step.forMs.toFixed(0)} ms`);
          machine.pause(step.forMs);
        });
      case 'skew':
        return this.withMachine(step.machine, (machine) => {
          world.note(`${machine.id}'s clock runs at ${step.factor.toFixed(3)}`);
          machine.speed = step.factor;
        });
      case 'transfer':
        return this.transfer(step.machine);
      case 'members':
        return this.changeMembers(step);
      case 'compact':
        return world.machine(step.machine)?.compact(step.keep);
      case 'disk-full':
      case 'disk-fails':
        return this.withMachine(step.machine, (machine) => this.failDisk(machine, step));
      case 'disk-hangs':
        return this.withMachine(step.machine, (machine) => {
          world.note(`${machine.id}'s disk hangs for ${step.forMs.toFixed(0)} ms`);
          machine.hangsUntilMs = world.queue.nowMs + step.forMs;
        });
      case 'rot':
        return this.withMachine(step.machine, (machine) => this.rot(machine, step.at));
      case 'wipe':
        return this.withMachine(step.machine, (machine) => {
          if (this.canLose(machine)) machine.loseDisk();
        });
      case 'unseat':
        return this.unseat(step, LONGEST_LOOK_MS);
      default:
        return assertNever(step);
    }
  }

  /** A proposal to any that thinks it leads, the wrong one too. */
  propose(): void {
    const writer = new ByteWriter();
    writer.u32(++this.made);
    this.someLeader()?.touch((node) => node.propose(writer.toBytes(), 1));
  }

  /** Removes members that no machine has any more, and lets a machine whose disk was lost join under a new id. */
  tidyMembers(isPeace: boolean): void {
    const { world } = this;
    const leader = world.newestLeader;
    const configuration = leader?.node?.status.configuration;
    if (leader === undefined || configuration === undefined) return;
    const { voters } = configuration;
    const stranger = membersOf(configuration).find((id) => world.holderOf(id) === undefined);
    const change = (changes: readonly MemberChange[]): void => leader.touch((node) => node.changeMembers(changes));
    if (stranger !== undefined) change([{ kind: 'remove', id: stranger }]);
    else if (isPeace && voters.length < LEAST_VOTERS) {
      const newcomer = world.running.find(({ id }) => !voters.includes(id));
      if (newcomer !== undefined) change([{ kind: 'add-voter', id: newcomer.id }]);
    }
    this.readmit();
  }

  /** Once those who count have all heard that its old id is gone. */
  private readmit(): void {
    const { lost, running, newestLeader } = this.world;
    const configuration = newestLeader?.node?.status.configuration;
    if (lost === undefined || configuration === undefined) return;
    const members = membersOf(configuration);
    for (const { id, node } of running) {
      if (node !== undefined && members.includes(id) && membersOf(node.status.configuration).includes(lost.id)) return;
    }
    this.world.lost = undefined;
    lost.member.startAnew();
  }

  private withMachine(number: number, action: (machine: RaftMachine) => void): void {
    const machine = this.world.machine(number);
    if (machine !== undefined && machine.id !== 0) action(machine);
  }

  /** Later, unless peace came in between. */
  private later(delayMs: number, action: () => void): void {
    const { world } = this;
    const { era } = world;
    world.queue.after(delayMs, () => {
      if (world.era === era) action();
    });
  }

  private someLeader(): RaftMachine | undefined {
    const leaders = this.world.leaders.filter(({ isAwake }) => isAwake);
    return leaders.length === 0 ? undefined : this.world.rng.pick(leaders);
  }

  private load({ count, gapMs }: StepOf<'load'>): void {
    for (let i = 0; i < count; i++) {
      this.later(i * gapMs, () => {
        if (this.world.rng.chance(0.6)) this.propose();
        else this.read();
      });
    }
  }

  private read(): void {
    const { checks, rng } = this.world;
    const context = ++this.made;
    const mode = rng.chance(0.5) ? 'lease' : 'quorum';
    const leader = this.someLeader();
    if (leader === undefined) return;
    checks.onReadAsked(context);
    leader.touch((node) => node.read(context, mode));
  }

  private crash(machine: RaftMachine, forMs: number, power: boolean): void {
    machine.crash(power);
    this.later(forMs, () => machine.start());
  }

  private cut(links: readonly (readonly [number, number])[], forMs: number): void {
    const { world } = this;
    for (const [from, to] of links) world.cut(from, to, 1);
    this.later(forMs, () => {
      for (const [from, to] of links) world.cut(from, to, -1);
    });
  }

  private isolate(machine: RaftMachine | undefined, forMs: number, friends: readonly number[] = []): void {
    if (machine === undefined) return;
    const { number } = machine;
    const but = friends.length === 0 ? '' : ` but machines ${friends.join(' and ')}`;
    this.world.note(`${machine.id} is cut off from all${but} for ${forMs.toFixed(0)} ms`);
    const others = this.world.machines.filter((other) => other !== machine && !friends.includes(other.number));
    this.cut(
      others.flatMap((other): (readonly [number, number])[] => [
        [number, other.number],
        [other.number, number],
      ]),
      forMs,
    );
  }

  private split({ left, forMs }: StepOf<'split'>): void {
    const sides = this.world.machines.map(({ number }) => number);
    const right = sides.filter((number) => !left.includes(number));
    const here = sides.filter((number) => left.includes(number));
    this.world.note(`machines ${here.join(' ')} and ${right.join(' ')} are parted for ${forMs.toFixed(0)} ms`);
    this.cut(
      here.flatMap((a) =>
        right.flatMap((b): (readonly [number, number])[] => [
          [a, b],
          [b, a],
        ]),
      ),
      forMs,
    );
  }

  private oneWay({ kind, machine, forMs }: StepOf<'deaf' | 'mute'>): void {
    const others = this.world.machines.map(({ number }) => number).filter((number) => number !== machine);
    if (this.world.machine(machine) === undefined) return;
    this.world.note(
      `machine ${machine} ${kind === 'deaf' ? 'hears nobody' : 'is heard by nobody'} for ${forMs.toFixed(0)} ms`,
    );
    this.cut(
      others.map((other) => (kind === 'deaf' ? [other, machine] : [machine, other])),
      forMs,
    );
  }

  private transfer(number: number): void {
    const to = number === 0 ? 0 : (this.world.machine(number)?.id ?? 0);
    this.someLeader()?.touch((node) => node.transferLeadership(to));
  }

  /** None while a member is lost: the group could come to depend on it. */
  private changeMembers({ changes, joint }: StepOf<'members'>): void {
    const { world } = this;
    if (world.lost !== undefined) return;
    const known = changes.flatMap(({ kind, id }): MemberChange[] => {
      const machine = world.machine(id);
      return machine === undefined || machine.id === 0 ? [] : [{ kind, id: machine.id }];
    });
    this.someLeader()?.touch((node) => node.changeMembers(known, joint));
  }

  private failDisk(machine: RaftMachine, { kind, forMs }: StepOf<'disk-full' | 'disk-fails'>): void {
    const { platter } = machine;
    this.world.note(`${machine.id}'s disk ${kind === 'disk-full' ? 'is full' : 'fails'} for ${forMs.toFixed(0)} ms`);
    const failing = kind === 'disk-full' ? 'append' : 'sync';
    const code = kind === 'disk-full' ? 'no-space' : 'io';
    machine.isDiskBroken = true;
    platter.faults = (operation) => (operation === failing || operation === 'writeFileAtomic' ? code : undefined);
    this.later(forMs, () => this.mendDisk(machine));
  }

  /** The process begins anew, or the whole machine does. */
  mendDisk(machine: RaftMachine): void {
    machine.platter.faults = () => undefined;
    if (machine.isDiskBroken) machine.crash(this.world.rng.chance(0.5));
    machine.isDiskBroken = false;
    machine.start();
  }

  private rot(machine: RaftMachine, at: number): void {
    if (!this.canLose(machine)) return;
    const offset = machine.platter.rot(at);
    if (offset === undefined) return;
    this.world.note(`a bit of ${machine.id}'s disk flips: ${offset}`);
    machine.isRotten = true;
    machine.crash(true);
    this.later(ROT_DOWN_MS, () => machine.start());
  }

  /**
   * Everybody is there and agrees on the members, who can do without this one. What it promised is of no importance then: it
   * never comes back under its id.
   */
  private canLose(machine: RaftMachine): boolean {
    const { world } = this;
    const leader = world.newestLeader?.node;
    if (world.lost !== undefined || leader === undefined || world.running.length < world.machines.length) return false;
    if (world.machines.some(({ isRotten }) => isRotten)) return false;
    const { configuration } = leader.status;
    const { voters, outgoing, learners } = configuration;
    if (outgoing.length > 0 || voters.length < LEAST_VOTERS) return false;
    const members = [...voters, ...learners];
    const agreed = JSON.stringify(configuration);
    return (
      members.includes(machine.id) &&
      world.running.every(
        ({ id, node }) => !members.includes(id) || JSON.stringify(node?.status.configuration) === agreed,
      )
    );
  }

  private unseat(step: StepOf<'unseat'>, leftMs: number): void {
    const leader = this.world.newestLeader;
    if (leader === undefined || leader.term === this.unseated) {
      if (leftMs > 0) this.later(LOOK_MS, () => this.unseat(step, leftMs - LOOK_MS));
      return;
    }
    this.unseated = leader.term;
    this.isolate(leader, step.afterMs, step.friends);
    this.later(step.afterMs, () => this.isolate(leader, step.forMs));
  }
}
