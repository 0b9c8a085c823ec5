/**
 * One machine with one member: a production node (libs/raft) over production files (libs/raft-log) on a simulated disk. It
 * crashes and starts, pauses, and its clock may run too fast or too slowly. After every step of the node the checks look at it.
 */
import { ByteReader, ByteWriter, crc32 } from '#libs/kernel';
import {
  configurationOf,
  MemoryLogStorage,
  NO_MEMBERS,
  RaftNode,
  SAFETY_RULES,
  type Entry,
  type Message,
  type Ready,
  type RaftStatus,
  type ReadState,
  type Snapshot,
} from '#libs/raft';
import { RaftLogFiles, type RaftLogError } from '#libs/raft-log';
import { SimDisk, SimStorage } from '../sim-disk.js';
import type { SimRng } from '../sim-rng.js';
import type { LostMember, MachineSurroundings } from './machine-surroundings.js';
import { must } from './safety-checks.js';

const TICK_MS = 10;
/** Clocks differ by less than a tenth in all, which leases allow for. */
const MAX_DRIFT = 0.005;
const FOLDER = 'raft';
/** Small, so that segments come and go. */
const SEGMENT_BYTES = 4_096;
const RETRY_MS = 40;
/** Snapshots are larger than a chunk, so that they take several. */
const CHUNK_BYTES = 16;
const SNAPSHOT_PADDING = 40;
const FASTEST_DISK_MS = 0.05;

export class RaftMachine implements LostMember {
  /** 0 while the disk is lost and the old id may not be used again. */
  id: number;
  node: RaftNode | undefined;
  /** What the disk has acknowledged; stays when the process ends. */
  storage: MemoryLogStorage | undefined;
  platter: SimStorage;
  /** A bit of it has flipped. */
  isRotten = false;
  /** Writes fail, or failed. */
  isDiskBroken = false;
  pausedUntilMs = 0;
  hangsUntilMs = 0;
  /** Of the clock. */
  speed = 1;
  private readonly rng: SimRng;
  private readonly drift: number;
  /** Moves on with every start and end: what was under way for an earlier life is dropped. */
  private life = 0;
  private isStarting = false;
  private files: RaftLogFiles | undefined;
  private underWay: Ready | undefined;
  private isSaving = false;
  private lastTickMs = 0;
  /** What has been applied, and a hash of it. */
  private applied = 0;
  private hash = 0;
  private waitingReads: ReadState[] = [];

  constructor(
    private readonly world: MachineSurroundings,
    readonly number: number,
  ) {
    this.id = number;
    this.rng = world.rng.fork(`machine ${number}`);
    this.drift = 1 + this.rng.between(-MAX_DRIFT, MAX_DRIFT);
    this.platter = this.emptyPlatter();
    this.start();
  }

  get term(): number {
    return this.node?.status.term ?? 0;
  }

  get isAwake(): boolean {
    return this.pausedUntilMs <= this.world.queue.nowMs;
  }

  /** For so long at least: a pause that is under way may last longer. */
  pause(forMs: number): void {
    this.pausedUntilMs = Math.max(this.pausedUntilMs, this.world.queue.nowMs + forMs);
  }

  /** Nothing where it runs already, or its disk is lost. */
  start(): void {
    if (this.node !== undefined || this.isStarting || this.id === 0) return;
    this.life++;
    this.isStarting = true;
    this.world.note(`${this.id} starts`);
    const disk = new SimDisk({ after: (delayMs, turn) => this.after(delayMs, turn) }, this.platter);
    const files = new RaftLogFiles(disk, FOLDER, SEGMENT_BYTES);
    files.load((error, stored) => {
      if (error !== undefined) this.onLoadFailed(error);
      else if (stored !== undefined) this.run(files, MemoryLogStorage.from(stored));
      else this.create(files);
    });
  }

  /** The process ends; with a loss of power, so does what was not synced. */
  crash(power: boolean): void {
    if (this.node === undefined && !this.isStarting && !power) return;
    this.world.note(`${this.id} ${power ? 'loses its power' : 'crashes'}`);
    this.end();
    if (power) this.platter.losePower();
    else this.platter.crash();
  }

  /** The disk is gone, with all that this member ever promised. */
  loseDisk(): void {
    this.world.note(`${this.id} loses its disk`);
    this.end();
    this.platter = this.emptyPlatter();
    this.isRotten = false;
    this.isDiskBroken = false;
    this.world.lose(this);
    this.storage = undefined;
    this.id = 0;
  }

  /** With an empty disk and an id that nobody ever had. */
  startAnew(): void {
    this.id = this.world.takeId();
    this.start();
  }

