/**
 * A client of a simulated gateway: sends pipelines, matches replies to commands in order, and writes down what it saw. When
 * its connection breaks, the outcome of whatever was unanswered is unknown.
 */
import { concatBytes } from '#libs/kernel';
import { decodeReply, replyLength } from '#libs/resp';
import { type ClientCommand, type CommandResult, encode, interpret, NO_ANSWER } from './client-command.js';
import type { EventQueue } from './event-queue.js';
import type { History } from './history.js';

export interface ClientConnection {
  send(bytes: Uint8Array): void;
  breakOff(): void;
}

interface Unanswered {
  readonly command: ClientCommand;
  readonly firstId: number;
  readonly invokeMs: number;
  /** Time that the gateway had spent in pauses when the command was sent. */
  readonly pausedMs: number;
  readonly onResult: ((result: CommandResult) => void) | undefined;
}

export interface ClientSetting {
  readonly queue: EventQueue;
  readonly history: History;
  /** Every command has its reply within so long, pauses of the gateway not counted. */
  readonly replyWithinMs: number;
  gatewayPausedMs(): number;
  onFinding(text: string): void;
  onClosed(): void;
}

export class SimClient {
  replies = 0;
  private connection: ClientConnection | undefined;
  private received = new Uint8Array(0);
  private readonly unanswered: Unanswered[] = [];

  constructor(
    /** Number of the connection, as the history has it. */
    readonly id: number,
    private readonly setting: ClientSetting,
  ) {}

  /** The connection is made by whoever knows the gateway; its events come to this client. */
  attach(connection: ClientConnection): void {
    this.connection = connection;
  }

  get pending(): number {
    return this.unanswered.length;
  }

  get isOpen(): boolean {
    return this.connection !== undefined;
  }

  /** Sends a pipeline in one chunk. `onResult` is called for each of its commands, in order. */
  send(commands: readonly ClientCommand[], onResult?: (result: CommandResult) => void): void {
    const { history, queue } = this.setting;
    const pausedMs = this.setting.gatewayPausedMs();
    for (const command of commands) {
      const firstId = history.takeId();
      for (let i = 1; i < command.steps.length; i++) history.takeId();
      this.unanswered.push({ command, firstId, invokeMs: queue.nowMs, pausedMs, onResult });
    }
    this.connection?.send(concatBytes(commands.map(encode)));
  }

  close(): void {
    this.connection?.breakOff();
    this.onClosed();
  }

  onBytes(bytes: Uint8Array): void {
    this.received = concatBytes([this.received, bytes]) as Uint8Array<ArrayBuffer>;
    for (;;) {
      const length = replyLength(this.received, 0, this.received.length);
      if (length === 0) return;
      if (length < 0) return this.giveUp(`connection ${this.id}: malformed reply`);
      const reply = decodeReply(this.received, 0, length);
      this.received = this.received.slice(length);
      const answered = this.unanswered.shift();
      if (answered === undefined) return this.giveUp(`connection ${this.id}: a reply without a command`);
      this.replies++;
      const result = interpret(answered.command, reply);
      if (result.finding !== undefined) this.setting.onFinding(`connection ${this.id}: ${result.finding}`);
      this.checkDuration(answered);
      this.record(answered, result, this.setting.queue.nowMs);
    }
  }

  onClosed(): void {
    if (this.connection === undefined) return;
    this.connection = undefined;
    this.abandon();
    this.setting.onClosed();
  }

  /** The run is over: what has no answer by now has none. */
  abandon(): void {
    for (const unanswered of this.unanswered.splice(0)) this.record(unanswered, NO_ANSWER, Infinity);
  }

  private checkDuration({ invokeMs, pausedMs, command }: Unanswered): void {
    const { queue, replyWithinMs } = this.setting;
    const tookMs = queue.nowMs - invokeMs - (this.setting.gatewayPausedMs() - pausedMs);
    if (tookMs <= replyWithinMs) return;
    this.setting.onFinding(
      `connection ${this.id}: ${command.words.join(' ')} was answered after ${tookMs.toFixed(0)} ms`,
    );
  }

  private record({ command, firstId, invokeMs, onResult }: Unanswered, result: CommandResult, returnMs: number): void {
    const { outcome, answers } = result;
    command.steps.forEach(({ key, action }, i) => {
      this.setting.history.operations.push({
        id: firstId + i,
        connection: this.id,
        key,
        action,
        invokeMs,
        returnMs: outcome === 'ok' ? returnMs : Infinity,
        outcome,
        answer: outcome === 'ok' ? answers[i] : null,
      });
    });
    onResult?.(result);
  }

  private giveUp(finding: string): void {
    this.setting.onFinding(finding);
    this.close();
  }
}
