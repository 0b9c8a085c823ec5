/**
 * Asks the coordinator to change stores and settings, and answers once this gateway's own table holds the change, so
 * that a client can use at once what it has been told is there. A request keeps its id over repetitions, and the
 * coordinator carries it out once.
 */
import {
  decide,
  decodeChangeReply,
  EMPTY_CLUSTER_STATE,
  encodeChangeRequest,
  NO_QUORUM_AFTER_MS,
  type ChangeOutcome,
  type ClusterChange,
  type ClusterTable,
  type RoutingTable,
} from '#libs/cluster';
import { DecodeError, hexText } from '#libs/kernel';
import type { Bus, Clock, RequestOutcome, Rng, TimerHandle, Timers } from '#libs/ports';

/** Requests under way at a gateway; more are refused. */
export const MAX_PENDING_CHANGES = 64;
/** Wait before the coordinator is asked again after nobody listened. */
const RETRY_MS = 50;
/** Wait for one answer before the same request is sent again: longer than it takes to be told that nobody leads. */
export const ATTEMPT_MS = 2 * NO_QUORUM_AFTER_MS;
const REQUEST_ID_BYTES = 16;

export interface ClusterChangesParts {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly rng: Rng;
  readonly subject: string;
  /** Changes at run time. */
  readonly timing: { readonly requestTimeoutMs: number };
  routing(): RoutingTable | undefined;
  requestTable(): void;
}

interface PendingChange {
  readonly bytes: Uint8Array;
  readonly deadlineMs: number;
  readonly onOutcome: (outcome: ChangeOutcome) => void;
  /** A request without an answer may have been carried out. */
  mayBeDone: boolean;
  /** The table that holds the change, once it has been accepted. */
  awaits: number | undefined;
  timer: TimerHandle | undefined;
}

export class ClusterChanges {
  private readonly pending = new Set<PendingChange>();

  constructor(private readonly parts: ClusterChangesParts) {}

  get count(): number {
    return this.pending.size;
  }

  /** Calls back once, at the latest at the request deadline. */
  request(changes: readonly ClusterChange[], onOutcome: (outcome: ChangeOutcome) => void): void {
    const { clock, rng, timing } = this.parts;
    const table = this.parts.routing()?.table;
    if (table === undefined) return onOutcome(refused('unavailable', 'this gateway has no cluster table yet'));
    const fault = faultOf(table, changes);
    if (fault !== undefined) return onOutcome(refused('invalid', fault));
    const { clusterId } = table;
    if (this.pending.size >= MAX_PENDING_CHANGES) {
      return onOutcome(refused('unavailable', `${MAX_PENDING_CHANGES} changes are under way at this gateway already`));
    }
    const id = new Uint8Array(REQUEST_ID_BYTES);
    rng.fill(id);
    let bytes: Uint8Array;
    try {
      bytes = encodeChangeRequest({ clusterId, requestId: hexText(id), changes });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return onOutcome(refused('invalid', error.message));
    }
    const deadlineMs = clock.monotonicMs() + timing.requestTimeoutMs;
    const change = { bytes, deadlineMs, onOutcome, mayBeDone: false, awaits: undefined, timer: undefined };
    this.pending.add(change);
    this.send(change);
  }

  /** This gateway has a newer table. */
  onTable(tableVersion: number): void {
    for (const change of this.pending) {
      if (change.awaits !== undefined && tableVersion >= change.awaits) this.finish(change, { ok: true, tableVersion });
    }
  }

  private send(change: PendingChange): void {
    const { bus, clock, subject } = this.parts;
    const leftMs = change.deadlineMs - clock.monotonicMs();
    if (leftMs <= 0) return this.giveUp(change);
    bus.request(subject, change.bytes, Math.min(leftMs, ATTEMPT_MS), (outcome) => this.onAnswer(change, outcome));
  }

  private onAnswer(change: PendingChange, outcome: RequestOutcome): void {
    if (!outcome.ok) {
      change.mayBeDone ||= outcome.reason === 'timeout' || outcome.reason === 'closed';
      return this.later(change, outcome.reason === 'timeout' ? 0 : RETRY_MS, () => this.send(change));
    }
    let reply;
    try {
      reply = decodeChangeReply(outcome.message.payload);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      change.mayBeDone = true;
      return this.later(change, RETRY_MS, () => this.send(change));
    }
    if (!reply.accepted) return this.finish(change, refused(reply.code, reply.reason));
    this.await(change, reply.tableVersion);
  }

  private await(change: PendingChange, tableVersion: number): void {
    const { clock, routing, requestTable } = this.parts;
    if ((routing()?.tableVersion ?? 0) >= tableVersion) return this.finish(change, { ok: true, tableVersion });
    change.awaits = tableVersion;
    requestTable();
    this.later(change, change.deadlineMs - clock.monotonicMs(), () =>
      this.finish(change, refused('timeout', 'the change was made, but this gateway has not heard of it in time')),
    );
  }

  private later(change: PendingChange, delayMs: number, action: () => void): void {
    change.timer = this.parts.timers.after(Math.max(0, delayMs), action);
  }

  private giveUp(change: PendingChange): void {
    this.finish(
      change,
      change.mayBeDone
        ? refused('timeout', 'no answer from the coordinator within the deadline; the outcome is unknown')
        : refused('unavailable', 'no coordinator is reachable; nothing was changed'),
    );
  }

  private finish(change: PendingChange, outcome: ChangeOutcome): void {
    if (!this.pending.delete(change)) return;
    change.timer?.cancel();
    change.onOutcome(outcome);
  }
}

/** What is wrong with the changes themselves: no coordinator need be asked for that. */
function faultOf(table: ClusterTable, changes: readonly ClusterChange[]): string | undefined {
  const decision = decide({ ...EMPTY_CLUSTER_STATE, table }, { type: 'Change', requestId: '', changes });
  return !decision.ok && decision.code === 'invalid' ? decision.reason : undefined;
}

function refused(code: Exclude<ChangeOutcome, { ok: true }>['code'], reason: string): ChangeOutcome {
  return { ok: false, code, reason };
}
