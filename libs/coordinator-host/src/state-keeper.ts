/**
 * The one place where the cluster's state changes: decide, evolve, persist, and only then publish. While the disk
 * fails nothing changes, so that what is not durable stays small and nobody hears of it.
 */
import {
  decide,
  EMPTY_CLUSTER_STATE,
  evolve,
  noticeOf,
  type ClusterCommand,
  type ClusterEvent,
  type ClusterState,
  type Decision,
  type Refusal,
} from '#libs/cluster';
import type { Clock, Disk, DiskError, Logger, Timers } from '#libs/ports';
import { COORDINATOR_BOUNDS } from './bounds.js';
import type { Publisher } from './publisher.js';
import { STATE_PATH } from './state-file.js';
import { StateStore } from './state-store.js';

export interface StateKeeperPorts {
  readonly disk: Disk;
  readonly timers: Timers;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** `blocked`: the command would change the state, which cannot change now; nothing is known to be refused. */
export type Outcome = Decision | (Refusal & { readonly blocked: true });

export class StateKeeper {
  private current: ClusterState = EMPTY_CLUSTER_STATE;
  private readonly store: StateStore;

  constructor(
    private readonly ports: StateKeeperPorts,
    writeRetryMs: number,
    private readonly publisher: Publisher,
    /** Told of every event, in order, once it is decided; not durable yet. */
    private readonly onEvent: (event: ClusterEvent) => void,
    private readonly onDurable: () => void,
  ) {
    this.store = new StateStore(ports.disk, ports.timers, writeRetryMs, {
      onDurable: (state) => this.publish(state),
      onWriteError: (error) => this.reportWriteError(error),
    });
  }

  get state(): ClusterState {
    return this.current;
  }

  get failing(): boolean {
    return this.store.failing;
  }

  get writes(): number {
    return this.store.writes;
  }

  get writeErrors(): number {
    return this.store.writeErrors;
  }

  load(done: (error?: Error) => void): void {
    this.store.load((error, state) => {
      if (error !== undefined) return done(error);
      if (state !== undefined) {
        this.current = state;
        this.publisher.onDurable(state);
      }
      done();
    });
  }

  apply(command: ClusterCommand): Outcome {
    const decision = decide(this.current, command);
    if (!decision.ok || decision.events.length === 0) return decision;
    const blocked = this.whyBlocked();
    if (blocked !== undefined) return { ok: false, reason: blocked, code: 'unavailable', blocked: true };
    const atMs = Math.floor(this.ports.clock.wallMs());
    for (const event of decision.events) {
      this.current = evolve(this.current, event);
      const notice = noticeOf(event, this.current.eventIndex, atMs);
      this.publisher.enqueue(notice);
      this.ports.logger.log('INFO', 'COORDINATOR', notice.name, { details: notice.fields });
    }
    this.store.save(this.current);
    for (const event of decision.events) this.onEvent(event);
    return decision;
  }

  close(onClosed: () => void): void {
    this.store.close(onClosed);
  }

  private whyBlocked(): string | undefined {
    if (this.store.failing) return `${STATE_PATH} cannot be written`;
    if (this.publisher.pendingEvents >= COORDINATOR_BOUNDS.maxPendingEvents)
      return 'too many changes wait for the disk';
    return undefined;
  }

  private publish(state: ClusterState): void {
    this.publisher.onDurable(state);
    this.onDurable();
  }

  private reportWriteError(error: DiskError): void {
    this.ports.logger.log(
      'ERROR',
      'PERSISTENCE',
      `${STATE_PATH} cannot be written; the cluster cannot change until it can`,
      {
        error,
      },
    );
  }
}
