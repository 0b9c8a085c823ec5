/**
 * A Raft group in virtual time: nodes with clocks that drift, disks that take their time and lose what was not synced, and
 * a network that loses, delays, doubles and reorders. Everything is decided by one seed.
 */
import { ByteReader, ByteWriter, crc32 } from '#libs/kernel';
import {
  configurationOf,
  decodeMessage,
  encodeMessage,
  MemoryLogStorage,
  type Entry,
  type HardState,
  type Message,
  type Ready,
  type ReadState,
  type Snapshot,
} from '../index.js';
import { RaftNode } from '../raft-node.js';
import { SAFETY_RULES, type SafetyRules } from '../rules.js';
import { EventQueue } from './event-queue.support.spec.js';
import { Random } from './random.support.spec.js';
import { SafetyChecks } from './safety-checks.support.spec.js';

export interface Sabotage {
  readonly rules?: Partial<SafetyRules>;
  /** What the disk keeps in the place of a hard state. */
  readonly keep?: (state: HardState) => HardState;
}

export interface NetworkQuality {
  drop: number;
  double: number;
  /** A message out of so many takes up to 300 ms. */
  late: number;
  delayMs: number;
  syncMs: number;
}

const TICK_MS = 10;
const MAX_DRIFT = 0.03;
/** One message out of so many also goes through its bytes. */
const CODED = 8;

/** Snapshots are larger than a chunk, so that they take several. */
const CHUNK_BYTES = 16;
const SNAPSHOT_PADDING = 60;

interface Machine {
  index: number;
  hash: number;
}

export class Member {
  storage: MemoryLogStorage;
  node: RaftNode | undefined;
  machine: Machine = { index: 0, hash: 0 };
  /** Grows with every start and crash: what was under way for an earlier life is dropped. */
  life = 0;
  pausedUntilMs = 0;
  underWay: Ready | undefined;
  lastTickMs = 0;
  waitingReads: ReadState[] = [];
  readonly tickMs: number;

  constructor(
    readonly id: number,
    founders: readonly number[],
    random: Random,
  ) {
    this.storage = new MemoryLogStorage(founders.includes(id) ? configurationOf(founders) : undefined);
    this.tickMs = TICK_MS * (1 + random.between(-MAX_DRIFT, MAX_DRIFT));
  }
}

export class VirtualCluster {
  readonly queue = new EventQueue();
  readonly checks = new SafetyChecks();
  readonly members: Member[];
  readonly quality: NetworkQuality = { drop: 0, double: 0, late: 0, delayMs: 3, syncMs: 2 };
  /** `from * 100 + to` of links that are cut. */
  readonly cut = new Set<number>();
  private readonly maxAppendBytes: number;
  private readonly maxInflightMessages: number;

  constructor(
    readonly random: Random,
    founders: readonly number[],
    everybody: readonly number[],
    private readonly sabotage: Sabotage = {},
    oneByOne = false,
  ) {
    this.maxAppendBytes = oneByOne ? 20 : 80;
    this.maxInflightMessages = oneByOne ? 1 : 4;
    this.members = everybody.map((id) => new Member(id, founders, random));
    for (const member of this.members) this.start(member);
  }

  get running(): Member[] {
    return this.members.filter(({ node }) => node !== undefined);
  }

  /** All that think so. */
  get leaders(): Member[] {
    return this.running.filter(({ node }) => node?.status.role === 'leader');
  }

  start(member: Member): void {
    const { storage } = member;
    const life = ++member.life;
    member.underWay = undefined;
    member.waitingReads = [];
    this.restore(member, storage.snapshot);
    member.node = new RaftNode(
      {
        id: member.id,
        storage,
        rng: this.random,
        electionTicks: 10,
        heartbeatTicks: 2,
        maxInflightMessages: this.maxInflightMessages,
        maxInflightBytes: 200,
        maxAppendBytes: this.maxAppendBytes,
        maxCommittedBytes: 100,
        maxUncommittedBytes: 600,
        snapshotChunkBytes: CHUNK_BYTES,
      },
      { ...SAFETY_RULES, ...this.sabotage.rules },
    );
    this.checks.onStart(member.node);
    member.lastTickMs = this.queue.nowMs;
    this.queue.after(this.random.between(0, member.tickMs), () => this.tick(member, life));
  }

  /** The process ends. Of a write under way an arbitrary first part has reached the disk. */
  crash(member: Member): void {
    if (member.node === undefined) return;
    if (member.underWay !== undefined) this.write(member, member.underWay, this.random.below(4));
    member.life++;
    member.node = undefined;
  }

  /** Takes a snapshot and forgets the log before it, but for `keep` entries. */
  compact(member: Member, keep: number): void {
    const writer = new ByteWriter();
    writer.u32(member.machine.index);
    writer.u32(member.machine.hash);
    writer.bytes(new Uint8Array(SNAPSHOT_PADDING));
    const snapshot = member.underWay === undefined ? member.node?.snapshotOf(writer.toBytes()) : undefined;
    if (snapshot === undefined) return;
    member.storage.save(snapshot);
    member.storage.compact(snapshot.index - keep);
  }

