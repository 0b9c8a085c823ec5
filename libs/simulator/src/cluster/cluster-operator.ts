/**
 * The people behind a cluster: they ask gateways for changes, give coordinators that lost their disks a place again, and
 * take others out of the group. At most one coordinator is being replaced at a time, as an operator would see to.
 */
import type { ChangeOutcome, ClusterChange } from '#libs/cluster';
import { storeFromPreset } from '#libs/cluster';
import { isVoter, membersOf, NOBODY } from '#libs/raft';
import { gatewayName } from '../cluster-settings.js';
import { must } from '../raft/safety-checks.js';
import type { SimCluster } from '../sim-cluster.js';
import type { SimMachine } from '../sim-machine.js';
import type { StoreWish } from './cluster-plan.js';

const LOOK_MS = 200;
const ASK_AGAIN_MS = 700;
/** A coordinator that has a group and no place in it for so long is not going to get one. */
const STUCK_MS = 1_500;
/** With fewer voters than these nobody is taken out. */
const LEAST_VOTERS = 3;
/** After so long a start from a rotten disk has failed. */
const ROTTEN_START_MS = 300;
const STORE_BYTES = 1024 * 1024;

interface Replacement {
  readonly name: string;
  readonly purpose: 'replace' | 'remove';
  /** Its Raft id before. */
  readonly id: number | undefined;
  askedMs: number;
}

export class ClusterOperator {
  asked = 0;
  done = 0;
  /** Coordinators that lost their disk, or were taken out. */
  replaced = 0;
  private replacement: Replacement | undefined;
  private readonly strangersSince = new Map<string, number>();

  constructor(private readonly cluster: SimCluster) {
    this.look();
  }

  /** A coordinator is being replaced, or taken out. */
  get isBusy(): boolean {
    return this.replacement !== undefined;
  }

  /** It must stay down until the group has let it go. */
  isRemoving(name: string): boolean {
    return this.replacement?.purpose === 'remove' && this.replacement.name === name;
  }

  ask(
    gateway: string,
    change: ClusterChange | StoreWish,
    onOutcome: (outcome: ChangeOutcome) => void = () => undefined,
  ): void {
    const machine = this.cluster.machines.get(gateway);
    const { process, gateway: host } = machine ?? {};
    const table = host?.routing?.table;
    if (process === undefined || host === undefined || table === undefined) return;
    this.asked++;
    process.enter(() =>
      host.change([concrete(change, table.stores)], (outcome) => {
        if (outcome.ok) this.done++;
        onOutcome(outcome);
      }),
    );
  }

  /** The disk of a coordinator is replaced by an empty one. */
  wipe(name: string): void {
    const machine = this.cluster.machines.get(name);
    if (machine === undefined || machine.lives === 0 || !this.canLose(machine)) return;
    this.replace(machine);
  }

  rot(name: string, at: number): void {
    const machine = this.cluster.machines.get(name);
    if (machine?.isUp !== true || !this.canLose(machine)) return;
    this.cluster.crash(name);
    const where = machine.storage.rot(at);
    machine.start();
    if (where === undefined) return;
    const { lives } = machine;
    this.replacement = { name, purpose: 'replace', id: undefined, askedMs: Infinity };
    this.cluster.queue.after(ROTTEN_START_MS, () => {
      const started = machine.lives >= lives && machine.coordinator?.raft !== undefined;
      must(!started, `${name}: starts from a disk with a bit that has flipped: ${where}`);
      this.replacement = undefined;
      this.replace(machine);
    });
  }

  /** Takes a coordinator out for good; its machine may be started again later, with an empty disk. */
  remove(name: string): void {
    const machine = this.cluster.machines.get(name);
    const id = machine?.coordinator?.raft?.status.id;
    const configuration = this.cluster.leader?.coordinator?.raft?.status.configuration;
    if (machine === undefined || id === undefined || configuration === undefined || this.isBusy) return;
    if (!isVoter(configuration, id) || configuration.voters.length <= LEAST_VOTERS) return;
    this.replacement = { name, purpose: 'remove', id, askedMs: 0 };
    this.cluster.stop(name);
  }

