/** A log over a simulated disk that stops, loses power and fails as a spec says; nothing happens until the spec lets it. */
import { EventBatch, EventReader, EVENT_KINDS } from '#libs/events';
import type { DiskError } from '#libs/ports';
import { EventQueue, SimDisk, SimRng, SimStorage, type LaterTurns } from '#libs/simulator';
import {
  EventLog,
  EventLogError,
  type EventLogOptions,
  type LogFailure,
  type LogListener,
  type OnDamage,
  type RecoveryReport,
  type RecoveryVisitor,
  type ShardStart,
} from './index.js';

export const FOLDER = 'events';
export const STORE = 1;
const NEVER_MS = 1e12;

/** One process: what it has asked for is never answered after its end. */
class Life implements LaterTurns {
  isOver = false;
  constructor(private readonly queue: EventQueue) {}

  after(delayMs: number, turn: () => void): void {
    this.queue.after(delayMs, () => this.isOver || turn());
  }
}

/** All that a log has said. */
export class Heard implements LogListener {
  written = 0;
  synced = 0;
  durable = 0;
  writing = 0;
  readonly failures: LogFailure[] = [];
  readonly removals: DiskError[] = [];
  onWritten = (ticket: number): void => void (this.written = ticket);
  onSynced = (ticket: number): void => void (this.synced = ticket);
  onDurable = (ticket: number): void => void (this.durable = ticket);
  onFailed = (failure: LogFailure): void => void this.failures.push(failure);
  onWriting = (): void => void this.writing++;
  onRemovalFailed = (error: DiskError): void => void this.removals.push(error);
}

/** All that a recovery has visited: batches by their numbers, and shards with those of their records. */
export class Visited implements RecoveryVisitor {
  starts = 0;
  shards: { readonly start: ShardStart; readonly numbers: number[] }[] = [];
  log: number[] = [];
  times: [number, number][] = [];
  progress: [number, number][] = [];

  onStart = (): void => {
    this.starts++;
    this.shards = [];
    this.log = [];
    this.times = [];
  };
  onShard = (start: ShardStart): void => void this.shards.push({ start, numbers: [] });
  onCheckpointRecords = (buffer: Uint8Array, offset: number, length: number): void => {
    this.shards.at(-1)!.numbers.push(...numbersIn(buffer, offset, length));
  };
  onLogRecords = (buffer: Uint8Array, offset: number, length: number, wallMs: number, logical: number): void => {
    this.log.push(...numbersIn(buffer, offset, length));
    this.times.push([wallMs, logical]);
  };
  onProgress = (done: number, total: number): void => void this.progress.push([done, total]);
}

/** Records of one batch, each with its number as its sequence, and bytes that make it so long. */
export function records(numbers: readonly number[], bodyBytes = 8, partition = 0): Uint8Array {
  const batch = new EventBatch();
  for (const number of numbers) {
    batch.begin(EVENT_KINDS.entrySet, 0, STORE, partition, number);
    for (let i = 0; i < bodyBytes; i++) batch.writer.u8((number * 31 + i * 7) & 0xff);
    batch.end();
  }
  return batch.writer.toBytes();
}

/** The numbers of records, which must be whole and hold what was written into them. */
export function numbersIn(buffer: Uint8Array, offset: number, length: number): number[] {
  const reader = new EventReader();
  const numbers: number[] = [];
  reader.open(buffer, offset, length);
  while (reader.advance()) {
    numbers.push(reader.sequence);
    for (let i = 0; i < reader.bodyLength; i++) {
      const expected = (reader.sequence * 31 + i * 7) & 0xff;
      if (reader.buffer[reader.bodyOffset + i] !== expected) throw new Error(`record ${reader.sequence} is garbled`);
    }
  }
  return numbers;
}

export class LogRig {
  readonly queue = new EventQueue();
  readonly rng: SimRng;
  readonly storage: SimStorage;
  heard = new Heard();
  disk!: SimDisk;
  log!: EventLog;
  private life!: Life;

  constructor(
    private readonly options: Partial<EventLogOptions> = {},
    seed = 1,
  ) {
    this.rng = new SimRng(seed);
    this.storage = new SimStorage(this.rng.fork('disk'));
    this.boot();
  }

  /** A new process over the same disk, its log not opened yet. */
  boot(): void {
    if (this.life !== undefined) this.life.isOver = true;
    this.life = new Life(this.queue);
    this.disk = new SimDisk(this.life, this.storage);
    this.heard = new Heard();
    const options = { folder: FOLDER, policy: 'always' as const, newLogId: 4711, ...this.options };
    this.log = new EventLog(this.disk, options, this.heard);
  }