  /** Takes a snapshot; once it is durable, the log before it goes, but for `keep` entries. */
  compact(keep: number): void {
    const { node, storage, files } = this;
    if (node === undefined || storage === undefined || this.underWay !== undefined || this.isSaving) return;
    const writer = new ByteWriter();
    writer.u32(this.applied);
    writer.u32(this.hash);
    writer.bytes(new Uint8Array(SNAPSHOT_PADDING));
    const snapshot = node.snapshotOf(writer.toBytes());
    if (snapshot === undefined) return;
    const compactTo = Math.max(0, snapshot.index - keep);
    this.isSaving = true;
    files?.saveSnapshot(snapshot, compactTo, (error) => {
      this.isSaving = false;
      if (error !== undefined) return this.onDiskFailed(error);
      // A leader's may have come in the meantime.
      if (snapshot.index <= storage.snapshot.index) return;
      this.world.note(`${this.id} has a snapshot up to ${snapshot.index}`);
      storage.save(snapshot);
      storage.compact(compactTo);
    });
  }

  /**
   * Does something with the node, then what the node wants done. The ticks that are due come first, as whoever drives a
   * node owes it: leases rest on that, however a pause has ended.
   */
  touch(action: (node: RaftNode) => void): void {
    if (this.isAwake) this.passTicks();
    this.act(action);
  }

  private act(action: (node: RaftNode) => void): void {
    const { node, world } = this;
    if (node === undefined) return;
    const before = world.isTold ? node.status : undefined;
    action(node);
    if (before !== undefined) this.tellChange(before, node.status);
    world.checks.check(node);
    this.work();
  }

  private tellChange(before: RaftStatus, { role, term, vote, commit }: RaftStatus): void {
    const { world, id } = this;
    if (vote !== before.vote && vote !== 0) world.note(`${id} votes for ${vote} in term ${term}`);
    if (role !== before.role) world.note(`${id} is ${role} in term ${term}`);
    if (commit !== before.commit) world.note(`${id} knows that ${commit} is committed`);
  }

  receive(message: Message): void {
    if (this.node === undefined) return;
    this.whenAwake(this.life, () => {
      this.world.checks.onDelivery(message);
      this.touch((node) => node.step(message));
    });
  }

  private emptyPlatter(): SimStorage {
    const platter = new SimStorage(this.rng.fork(`disk ${this.id}`));
    platter.tearsFailedAppends = true;
    platter.forgetsSyncErrors = true;
    platter.ignoresSyncs = this.world.mutation.ignoresSyncs === true;
    platter.delayMs = () => {
      const { weather, queue } = this.world;
      const delayMs = platter.rng.between(FASTEST_DISK_MS, weather.diskMs);
      return this.hangsUntilMs > queue.nowMs ? this.hangsUntilMs - queue.nowMs + delayMs : delayMs;
    };
    return platter;
  }

  private end(): void {
    this.life++;
    this.node = undefined;
    this.files = undefined;
    this.underWay = undefined;
    this.isStarting = false;
    this.isSaving = false;
    this.waitingReads = [];
  }

  private create(files: RaftLogFiles): void {
    const isFounder = this.id <= this.world.plan.founders;
    const founders = Array.from({ length: this.world.plan.founders }, (_, i) => i + 1);
    const configuration = isFounder ? configurationOf(founders) : NO_MEMBERS;
    files.create(configuration, (error) => {
      if (error !== undefined) this.onDiskFailed(error);
      else this.run(files, new MemoryLogStorage(configuration));
    });
  }

  private run(files: RaftLogFiles, storage: MemoryLogStorage): void {
    const { world, id, life, rng } = this;
    const before = this.storage;
    must(!this.isRotten, `${id}: starts from a disk with a bit that has flipped`);
    this.isStarting = false;
    this.files = files;
    this.storage = storage;
    this.restore(storage.snapshot);
    const { oneByOne } = world.plan;
    this.node = new RaftNode(
      {
        id,
        storage,
        rng,
        electionTicks: 10,
        heartbeatTicks: 3,
        maxInflightMessages: oneByOne ? 1 : 4,
        maxInflightBytes: 200,
        maxAppendBytes: oneByOne ? 20 : 80,
        maxCommittedBytes: 100,
        maxUncommittedBytes: 600,
        snapshotChunkBytes: CHUNK_BYTES,
      },
      { ...SAFETY_RULES, ...world.mutation.rules },
    );
    world.checks.onStart(this.node, before, storage);
    this.lastTickMs = world.queue.nowMs;
    world.queue.after(rng.between(0, this.tickMs), () => this.tick(life));
  }

