/**
 * Random lives of a log, and of a plain store that it keeps: events of a few keys, fuzzy checkpoints, failing disks, crashes and
 * losses of power at any operation, recoveries that crash too. After each of them the store must be what it was after some
 * batch: none before one that was acknowledged, nothing left out, nothing invented.
 */
import { EventBatch, EventReader, EVENT_KINDS } from '#libs/events';
import type { DiskOperationName, SimRng } from '#libs/simulator';
import { ReplayFilter, type CheckpointWriter, type RecoveryVisitor, type SyncPolicy } from './index.js';
import { LogRig, STORE } from './log-rig.support.spec.js';

const PARTITIONS = 3;
const KEYS = 8;
const STEPS_TO_PEACE = 400;
const POLICIES: readonly SyncPolicy[] = ['always', 'everysec', 'no'];
const FAULTY: readonly DiskOperationName[][] = [
  ['append'],
  ['sync'],
  ['append', 'sync'],
  ['writeFileAtomic', 'open'],
  ['append', 'sync', 'writeFileAtomic', 'open', 'remove', 'rename'],
];

interface Change {
  readonly partition: number;
  readonly key: number;
  /** 0: removed. */
  readonly value: number;
}

/** Values by partition and key, 0 where there is none, and the last sequence of each partition. */
class Store {
  readonly values = new Uint32Array(PARTITIONS * KEYS);
  readonly sequences = new Uint32Array(PARTITIONS);

  apply({ partition, key, value }: Change, sequence: number): void {
    this.values[partition * KEYS + key] = value;
    this.sequences[partition] = Math.max(this.sequences[partition], sequence);
  }

  run(batch: readonly Change[]): void {
    for (const change of batch) this.apply(change, this.sequences[change.partition] + 1);
  }

  equals(other: Store): boolean {
    return String(this.values) === String(other.values) && String(this.sequences) === String(other.sequences);
  }
}

/** Builds a store from what a recovery visits. */
class Rebuilding implements RecoveryVisitor {
  store = new Store();
  private readonly filter = new ReplayFilter();
  private readonly reader = new EventReader();

  onStart(): void {
    this.store = new Store();
    this.filter.clear();
  }

  onShard(start: Parameters<RecoveryVisitor['onShard']>[0]): void {
    this.filter.add(start);
    this.store.sequences[start.partition] = start.sequence;
  }

  onCheckpointRecords(buffer: Uint8Array, offset: number, length: number): void {
    this.take(buffer, offset, length, false);
  }

  onLogRecords(buffer: Uint8Array, offset: number, length: number): void {
    this.take(buffer, offset, length, true);
  }

  onProgress(): void {}

  private take(buffer: Uint8Array, offset: number, length: number, isLog: boolean): void {
    const { reader, store } = this;
    reader.open(buffer, offset, length);
    while (reader.advance()) {
      const { storeId, partition, epoch, sequence, bodyOffset: at } = reader;
      if (isLog && this.filter.contains(storeId, partition, epoch, sequence)) continue;
      const value = new DataView(buffer.buffer, buffer.byteOffset).getUint32(at + 1, true);
      store.apply({ partition, key: buffer[at], value }, isLog ? sequence : 0);
    }
  }
}

/** Walks the store in steps, while it changes. */
class Walk {
  private readonly order: number[];
  private key = 0;

  constructor(
    readonly writer: CheckpointWriter,
    private readonly life: LogLife,
    rng: SimRng,
  ) {
    this.order = Array.from({ length: PARTITIONS }, (_, partition) => partition);
    for (let i = PARTITIONS - 1; i > 0; i--) {
      const other = rng.below(i + 1);
      [this.order[i], this.order[other]] = [this.order[other], this.order[i]];
    }
  }

  step(): void {
    if (this.writer.isOver || !this.writer.hasRoom) return;
    const [partition] = this.order;
    const { store } = this.life;
    if (partition === undefined) return this.writer.finish();
    if (this.key === 0) {
      const sequence = store.sequences[partition];
      this.writer.shard({ storeId: STORE, partition, group: 1, epoch: 0, sequence });
    }
    if (this.key < KEYS) {
      const value = store.values[partition * KEYS + this.key];
      if (value > 0) {
        const bytes = this.life.encode([{ partition, key: this.key, value }], true);
        this.writer.records(bytes, 0, bytes.length);
      }
    }
    if (this.key++ < KEYS) return;
    this.writer.shardEnd();
    this.order.shift();
    this.key = 0;
    if (this.order.length === 0) this.writer.finish();
  }
}

