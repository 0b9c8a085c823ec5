/**
 * A storage node's log behind its replies: what changed in a turn goes to the log, replies leave once the log has it. While the
 * log refuses, writes are refused and reads go on; what was changed in memory and did not get to the log is in the checkpoint
 * that makes it whole again.
 */
import {
  type EventLog,
  type LogFailure,
  type LogListener,
  REFUSED,
  type SyncPolicy,
  type Ticket,
} from '#libs/event-log';
import type { EventBatch } from '#libs/events';
import type { ErrorCode } from '#libs/kernel';
import type { DiskError, Logger, Timers } from '#libs/ports';
import type { NodeStores } from '../node-stores.js';
import { CheckpointWalk } from './checkpoint-walk.js';
import type { Durability, FrameTarget } from './durability.js';
import { HeldReplies } from './held-replies.js';
import { HybridClock } from './hybrid-clock.js';

export interface NodeLogParts {
  readonly stores: NodeStores;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly nodeId: string;
  shardTimeMs(): number;
}

/** What the log has done and what it is about, in numbers; since the start, where they count something. */
export interface LogReport {
  readonly writtenBytes: number;
  readonly syncs: number;
  readonly failures: number;
  readonly checkpoints: number;
  readonly failedCheckpoints: number;
  /** Behind the last checkpoint. */
  readonly behindBytes: number;
  /** Not written yet. */
  readonly pendingBytes: number;
}

export class NodeLog implements Durability, LogListener {
  readonly clock = new HybridClock();
  private log: EventLog | undefined;
  private readonly held = new HeldReplies();
  private lastTicket: Ticket = 0;
  private walk: CheckpointWalk | undefined;

  constructor(private readonly parts: NodeLogParts) {}

  /** The log has been opened: from now on it takes what happens. */
  use(log: EventLog): void {
    this.log = log;
  }

  /** Undefined before the log has been opened, and after it has been closed. */
  get report(): LogReport | undefined {
    const { log } = this;
    if (log === undefined) return undefined;
    const { writtenBytes, syncs, failures, checkpoints, failedCheckpoints } = log.statistics;
    const { logBytes: behindBytes, pendingBytes } = log;
    return { writtenBytes, syncs, failures, checkpoints, failedCheckpoints, behindBytes, pendingBytes };
  }

  get refusal(): ErrorCode | undefined {
    return this.log?.state === 'refusing' ? 'LOG_REFUSES' : undefined;
  }

  get isFull(): boolean {
    const { held, log } = this;
    return held.isFull || (log !== undefined && !log.isAccepting && log.state !== 'refusing');
  }

  reply(target: FrameTarget, frame: Uint8Array): void {
    this.held.add(target, frame, true);
  }

  acknowledge(target: FrameTarget, frame: Uint8Array): void {
    this.held.add(target, frame, false);
  }

  record(events: EventBatch): void {
    const { log, held } = this;
    if (log === undefined) return held.releaseNew();
    // Nothing was written in this turn then; what has expired, say, is logged late, and reads do not wait for it.
    const wasRefusing = log.state === 'refusing';
    const ticket = events.length > 0 ? this.append(log, events) : this.lastTicket;
    if (wasRefusing) held.releaseNew();
    else if (ticket === undefined) held.loseNew();
    else held.stamp(ticket);
  }

  setPolicy(policy: SyncPolicy): void {
    this.log?.setPolicy(policy);
  }

  /** To be called several times a second. */
  tick(nowMs: number): void {
    const { log } = this;
    if (log === undefined) return;
    log.tick(nowMs);
    if (this.walk === undefined && log.checkpointIsDue) this.beginCheckpoint(log);
  }

  /** Writes and syncs what there is. */
  close(onClosed: () => void): void {
    this.walk?.stop();
    const { log } = this;
    this.log = undefined;
    if (log === undefined) return onClosed();
    log.close((error) => {
      if (error !== undefined) this.tell('ERROR', 'the log could not be closed in order', { error });
      onClosed();
    });
  }

  onWritten(): void {
    // What counts is what the setting promises: onDurable.
  }

  onSynced(): void {
    // The same.
  }

  onDurable(ticket: Ticket): void {
    this.held.onDurable(ticket);
  }

  onFailed({ error, to, needsCheckpoint }: LogFailure): void {
    this.held.onLost(to);
    const what = needsCheckpoint ? ', and waits for a checkpoint once the disk takes it' : '';
    this.tell('ERROR', `the log cannot be written: writes are refused until it can${what}`, { error });
  }

  onWriting(): void {
    this.tell('INFO', 'the log is written again: writes are taken');
  }

  onRemovalFailed(error: DiskError): void {
    this.tell('WARN', 'a file of the log that nobody needs could not be removed', { error });
  }

  /** Undefined where the log does not take it. */
  private append(log: EventLog, events: EventBatch): Ticket | undefined {
    const { clock } = this;
    clock.advance(this.parts.shardTimeMs());
    const ticket = log.append(events.writer.buffer, 0, events.length, clock.wallMs, clock.logical);
    if (ticket === REFUSED) return undefined;
    this.lastTicket = ticket;
    return ticket;
  }

  private beginCheckpoint(log: EventLog): void {
    const writer = log.beginCheckpoint(
      () => this.walk?.goOn(),
      (error) => {
        this.walk?.stop();
        this.walk = undefined;
        if (error !== undefined) this.tell('WARN', 'a checkpoint could not be written', { error });
        else this.tell('INFO', 'a checkpoint is complete', { details: { ...log.checkpoint } });
      },
    );
    if (writer !== undefined) this.walk = new CheckpointWalk(writer, this.parts.stores, this.parts.timers);
  }

  private tell(level: 'INFO' | 'WARN' | 'ERROR', message: string, fields: Record<string, unknown> = {}): void {
    const { logger, nodeId } = this.parts;
    logger.log(level, 'PERSISTENCE', message, { nodeId, ...fields });
  }
}
