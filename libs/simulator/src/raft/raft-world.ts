/** What the machines of one life share: time, the network between them, the checks, and what is told of it all. */
import { decodeMessage, encodeMessage, messageText, type Message } from '#libs/raft';
import { EventQueue } from '../event-queue.js';
import { SimRng } from '../sim-rng.js';
import type { LifePlan, Weather } from './life-plan.js';
import type { LostMember, MachineSurroundings } from './machine-surroundings.js';
import type { Mutation } from './mutants.js';
import { RaftMachine } from './raft-machine.js';
import { SafetyChecks, type DurableLog } from './safety-checks.js';

export const CALM: Weather = { drop: 0, double: 0, late: 0, diskMs: 1 };
const FASTEST_MS = 0.2;
const SLOWEST_MS = 3;
const LATE_MS = 300;
/** One message out of so many also goes through its bytes. */
const CODED = 16;
const CLUSTER = 'sim';

export class RaftWorld implements MachineSurroundings {
  readonly queue = new EventQueue();
  readonly checks: SafetyChecks;
  readonly machines: readonly RaftMachine[];
  weather: Weather = CALM;
  /** Moves on with every peace: what trouble had planned for later is over. */
  era = 0;
  /** One machine's disk is lost, and its id still a member. */
  lost: { readonly id: number; readonly member: LostMember } | undefined;
  readonly rng: SimRng;
  private readonly cuts: Uint16Array;
  private nextId: number;
  /** What lost disks had: their members had acknowledged it, and others may count that still. */
  private readonly gone = new Map<number, DurableLog>();

  constructor(
    readonly plan: LifePlan,
    readonly mutation: Mutation,
    private readonly tell: ((line: string) => void) | undefined,
  ) {
    this.rng = new SimRng(plan.seed).fork('world');
    this.cuts = new Uint16Array((plan.machines + 1) ** 2);
    this.nextId = plan.machines + 1;
    this.checks = new SafetyChecks((id) => this.holderOf(id)?.storage ?? this.gone.get(id));
    this.machines = Array.from({ length: plan.machines }, (_, i) => new RaftMachine(this, i + 1));
  }

  get isTold(): boolean {
    return this.tell !== undefined;
  }

  get running(): RaftMachine[] {
    return this.machines.filter(({ node }) => node !== undefined);
  }

  /** All that think so. */
  get leaders(): RaftMachine[] {
    return this.running.filter(({ node }) => node?.status.role === 'leader');
  }

  get newestLeader(): RaftMachine | undefined {
    let newest: RaftMachine | undefined;
    for (const machine of this.leaders) if (newest === undefined || machine.term > newest.term) newest = machine;
    return newest;
  }

  machine(number: number): RaftMachine | undefined {
    return this.machines[number - 1];
  }

  /** The machine with the member of this id. */
  holderOf(id: number): RaftMachine | undefined {
    for (const machine of this.machines) if (machine.id === id) return machine;
    return undefined;
  }

  takeId(): number {
    return this.nextId++;
  }

  /** A machine's disk is gone, and with it what its member knew; the id is never used again. */
  lose(member: LostMember): void {
    const { id, storage } = member;
    this.lost = { id, member };
    if (storage !== undefined) this.gone.set(id, storage);
    this.checks.forget(id);
  }

  /** Both ways, or one; each cut is undone once. */
  cut(from: number, to: number, change: 1 | -1): void {
    this.cuts[from * (this.plan.machines + 1) + to] += change;
  }

  healLinks(): void {
    this.cuts.fill(0);
  }

  send(message: Message): void {
    const { rng, weather, queue } = this;
    const from = this.holderOf(message.from) as RaftMachine;
    const to = this.holderOf(message.to);
    if (to === undefined) return this.tellMessage(message, 'nobody there');
    if (this.cuts[from.number * (this.plan.machines + 1) + to.number] > 0) return this.tellMessage(message, 'cut');
    const copies = rng.chance(weather.double) ? 2 : 1;
    for (let i = 0; i < copies; i++) {
      if (rng.chance(weather.drop)) {
        this.tellMessage(message, 'dropped');
        continue;
      }
      const delayMs = rng.between(FASTEST_MS, rng.chance(weather.late) ? LATE_MS : SLOWEST_MS);
      if (this.tell !== undefined)
        this.tellMessage(message, delayMs > SLOWEST_MS ? `late, ${delayMs.toFixed(0)} ms` : '');
      queue.after(delayMs, () => this.deliver(message));
    }
  }

  /** Tells of what happened, with the time. */
  note(text: string): void {
    this.tell?.(`${this.queue.nowMs.toFixed(2).padStart(9)}  ${text}`);
  }

  private deliver(message: Message): void {
    const isCoded = this.rng.below(CODED) === 0;
    this.holderOf(message.to)?.receive(isCoded ? decodeMessage(encodeMessage(CLUSTER, message)).message : message);
  }

  private tellMessage(message: Message, fate: string): void {
    if (this.tell === undefined) return;
    const { from, to } = message;
    this.note(`${from} -> ${to}  ${messageText(message)}${fate === '' ? '' : `  [${fate}]`}`);
  }
}