  /** Does something with a node, then what the node wants done. */
  touch(member: Member, action: (node: RaftNode) => void): void {
    const { node } = member;
    if (node === undefined) return;
    action(node);
    this.checks.check(node);
    this.work(member);
  }

  private tick(member: Member, life: number): void {
    if (member.life !== life) return;
    const { nowMs } = this.queue;
    if (member.pausedUntilMs > nowMs) return this.queue.at(member.pausedUntilMs, () => this.tick(member, life));
    while (member.lastTickMs + member.tickMs <= nowMs) {
      member.lastTickMs += member.tickMs;
      this.touch(member, (node) => node.tick());
    }
    this.queue.at(member.lastTickMs + member.tickMs, () => this.tick(member, life));
  }

  private work(member: Member): void {
    const { node, life } = member;
    if (node === undefined || member.underWay !== undefined || !node.hasReady()) return;
    const ready = node.ready();
    this.checks.checkEntries(node, ready.entries);
    member.underWay = ready;
    if (!ready.mustSync) return this.finish(member, ready);
    const { syncMs } = this.quality;
    this.queue.after(this.random.between(0.1, syncMs), () =>
      this.whenAwake(member, life, () => this.finish(member, ready)),
    );
  }

  private finish(member: Member, ready: Ready): void {
    const node = member.node as RaftNode;
    this.write(member, ready, 3);
    if (ready.hardState !== undefined) this.checks.onPromise(node, ready.hardState);
    for (const message of ready.messages) this.send(message);
    if (ready.snapshot !== undefined) this.restore(member, ready.snapshot);
    for (const entry of ready.committed) this.apply(member, entry);
    member.waitingReads.push(...ready.readStates);
    const isReadable = ({ index }: ReadState): boolean => index <= member.machine.index;
    for (const { context } of member.waitingReads.filter(isReadable)) {
      this.checks.onReadAnswered(member.id, context, member.machine.index);
    }
    member.waitingReads = member.waitingReads.filter((read) => !isReadable(read));
    member.underWay = undefined;
    this.touch(member, () => node.advance());
  }

  /** 0: nothing, 1: the hard state, 2: the snapshot too and some entries, 3: everything. */
  private write(member: Member, { hardState, snapshot, entries }: Ready, extent: number): void {
    const { storage } = member;
    if (extent >= 1 && hardState !== undefined) storage.hardState = this.sabotage.keep?.(hardState) ?? hardState;
    if (extent >= 2 && snapshot !== undefined) storage.install(snapshot);
    if (extent === 2) storage.append(entries.slice(0, this.random.below(entries.length + 1)));
    if (extent === 3) storage.append(entries);
  }

  private send(message: Message): void {
    const { random, quality } = this;
    if (this.cut.has(message.from * 100 + message.to)) return;
    const copies = random.chance(quality.double) ? 2 : 1;
    for (let i = 0; i < copies; i++) {
      if (random.chance(quality.drop)) continue;
      const delayMs = random.chance(quality.late) ? random.between(1, 300) : random.between(0.2, quality.delayMs);
      this.queue.after(delayMs, () => this.deliver(message));
    }
  }

  private deliver(message: Message): void {
    const member = this.members.find(({ id }) => id === message.to);
    if (member?.node === undefined) return;
    const coded = this.random.below(CODED) === 0 ? decodeMessage(encodeMessage('sim', message)).message : message;
    this.whenAwake(member, member.life, () => {
      this.checks.onDelivery(coded);
      this.touch(member, (node) => node.step(coded));
    });
  }

  private whenAwake(member: Member, life: number, action: () => void): void {
    if (member.life !== life) return;
    if (member.pausedUntilMs <= this.queue.nowMs) return action();
    // A little later than the ticks that were missed.
    this.queue.at(member.pausedUntilMs + 0.01, () => this.whenAwake(member, life, action));
  }

  private restore(member: Member, { index, data }: Snapshot): void {
    if (index > 0) {
      const reader = new ByteReader(data);
      member.machine = { index: reader.u32(), hash: reader.u32() };
    } else member.machine = { index: 0, hash: 0 };
    this.checks.checkState(member.id, index, member.machine.hash);
  }

  private apply(member: Member, { index, type, term, data }: Entry): void {
    const { machine } = member;
    if (index !== machine.index + 1) throw new Error(`${member.id}: entry ${index} is applied after ${machine.index}`);
    machine.index = index;
    machine.hash = crc32(data, 0, data.length, machine.hash ^ (index * 31 + term * 7 + type)) >>> 0;
    this.checks.checkState(member.id, index, machine.hash);
  }
}
