/** Ports under a test's control: time moves when told to, the disk answers when told to, and everything is recorded. */
import { concatBytes } from '#libs/kernel';
import { DiskError } from '#libs/ports';
import type {
  Bus,
  BusMessage,
  BusStatus,
  BusSubscription,
  BusTraffic,
  Clock,
  Disk,
  DiskCallback,
  DiskErrorCode,
  DiskFile,
  LogComponent,
  LogFields,
  Logger,
  LogLevel,
  PublishOptions,
  RequestOutcome,
  Rng,
  TimerHandle,
  Timers,
} from '#libs/ports';

export class ManualTime implements Clock, Timers {
  private nowMs = 1000;
  private queue: { atMs: number; order: number; run: () => void }[] = [];
  private order = 0;

  wallMs(): number {
    return 1_700_000_000_000 + this.nowMs;
  }

  monotonicMs(): number {
    return this.nowMs;
  }

  after(delayMs: number, callback: () => void): TimerHandle {
    const entry = { atMs: this.nowMs + delayMs, order: this.order++, run: callback };
    this.queue.push(entry);
    return { cancel: () => (this.queue = this.queue.filter((other) => other !== entry)) };
  }

  every(intervalMs: number, callback: () => void): TimerHandle {
    let handle = this.after(intervalMs, again.bind(this));
    function again(this: ManualTime): void {
      handle = this.after(intervalMs, again.bind(this));
      callback();
    }
    return { cancel: () => handle.cancel() };
  }

  endOfTurn(callback: () => void): void {
    this.after(0, callback);
  }

  get pendingTimers(): number {
    return this.queue.length;
  }

  /** Runs everything that is due until then, in order. */
  advance(ms: number): void {
    const end = this.nowMs + ms;
    for (;;) {
      const next = this.queue.toSorted((a, b) => a.atMs - b.atMs || a.order - b.order).at(0);
      if (next === undefined || next.atMs > end) break;
      this.queue = this.queue.filter((entry) => entry !== next);
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.run();
    }
    this.nowMs = end;
  }

  /** The process was stopped for a while: timers run late, once. */
  freeze(ms: number): void {
    this.nowMs += ms;
  }
}

export class RecordingBus implements Bus {
  status: BusStatus = 'connected';
  readonly maxPayloadBytes = 1024 * 1024;
  readonly traffic: BusTraffic = { messagesIn: 0, messagesOut: 0, bytesIn: 0, bytesOut: 0, dropped: 0 };
  published: { subject: string; payload: Uint8Array }[] = [];
  private subscriptions: { subject: string; handler: (message: BusMessage) => void }[] = [];
  private listeners: ((status: BusStatus) => void)[] = [];

  publish(subject: string, payload: Uint8Array, _options?: PublishOptions): boolean {
    if (this.status !== 'connected') return false;
    this.published.push({ subject, payload });
    return true;
  }

  subscribe(subject: string, handler: (message: BusMessage) => void): BusSubscription {
    const entry = { subject, handler };
    this.subscriptions.push(entry);
    return {
      subject,
      unsubscribe: () => {
        this.subscriptions = this.subscriptions.filter((other) => other !== entry);
      },
    };
  }

  request(_subject: string, _payload: Uint8Array, _deadlineMs: number, onOutcome: (o: RequestOutcome) => void): void {
    onOutcome({ ok: false, reason: 'no-responders' });
  }

  onStatus(listener: (status: BusStatus) => void): () => void {
    this.listeners.push(listener);
    return () => {
      this.listeners = this.listeners.filter((other) => other !== listener);
    };
  }

  setStatus(status: BusStatus): void {
    this.status = status;
    for (const listener of this.listeners) listener(status);
  }

  /** As if the message came in; answers how many subscriptions it reached. */
  deliver(subject: string, payload: Uint8Array, replyTo?: string): number {
    const hit = this.subscriptions.filter(({ subject: pattern }) => matches(pattern, subject));
    for (const { handler } of hit) handler({ subject, payload, replyTo, headers: undefined, noResponders: false });
    return hit.length;
  }

  payloadsOf(subject: string): Uint8Array[] {
    return this.published.filter((message) => message.subject === subject).map((message) => message.payload);
  }
}

function matches(pattern: string, subject: string): boolean {
  return pattern.endsWith('.>') ? subject.startsWith(pattern.slice(0, -1)) : pattern === subject;
}