export class LogLife {
  store = new Store();
  crashes = 0;
  checkpoints = 0;
  failures = 0;
  healings = 0;
  private history: (readonly Change[])[] = [];
  /** The history's length with each ticket's batch. */
  private lengths: number[] = [0];
  /** Batches that were acknowledged, as a crash and as a loss of power may not touch them. */
  private kept = 0;
  private durable = 0;
  private readonly rig: LogRig;
  private readonly rng: SimRng;
  private policy: SyncPolicy;
  private walk: Walk | undefined;
  private nowMs = 0;
  private nextValue = 1;
  private readonly encoder = new EventBatch();

  constructor(private readonly seed: number) {
    const options = { segmentBytes: 600, checkpointMinLogBytes: 1_500, checkpointFactor: 1 };
    this.policy = POLICIES[seed % POLICIES.length];
    this.rig = new LogRig({ ...options, policy: this.policy, appends: 'inline' }, seed);
    this.rng = this.rig.rng.fork('life');
    const { storage } = this.rig;
    storage.tearsFailedAppends = true;
    storage.forgetsSyncErrors = true;
    storage.leavesHoles = true;
  }

  run(steps: number): void {
    this.recover('kept');
    for (let i = 0; i < steps; i++) this.step();
    this.peace();
  }

  /** Everything works again: the log must take what comes, and keep it. */
  private peace(): void {
    this.rig.storage.faults = () => undefined;
    for (let i = 0; i < STEPS_TO_PEACE && this.rig.log.state !== 'writing'; i++) {
      this.tick(500);
      this.checkpointSteps();
      this.rig.settle();
    }
    this.check(this.rig.log.state === 'writing', `the log is ${this.rig.log.state} although all is well`);
    this.append();
    this.rig.settle();
    this.check(this.rig.close() === undefined, 'closing failed');
    this.durable = this.kept = this.history.length;
    this.crash('lost');
  }

  private step(): void {
    const { rng, rig } = this;
    const draw = rng.below(100);
    if (draw < 40) this.append();
    else if (draw < 60) this.runDisk(rng.below(12));
    else if (draw < 72) this.tick(rng.below(120));
    else if (draw < 88) this.checkpointSteps();
    else if (draw < 91) this.breakDisk();
    else if (draw < 94) rig.storage.faults = () => undefined;
    else if (draw < 95) this.changePolicy();
    else if (draw < 96) this.refuse();
    else if (draw < 97) this.closeInOrder();
    else if (rng.chance(0.4)) this.crash(rng.chance(0.5) ? 'kept' : 'lost');
  }

  private append(): void {
    const { rig, rng, history } = this;
    // A host refuses clients then; what happens by itself, such as expiry, happens nevertheless.
    if (!rig.log.isAccepting && rng.chance(0.8)) return;
    const batch = Array.from({ length: 1 + rng.below(3) }, (): Change => {
      const value = rng.chance(0.2) ? 0 : this.nextValue++;
      return { partition: rng.below(PARTITIONS), key: rng.below(KEYS), value };
    });
    const bytes = this.encode(batch, false);
    history.push(batch);
    this.store.run(batch);
    const ticket = rig.log.append(bytes, 0, bytes.length, this.nowMs, 0);
    if (ticket > 0) this.lengths[ticket] = history.length;
  }

  /** A batch that the log cannot take, and that has happened. */
  private refuse(): void {
    const batch = [{ partition: 0, key: 0, value: this.nextValue++ }];
    this.history.push(batch);
    this.store.run(batch);
    this.rig.log.append(new Uint8Array(100), 0, 2 ** 31, this.nowMs, 0);
  }

  private runDisk(operations: number): void {
    for (let i = 0; i < operations; i++) {
      this.rig.queue.step(this.rig.queue.nowMs + 5);
      this.listen();
    }
  }