  crash(power: 'kept' | 'lost'): void {
    this.life.isOver = true;
    if (power === 'lost') this.storage.losePower();
    else this.storage.crash();
    this.boot();
  }

  /** Lets the disk do all that it was asked for. */
  settle(): void {
    while (this.queue.step(NEVER_MS));
  }

  /** Opens the log and answers what recovery says; throws its error. */
  open(visitor: RecoveryVisitor = new Visited(), onDamage: OnDamage = 'refuse'): RecoveryReport {
    const answers: { error: EventLogError | undefined; report: RecoveryReport }[] = [];
    this.log.open(visitor, onDamage, (error, report) => answers.push({ error, report }));
    this.settle();
    if (answers.length !== 1) throw new Error(`open has answered ${answers.length} times`);
    if (answers[0].error !== undefined) throw answers[0].error;
    return answers[0].report;
  }

  /** The next process's recovery. */
  reopen(onDamage: OnDamage = 'refuse'): { readonly report: RecoveryReport; readonly visited: Visited } {
    const visited = new Visited();
    this.boot();
    const report = this.open(visited, onDamage);
    return { report, visited };
  }

  append(numbers: readonly number[], bodyBytes = 8): number {
    const bytes = records(numbers, bodyBytes);
    return this.log.append(bytes, 0, bytes.length, 1_000_000 + numbers[0], 0);
  }

  /** Appends batches one by one, each written, and synced where the policy says so, before the next. */
  appendEach(numbers: Iterable<number>, bodyBytes = 8): void {
    for (const number of numbers) {
      this.append([number], bodyBytes);
      this.settle();
    }
  }

  close(): Error | undefined {
    const answers: (Error | undefined)[] = [];
    this.log.close((error) => answers.push(error));
    this.settle();
    if (answers.length !== 1) throw new Error(`close has answered ${answers.length} times`);
    return answers[0];
  }

  /** Writes a whole checkpoint of one shard; answers how it ended. */
  checkpoint(numbers: readonly number[], sequence: number, bodyBytes = 8): Error | undefined | 'none' {
    const answers: (Error | undefined)[] = [];
    const writer = this.log.beginCheckpoint(
      () => undefined,
      (error) => answers.push(error),
    );
    if (writer === undefined) return 'none';
    this.settle();
    writer.shard({ storeId: STORE, partition: 0, group: 1, epoch: 3, sequence });
    for (const number of numbers) {
      const bytes = records([number], bodyBytes);
      writer.records(bytes, 0, bytes.length);
      this.settle();
    }
    writer.shardEnd();
    writer.finish();
    this.settle();
    if (answers.length !== 1) throw new Error(`the checkpoint has answered ${answers.length} times`);
    return answers[0];
  }

  read(path: string): Uint8Array {
    const inode = this.storage.files.get(path);
    if (inode === undefined) throw new Error(`${path} is not there`);
    return inode.read(0, inode.length);
  }

  /** Replaces a file's content, durably. */
  put(path: string, bytes: Uint8Array): void {
    this.disk.writeFileAtomic(path, bytes, () => undefined);
    this.settle();
  }

  change(path: string, change: (bytes: Uint8Array) => Uint8Array): void {
    this.put(path, change(this.read(path)));
  }

  remove(path: string): void {
    this.storage.files.delete(path);
  }

  /** Names below the log's folder that hold anything. */
  files(): string[] {
    const paths = [...this.storage.files].filter(([, inode]) => inode.length > 0).map(([path]) => path);
    return paths.map((path) => path.slice(FOLDER.length + 1)).sort();
  }

  /** A copy of the disk as it is, for a spec that spoils it again and again. */
  snapshot(): ReadonlyMap<string, Uint8Array> {
    return new Map([...this.storage.files].map(([path, inode]) => [path, inode.read(0, inode.length)]));
  }

  restore(files: ReadonlyMap<string, Uint8Array>): void {
    this.storage.files.clear();
    for (const [path, bytes] of files) {
      this.disk.writeFileAtomic(path, bytes, () => undefined);
    }
    this.settle();
  }
}

export const segmentPath = (number: number): string => `${FOLDER}/log/${number.toString(16).padStart(16, '0')}.log`;
export const checkpointPath = (number: number): string =>
  `${FOLDER}/checkpoint/${number.toString(16).padStart(16, '0')}.ckp`;
export const MANIFEST = `${FOLDER}/MANIFEST`;

export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, at) => from + at);
}
