/**
 * Keeps the state on disk. One write at a time: what changes during a write becomes one further write. After an error
 * the newest state is written again and again until that succeeds, and `failing` tells the owner to change nothing more.
 */
import type { ClusterState } from '#libs/cluster';
import type { Disk, DiskError, TimerHandle, Timers } from '#libs/ports';
import { decodeStateFile, encodeStateFile, STATE_PATH } from './state-file.js';

export interface StateStoreListener {
  /** The state, and so every one before it, has become durable. */
  onDurable(state: ClusterState): void;
  onWriteError(error: DiskError): void;
}

export class StateStore {
  writes = 0;
  writeErrors = 0;
  private newest: ClusterState | undefined;
  private writing = false;
  private failedBefore = false;
  private retry: TimerHandle | undefined;
  private onIdle: (() => void) | undefined;

  constructor(
    private readonly disk: Disk,
    private readonly timers: Timers,
    private readonly retryMs: number,
    private readonly listener: StateStoreListener,
  ) {}

  /** The last write failed: nothing saved since then is durable. */
  get failing(): boolean {
    return this.failedBefore;
  }

  /** Answers the state in the file, undefined where there is none, or why it cannot be read. */
  load(done: (error: Error | undefined, state: ClusterState | undefined) => void): void {
    this.disk.readFile(STATE_PATH, (error, bytes) => {
      if (error?.code === 'not-found') return done(undefined, undefined);
      if (error !== undefined) return done(error, undefined);
      let state: ClusterState;
      try {
        state = decodeStateFile(bytes);
      } catch (damage) {
        return done(damage as Error, undefined);
      }
      done(undefined, state);
    });
  }

  save(state: ClusterState): void {
    this.newest = state;
    if (!this.writing && this.retry === undefined) this.write();
  }

  /** Ends retries, and calls back once no write is under way. */
  close(onIdle: () => void): void {
    this.retry?.cancel();
    this.newest = undefined;
    if (this.writing) this.onIdle = onIdle;
    else onIdle();
  }

  private write(): void {
    const state = this.newest;
    if (state === undefined) return;
    this.writing = true;
    this.disk.writeFileAtomic(STATE_PATH, encodeStateFile(state), (error) => {
      this.writing = false;
      if (error === undefined) this.onWritten(state);
      else this.onFailed(error);
      if (!this.writing) this.onIdle?.();
    });
  }

  private onWritten(state: ClusterState): void {
    this.writes++;
    this.failedBefore = false;
    if (this.newest === state) this.newest = undefined;
    this.write();
    this.listener.onDurable(state);
  }

  private onFailed(error: DiskError): void {
    this.writeErrors++;
    this.failedBefore = true;
    if (this.newest !== undefined) {
      this.retry = this.timers.after(this.retryMs, () => {
        this.retry = undefined;
        this.write();
      });
    }
    this.listener.onWriteError(error);
  }
}
