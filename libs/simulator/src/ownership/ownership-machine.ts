/**
 * One machine: a production node (libs/ownership) over its production file (libs/ownership-files) and the model of a log, with
 * a disk and a clock of its own.
 */
import {
  OWNERSHIP_RULES,
  OwnershipNode,
  decodeOwnership,
  type OwnershipEffect,
  type SealRecord,
} from '#libs/ownership';
import { SealFile } from '#libs/ownership-files';
import type { EventQueue } from '../event-queue.js';
import { SimDisk, SimStorage } from '../sim-disk.js';
import type { SimRng } from '../sim-rng.js';
import type { ModelLog } from './model-log.js';
import type { ModelMessage } from './model-messages.js';
import { ModelShard, type ShardSurroundings } from './model-shard.js';
import type { OwnershipChecks, Reader, Subject } from './ownership-checks.js';
import type { OwnershipMutation } from './ownership-mutants.js';

const TICK_MS = 25;
const REPLICATE_MS = 60;
const FASTEST_DISK_MS = 0.1;

type ModelFile = 'seals' | 'log';

export interface MachineWorld {
  readonly queue: EventQueue;
  readonly rng: SimRng;
  readonly checks: OwnershipChecks;
  readonly mutation: OwnershipMutation;
  /** Longest time that a disk takes. */
  readonly diskMs: number;
  readonly partitions: number;
  send(from: number, to: number, message: ModelMessage): void;
  subject(number: number): Subject;
  ownersOf(partition: number, epoch: number): readonly number[];
  /** A node gave an epoch up. */
  onStopped(partition: number, epoch: number): void;
  note(text: string): void;
}

export class OwnershipMachine implements Subject, ShardSurroundings {
  life = 0;
  pausedUntilMs = 0;
  private current: OwnershipNode | undefined;
  private readonly shards: readonly ModelShard[];
  private platter: SimStorage;
  private seals: SealFile | undefined;
  private readonly rng: SimRng;
  /** Where its monotonic clock begins with each start. */
  private clockMs = 0;
  /** When the disk is done with what it was told, per file. */
  private freeAtMs = { seals: 0, log: 0 };

  constructor(
    private readonly world: MachineWorld,
    readonly number: number,
    /** How fast its clock goes. */
    private readonly speed: number,
  ) {
    this.rng = world.rng.fork(`machine ${number}`);
    this.platter = this.emptyPlatter();
    this.shards = Array.from({ length: world.partitions }, (_, partition) => new ModelShard(this, partition));
    this.start();
  }

  get isUp(): boolean {
    return this.current !== undefined;
  }

  get node(): OwnershipNode {
    return this.current as OwnershipNode;
  }

  get hardwareMs(): number {
    return this.world.queue.nowMs * this.speed;
  }

  get nowMs(): number {
    return this.clockMs + this.hardwareMs;
  }

  /** Nothing where it runs already. */
  start(): void {
    if (this.seals !== undefined) return;
    const { world } = this;
    this.life++;
    this.clockMs = this.rng.between(-1e6, 1e6);
    world.note(`${this.number} starts`);
    const disk = new SimDisk({ after: (delayMs, turn) => this.afterDelay(delayMs, turn) }, this.platter);
    this.seals = new SealFile(disk, 'seals.bin', world.partitions);
    this.seals.load((error, stored) => {
      if (error !== undefined) throw error;
      this.begin(stored);
    });
  }

  private begin(stored: Uint32Array): void {
    const { rules } = this.world.mutation;
    this.current = new OwnershipNode({
      self: String(this.number),
      stored,
      nowMs: this.nowMs,
      log: {
        lastPosition: (partition) => this.shards[partition].log.lastDurable,
        fetchTail: (tail) => this.shards[tail.partition].fetch(tail),
        appendEpochStarted: (partition, epoch) => {
          this.world.note(`${this.number} starts epoch ${epoch} of ${partition}`);
          this.shards[partition].lead(epoch, this.world.ownersOf(partition, epoch));
        },
      },
      ...(rules && { rules: { ...OWNERSHIP_RULES, ...rules } }),
    });
    this.settle();
    this.every(TICK_MS, () => this.node.tick(this.nowMs));
    this.every(REPLICATE_MS, () => this.shards.forEach((shard) => shard.replicate()));
  }

  /** The process ends with the power: what was not synced is gone. */
  crash(): void {
    if (this.seals === undefined) return;
    this.world.note(`${this.number} crashes`);
    this.seals = undefined;
    this.current = undefined;
    this.life++;
    this.freeAtMs = { seals: 0, log: 0 };
    this.pausedUntilMs = 0;
    if (this.world.mutation.forgetsSeals === true) this.platter = this.emptyPlatter();
    else this.platter.losePower();
    for (const shard of this.shards) shard.crash();
  }

  /** Nothing that is written to the file comes to an end for so long. */
  hangFile(file: ModelFile, forMs: number): void {
    if (this.current === undefined) return;
    this.world.note(`${this.number}: writing ${file} takes ${forMs} ms`);
    this.freeAtMs[file] = Math.max(this.freeAtMs[file], this.world.queue.nowMs) + forMs;
  }

  receive(from: number, message: ModelMessage): void {
    this.run(() => this.handle(from, message));
  }

  /** As primary, if it is one. */
  write(partition: number, value: number): void {
    if (this.current?.isServing(partition) !== true) return;
    this.run(() => {
      if (this.node.isServing(partition)) this.shards[partition].append(value);
    });
  }