  private get tickMs(): number {
    return (TICK_MS * this.drift) / this.speed;
  }

  private tick(life: number): void {
    if (this.life !== life) return;
    const { queue } = this.world;
    if (!this.isAwake) {
      queue.at(this.pausedUntilMs, () => this.tick(life));
      return;
    }
    this.passTicks();
    queue.at(this.lastTickMs + this.tickMs, () => this.tick(life));
  }

  private passTicks(): void {
    const { tickMs } = this;
    const { nowMs } = this.world.queue;
    while (this.node !== undefined && this.lastTickMs + tickMs <= nowMs) {
      this.lastTickMs += tickMs;
      this.act((node) => node.tick());
    }
  }

  private work(): void {
    const { node, files, world } = this;
    if (node === undefined) return;
    for (const message of node.takeMessages()) world.send(message);
    this.applyNow(node);
    if (this.underWay !== undefined || !node.hasReady()) return;
    const ready = node.ready();
    world.checks.checkEntries(node, ready.entries);
    this.underWay = ready;
    if (!ready.mustSync) return this.finish(node, ready);
    files?.write(this.spoilt(ready), (error) => {
      if (error !== undefined) this.onDiskFailed(error);
      else this.finish(node, ready);
    });
  }

  private applyNow(node: RaftNode): void {
    const entries = node.takeCommitted();
    if (entries.length === 0) return;
    for (const entry of entries) this.apply(entry);
    this.answerReads([]);
  }

  /** What a mutant writes. */
  private spoilt(ready: Ready): Ready {
    const { keep } = this.world.mutation;
    return keep === undefined || ready.hardState === undefined ? ready : { ...ready, hardState: keep(ready.hardState) };
  }

  private finish(node: RaftNode, ready: Ready): void {
    const { world } = this;
    const storage = this.storage as MemoryLogStorage;
    const { hardState, snapshot, entries, messages, committed } = ready;
    if (hardState !== undefined) {
      storage.hardState = hardState;
      world.checks.onPromise(node, hardState);
    }
    if (snapshot !== undefined) storage.install(snapshot);
    storage.append(entries);
    for (const message of messages) world.send(message);
    if (snapshot !== undefined) this.restore(snapshot);
    for (const entry of committed) this.apply(entry);
    this.answerReads(ready.readStates);
    this.underWay = undefined;
    this.act(() => node.advance());
  }

  private answerReads(fresh: readonly ReadState[]): void {
    if (fresh.length === 0 && this.waitingReads.length === 0) return;
    this.waitingReads.push(...fresh);
    this.waitingReads = this.waitingReads.filter(({ context, index }) => {
      if (index > this.applied) return true;
      this.world.checks.onReadAnswered(this.id, context, this.applied);
      return false;
    });
  }

  private restore({ index, data }: Snapshot): void {
    this.applied = 0;
    this.hash = 0;
    if (index > 0) {
      const reader = new ByteReader(data);
      this.applied = reader.u32();
      this.hash = reader.u32();
    }
    this.world.checks.checkState(this.id, index, this.hash);
  }

  private apply({ index, type, term, data }: Entry): void {
    must(index === this.applied + 1, `${this.id}: entry ${index} is applied after ${this.applied}`);
    this.applied = index;
    this.hash = crc32(data, 0, data.length, this.hash ^ (index * 31 + term * 7 + type)) >>> 0;
    this.world.checks.checkState(this.id, index, this.hash);
  }

  /** A disk that failed proves nothing any more: the process ends, and tries again. */
  private onDiskFailed(error: RaftLogError): void {
    this.world.note(`${this.id} stops: ${error.message}`);
    this.end();
    this.platter.crash();
    const { life } = this;
    this.world.queue.after(RETRY_MS, () => {
      if (this.life === life) this.start();
    });
  }

  private onLoadFailed(error: RaftLogError): void {
    if (error.code === 'io') return this.onDiskFailed(error);
    must(this.isRotten, `${this.id}: does not start though nothing rots: ${error.message}`);
    this.loseDisk();
  }

  private after(delayMs: number, turn: () => void): void {
    const { life } = this;
    this.world.queue.after(delayMs, () => this.whenAwake(life, turn));
  }

  private whenAwake(life: number, action: () => void): void {
    if (this.life !== life) return;
    if (this.isAwake) return action();
    // A little later than the ticks that were missed.
    this.world.queue.at(this.pausedUntilMs + 0.01, () => this.whenAwake(life, action));
  }
}