  private tick(ms: number): void {
    this.nowMs += ms;
    this.rig.log.tick(this.nowMs);
    this.listen();
  }

  /** What was acknowledged under `always` survives a loss of power, all else the end of the process. */
  private listen(): void {
    const { heard } = this.rig;
    const kept = this.lengths[heard.durable] ?? 0;
    if (kept > this.kept && this.policy === 'always') this.durable = kept;
    this.kept = Math.max(this.kept, kept);
    this.failures = Math.max(this.failures, heard.failures.length);
    this.healings = Math.max(this.healings, heard.writing);
  }

  private checkpointSteps(): void {
    const { rig, rng } = this;
    if (this.walk?.writer.isOver !== false && (rig.log.checkpointIsDue || rng.chance(0.3))) {
      const writer = rig.log.beginCheckpoint(
        () => undefined,
        (error) => (this.checkpoints += error === undefined ? 1 : 0),
      );
      this.walk = writer === undefined ? undefined : new Walk(writer, this, rng);
    }
    for (let i = rng.below(20); i >= 0; i--) this.walk?.step();
  }

  private breakDisk(): void {
    const { rng, rig } = this;
    const operations = rng.pick(FAULTY);
    const probability = rng.pick([0.1, 0.5, 1]);
    const code = rng.pick(['io', 'no-space'] as const);
    rig.storage.faults = (operation) => (operations.includes(operation) && rng.chance(probability) ? code : undefined);
  }

  private changePolicy(): void {
    this.listen();
    this.policy = this.rng.pick(POLICIES);
    this.rig.log.setPolicy(this.policy);
    this.listen();
  }

  private closeInOrder(): void {
    this.listen();
    const error = this.rig.close();
    if (error === undefined && this.rig.heard.failures.length === 0) this.durable = this.kept = this.history.length;
    this.walk = undefined;
    this.rig.boot();
    this.recover('kept');
  }

  private crash(power: 'kept' | 'lost'): void {
    this.crashes++;
    this.rig.crash(power);
    this.recover(power);
  }

  private recover(power: 'kept' | 'lost'): void {
    const { rig, rng } = this;
    this.walk = undefined;
    let worst = power;
    // Recoveries crash too, and meet failing disks.
    while (rng.chance(0.3)) {
      rig.log.open(new Rebuilding(), 'refuse', () => undefined);
      for (let i = rng.below(40); i > 0; i--) rig.queue.step(rig.queue.nowMs + 5);
      const again = rng.chance(0.5) ? 'kept' : 'lost';
      if (again === 'lost') worst = again;
      rig.crash(again);
    }
    rig.storage.faults = () => undefined;
    const rebuilt = new Rebuilding();
    const report = rig.open(rebuilt);
    this.check(report.lost === undefined, 'something was lost');
    this.judge(rebuilt.store, worst === 'lost' ? this.durable : this.kept);
    rig.log.setPolicy(this.policy);
  }

  /** The store must be what it was after some batch, from the last acknowledged one on. */
  private judge(found: Store, from: number): void {
    const expected = new Store();
    for (const batch of this.history.slice(0, from)) expected.run(batch);
    let length = from;
    while (!found.equals(expected)) {
      this.check(length < this.history.length, `what was recovered was never so, of ${from} to ${length} batches`);
      expected.run(this.history[length++]);
    }
    this.history.length = length;
    this.store = found;
    this.lengths = [length];
    // What was recovered is made durable before the log takes anything new.
    this.kept = this.durable = length;
  }

  encode(changes: readonly Change[], isCopy: boolean): Uint8Array {
    const { encoder } = this;
    encoder.reset();
    const sequences = this.store.sequences.slice();
    for (const { partition, key, value } of changes) {
      const sequence = isCopy ? 0 : ++sequences[partition];
      encoder.begin(EVENT_KINDS.entrySet, 0, STORE, partition, sequence);
      encoder.writer.u8(key);
      encoder.writer.u32(value);
      encoder.end();
    }
    return encoder.writer.toBytes();
  }

  private check(condition: boolean, problem: string): asserts condition {
    if (!condition) throw new Error(`seed ${this.seed}: ${problem}`);
  }
}