  isServing(partition: number, epoch: number): boolean {
    return this.current?.stateOf(partition, epoch) === 'serving';
  }

  /** Undefined where it may not answer reads of the partition now. */
  readerOf(partition: number): Reader | undefined {
    if (this.current?.holds(partition, this.nowMs) !== true) return undefined;
    const { epoch, owners } = this.shards[partition];
    const commit = this.shards[partition].commitIn(epoch);
    return { machine: this.number, epoch, owners: owners.map((owner) => this.world.subject(owner)), commit };
  }

  send(to: number, message: ModelMessage): void {
    this.world.send(this.number, to, message);
  }

  sync(log: ModelLog, done: () => void): void {
    const write = log.write();
    this.afterDisk('log', () => {
      log.written(write);
      this.run(done);
    });
  }

  acknowledge(partition: number, epoch: number): boolean {
    if (this.node.acknowledge(partition, epoch, this.nowMs) !== 'granted') return false;
    this.world.checks.onGranted(this, partition, epoch);
    return true;
  }

  committed(partition: number, before: number, sequence: number): void {
    this.world.checks.onCommitted(this.number, partition, before, sequence, this.shards[partition].log.records);
  }

  private handle(from: number, message: ModelMessage): void {
    const { node } = this;
    switch (message.kind) {
      case 'frame':
        return node.receive(message.frame, this.nowMs);
      case 'table':
        return node.assign(message.assignment, this.nowMs);
      case 'append':
        return this.shards[message.partition].onAppend(from, message);
      case 'appended':
        return this.shards[message.partition].onAppended(from, message);
      case 'mismatch':
        return this.shards[message.partition].onMismatch(from, message);
      case 'refused':
        return node.onRefused(message.partition, message.sealedEpoch);
      case 'fetch':
        return this.shards[message.tail.partition].onFetch(from, message);
      case 'tail':
        return this.shards[message.tail.partition].onTail(message);
      case 'started':
        return;
    }
  }

  /** Now, or once the pause is over; not at all where the process has ended by then. */
  private run(step: () => void): void {
    if (this.current === undefined) return;
    const { queue } = this.world;
    if (this.pausedUntilMs > queue.nowMs) {
      const { life } = this;
      queue.at(this.pausedUntilMs, () => life === this.life && this.run(step));
      return;
    }
    step();
    this.settle();
  }

  private settle(): void {
    for (const effect of this.node.takeEffects()) this.carryOut(effect);
    const { checks, partitions } = this.world;
    for (let partition = 0; partition < partitions; partition++) {
      checks.checkSealed(this.number, partition, this.node.sealedEpoch(partition));
    }
  }

  private carryOut(effect: OwnershipEffect): void {
    switch (effect.kind) {
      case 'send':
        this.tellChecks(effect.frame);
        return this.send(Number(effect.to), { kind: 'frame', frame: effect.frame });
      case 'save':
        return this.save(effect.seals);
      case 'serve':
        this.world.note(`${this.number} serves epoch ${effect.epoch} of ${effect.partition}`);
        return this.world.checks.onServing(
          this,
          effect.partition,
          effect.epoch,
          this.shards[effect.partition].log.records,
        );
      case 'stop':
        this.world.note(`${this.number} stops epoch ${effect.epoch} of ${effect.partition}: ${effect.reason}`);
        this.shards[effect.partition].resign(effect.epoch);
        return this.world.onStopped(effect.partition, effect.epoch);
    }
  }

  private save(seals: readonly SealRecord[]): void {
    this.seals?.save(seals, (error) => {
      if (error !== undefined) throw error;
      this.run(() => this.node.onSealsSaved(seals, this.nowMs));
    });
  }

  /** What leaves this machine binds it. */
  private tellChecks(frame: Uint8Array): void {
    const { checks, partitions } = this.world;
    const message = decodeOwnership(frame, partitions);
    if (message.type !== 'granted' && message.type !== 'sealed') return;
    for (const { partition, epoch, sealedEpoch } of message.records) {
      if (sealedEpoch > epoch) continue;
      if (message.type === 'sealed') checks.onSealAnswered(this, partition, epoch);
      else checks.onGranted(this, partition, epoch);
    }
  }

  private emptyPlatter(): SimStorage {
    const platter = new SimStorage(this.rng.fork('platter'));
    platter.delayMs = () => this.busyMs('seals');
    return platter;
  }

  private afterDisk(file: ModelFile, done: () => void): void {
    this.afterDelay(this.busyMs(file), done);
  }

  /** How long until an operation that is asked for now is done: one after the other on the same file. */
  private busyMs(file: ModelFile): number {
    const { queue, diskMs } = this.world;
    const doneAtMs = Math.max(this.freeAtMs[file], queue.nowMs) + this.rng.between(FASTEST_DISK_MS, diskMs);
    this.freeAtMs[file] = doneAtMs;
    return doneAtMs - queue.nowMs;
  }

  /** Not at all where the process has ended by then. */
  private afterDelay(delayMs: number, done: () => void): void {
    const { life } = this;
    this.world.queue.after(delayMs, () => {
      if (life === this.life) done();
    });
  }

  private every(intervalMs: number, action: () => void): void {
    const { life } = this;
    const again = (): void => {
      if (life !== this.life) return;
      this.run(action);
      this.world.queue.after(intervalMs / this.speed, again);
    };
    this.world.queue.after(this.rng.between(0, intervalMs), again);
  }
}