  /** A group of one or two has nothing left without one of its disks. */
  private canLose(machine: SimMachine): boolean {
    const configuration = this.cluster.leader?.coordinator?.raft?.status.configuration;
    if (this.isBusy || configuration === undefined) return false;
    const { voters, outgoing } = configuration;
    const id = machine.coordinator?.raft?.status.id;
    const isMember = id === undefined || voters.includes(id);
    return outgoing.length === 0 && voters.length >= LEAST_VOTERS && isMember && this.outlives(machine, voters);
  }

  /** Whether a majority knows of these voters without this machine: a leader alone may have just proposed them. */
  private outlives(machine: SimMachine, voters: readonly number[]): boolean {
    const others = [...this.cluster.of('coordinator')].filter((other) => {
      const status = other.coordinator?.raft?.status;
      if (other === machine || status === undefined || !voters.includes(status.id)) return false;
      return voters.every((voter) => isVoter(status.configuration, voter));
    });
    return others.length > voters.length / 2;
  }

  private replace(machine: SimMachine): void {
    const { name } = machine;
    this.replacement = { name, purpose: 'replace', id: machine.coordinator?.raft?.status.id, askedMs: 0 };
    this.empty(machine);
    machine.start();
  }

  private look(): void {
    this.cluster.queue.after(LOOK_MS, () => this.look());
    const { leader } = this.cluster;
    const configuration = leader?.coordinator?.raft?.status.configuration;
    if (configuration === undefined) return;
    const members = new Set(membersOf(configuration));
    if (this.replacement !== undefined) this.follow(this.replacement, members);
    for (const machine of this.cluster.of('coordinator')) this.findStranger(machine, members);
  }

  private follow(replacement: Replacement, members: ReadonlySet<number>): void {
    const { name, purpose, id } = replacement;
    const machine = this.cluster.machine(name);
    const now = machine.coordinator?.raft?.status.id;
    const isOut = id === undefined || !members.has(id);
    if (purpose === 'remove' ? isOut : now !== undefined && now !== id && members.has(now)) {
      this.replacement = undefined;
      this.replaced++;
      if (purpose === 'remove') this.empty(machine);
      return;
    }
    if (purpose === 'remove') this.cluster.crash(name);
    const { nowMs } = this.cluster.queue;
    if (nowMs - replacement.askedMs < ASK_AGAIN_MS || !this.isInTheWay(machine, purpose)) return;
    replacement.askedMs = nowMs;
    this.ask(gatewayName(this.asked % this.cluster.settings.gateways), { type: 'ForgetNode', nodeId: name });
  }

  /**
   * The name has a place in the group that the new process has not: its own log asks for the name to be forgotten. Once it
   * has the place itself, or is about to get it, that would take it away again.
   */
  private isInTheWay({ name, coordinator }: SimMachine, purpose: Replacement['purpose']): boolean {
    const enrolled = this.cluster.leader?.coordinator?.coordinators.enrolled.get(name);
    if (enrolled === undefined || purpose === 'remove') return enrolled !== undefined;
    const own = coordinator?.coordinators.ownId ?? NOBODY;
    return own !== NOBODY && own !== enrolled;
  }

  /** One that was forgotten by a request that came late gets an empty disk, as its own log tells its operator to do. */
  private findStranger(machine: SimMachine, members: ReadonlySet<number>): void {
    const { name, coordinator } = machine;
    const id = coordinator?.raft?.status.id;
    if (id === undefined || members.has(id)) {
      this.strangersSince.delete(name);
      return;
    }
    const { nowMs } = this.cluster.queue;
    const sinceMs = this.strangersSince.get(name) ?? nowMs;
    this.strangersSince.set(name, sinceMs);
    if (nowMs - sinceMs < STUCK_MS || (this.replacement !== undefined && this.replacement.name !== name)) return;
    this.strangersSince.delete(name);
    this.replace(machine);
  }

  private empty(machine: SimMachine): void {
    this.cluster.crash(machine.name, 'lost');
    machine.storage.files.clear();
    machine.storage.underWay.clear();
  }
}

function concrete(change: ClusterChange | StoreWish, stores: readonly { readonly name: string }[]): ClusterChange {
  if (change.type !== 'ToggleStore') return change;
  const { name } = change;
  return stores.some((store) => store.name === name)
    ? { type: 'DropStore', name }
    : { type: 'CreateStore', definition: storeFromPreset('general', { name, memoryLimitBytes: STORE_BYTES }) };
}