/** Whole files in memory; writes wait for `settle` while `held`, and fail with `failWith`. */
export class FakeDisk implements Disk {
  readonly files = new Map<string, Uint8Array>();
  held = false;
  failWith: DiskErrorCode | undefined;
  private waiting: (() => void)[] = [];

  constructor(private readonly time: ManualTime) {}

  readFile(path: string, done: DiskCallback<Uint8Array>): void {
    this.later(() => {
      const bytes = this.files.get(path);
      const code = this.failWith ?? 'not-found';
      if (bytes !== undefined && this.failWith === undefined) done(undefined, bytes);
      else done(new DiskError(code, path, `${path}: ${code}`), new Uint8Array(0));
    });
  }

  writeFileAtomic(path: string, bytes: Uint8Array, done: DiskCallback): void {
    this.later(() => {
      if (this.failWith !== undefined) return done(new DiskError(this.failWith, path, `${path}: ${this.failWith}`));
      this.files.set(path, bytes);
      done(undefined);
    });
  }

  /** Carries out what waits, and what that brings about. */
  settle(): void {
    while (this.waiting.length > 0) this.waiting.shift()?.();
  }

  get waitingOperations(): number {
    return this.waiting.length;
  }

  open(path: string, options: { readonly create: boolean }, done: DiskCallback<DiskFile>): void {
    this.perform(path, done, () => {
      if (options.create && !this.files.has(path)) this.files.set(path, new Uint8Array(0));
      return new FakeFile(path, this);
    });
  }

  list(folder: string, done: DiskCallback<readonly string[]>): void {
    this.perform(folder, done, () =>
      [...this.files.keys()]
        .filter((path) => path.startsWith(`${folder}/`))
        .map((path) => path.slice(folder.length + 1))
        .sort(),
    );
  }

  remove(path: string, done: DiskCallback): void {
    this.perform(path, done, () => void this.files.delete(path));
  }

  rename(from: string, to: string, done: DiskCallback): void {
    this.perform(from, done, () => {
      this.files.set(to, this.files.get(from) ?? new Uint8Array(0));
      this.files.delete(from);
    });
  }

  perform<T>(path: string, done: DiskCallback<T>, operation: () => T): void {
    this.later(() => {
      if (this.failWith === undefined) return done(undefined, operation());
      (done as (error: DiskError) => void)(new DiskError(this.failWith, path, `${path}: ${this.failWith}`));
    });
  }

  private later(action: () => void): void {
    this.waiting.push(action);
    if (!this.held) this.time.endOfTurn(() => !this.held && this.settle());
  }
}

class FakeFile implements DiskFile {
  constructor(
    readonly path: string,
    private readonly disk: FakeDisk,
  ) {}

  append(bytes: Uint8Array, done: DiskCallback): void {
    this.disk.perform(this.path, done, () => void this.disk.files.set(this.path, concatBytes([this.bytes, bytes])));
  }

  read(offset: number, length: number, done: DiskCallback<Uint8Array>): void {
    this.disk.perform(this.path, done, () => this.bytes.slice(offset, offset + length));
  }

  sync(done: DiskCallback): void {
    this.disk.perform(this.path, done, () => undefined);
  }

  truncate(length: number, done: DiskCallback): void {
    this.disk.perform(this.path, done, () => void this.disk.files.set(this.path, this.bytes.slice(0, length)));
  }

  size(done: DiskCallback<number>): void {
    this.disk.perform(this.path, done, () => this.bytes.length);
  }

  close(done: DiskCallback): void {
    this.disk.perform(this.path, done, () => undefined);
  }

  private get bytes(): Uint8Array {
    return this.disk.files.get(this.path) ?? new Uint8Array(0);
  }
}

/** Xorshift: the same numbers in every run. */
export class SeededRng implements Rng {
  constructor(private state = 0x9e3779b9) {}

  nextU32(): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    return this.state >>> 0;
  }

  fill(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length; i++) bytes[i] = this.nextU32();
  }
}

export class CollectingLogger implements Logger {
  readonly lines: { level: LogLevel; component: LogComponent; message: string; fields: LogFields | undefined }[] = [];

  isEnabled(): boolean {
    return true;
  }

  log(level: LogLevel, component: LogComponent, message: string, fields?: LogFields): void {
    this.lines.push({ level, component, message, fields });
  }

  matching(text: RegExp): number {
    return this.lines.filter((line) => text.test(line.message)).length;
  }
}
