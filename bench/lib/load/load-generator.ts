/**
 * A load of reads and writes with values that are all checked. As fast as the answers come it measures throughput; on
 * a fixed schedule (open loop) it measures latencies from the moment at which an operation was due, so that one which
 * waits behind a slow one counts as slow too (G. Tene, "How NOT to Measure Latency": coordinated omission).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Xorshift } from '../xorshift.js';
import { KeyedCommands } from './keyed-commands.js';
import { KeyVersions } from './key-versions.js';
import { LoadConnection, type LoadListener } from './load-connection.js';
import { LoadResults, type LoadFailures, type LoadWindow } from './load-results.js';
import { REPLY_KINDS, type ReplyKind } from './reply-stream.js';

export interface LoadSettings {
  readonly port: number;
  readonly keys: number;
  readonly valueBytes: number;
  readonly connections: number;
  /** Of the operations on random keys: from 0 to 1. */
  readonly writeShare: number;
}

/** Unanswered commands of each connection where it sends as fast as answers come. */
const DEPTH = 32;
/** The schedule's step: what is due within one goes out together. */
const STEP_MS = 1;
const DRAIN_LIMIT_MS = 10_000;
const POLL_MS = 5;

/** Sends a connection's next command; false where it has none. */
type Source = (connection: LoadConnection, index: number) => boolean;

export class LoadGenerator implements LoadListener {
  private readonly rng = new Xorshift(1);
  private readonly results = new LoadResults();
  private readonly versions: KeyVersions;
  private readonly commands: KeyedCommands;
  private connections: readonly LoadConnection[] = [];
  private source: Source | undefined;
  private schedule: NodeJS.Timeout | undefined;
  private isSampled = false;
  private answers = 0;

  private constructor(private readonly settings: LoadSettings) {
    this.versions = new KeyVersions(settings.keys);
    this.commands = new KeyedCommands(settings.valueBytes);
  }

  static async open(settings: LoadSettings): Promise<LoadGenerator> {
    const load = new LoadGenerator(settings);
    const { port, connections } = settings;
    const open = (): Promise<LoadConnection> => LoadConnection.open(port, load.commands, load);
    load.connections = await Promise.all(Array.from({ length: connections }, open));
    return load;
  }

  /** Writes every key once. */
  fill(): Promise<void> {
    return this.each((connection, key) => connection.send(key, this.versions.next(key), 0));
  }

  /** Reads every key once. */
  readAll(): Promise<void> {
    return this.each((connection, key) => connection.send(key, 0, 0));
  }

  /** Operations a second while each connection has so many commands unanswered that it never waits to send. */
  async peak(seconds: number): Promise<number> {
    this.start((connection, index) => this.sendRandom(connection, index, 0));
    await sleep(1_000);
    const before = this.answers;
    const startMs = performance.now();
    await sleep(1_000 * seconds);
    const rate = (1_000 * (this.answers - before)) / (performance.now() - startMs);
    await this.drain();
    return rate;
  }

  /** Sends so many operations a second from now on, whatever becomes of them. */
  begin(perSecond: number): void {
    const startMs = now();
    const perStep = (perSecond * STEP_MS) / 1_000;
    let step = 0;
    let due = 0;
    let turn = 0;
    this.isSampled = true;
    this.schedule = setInterval(() => {
      for (const nowMs = now(); startMs + step * STEP_MS <= nowMs; step++) {
        for (const end = Math.floor(perStep * (step + 1)); due < end; due++) {
          const index = turn++ % this.connections.length;
          const isSent = this.sendRandom(this.connections[index], index, startMs + step * STEP_MS);
          if (!isSent) this.results.fail('not sent');
        }
      }
      for (const connection of this.connections) connection.flush();
    }, STEP_MS);
  }

  /** Ends the schedule and waits for the answers. */
  async end(): Promise<void> {
    clearInterval(this.schedule);
    await this.drain();
    this.isSampled = false;
  }

  /** Times are wall-clock milliseconds. */
  window(fromMs: number, toMs: number): LoadWindow {
    return this.results.window(fromMs, toMs);
  }

  failures(): LoadFailures & { readonly unknownWrites: number } {
    return { ...this.results.failures, unknownWrites: this.versions.unknownWrites };
  }

  close(): void {
    clearInterval(this.schedule);
    for (const connection of this.connections) connection.close();
  }

  onReply(
    key: number,
    version: number,
    dueMs: number,
    kind: ReplyKind,
    bytes: Buffer,
    at: number,
    length: number,
  ): void {
    this.answers++;
    if (this.isSampled) this.results.add(dueMs, now() - dueMs);
    if (kind === REPLY_KINDS.error) return this.onError(key, version, bytes.toString('latin1', at, at + length));
    if (version > 0) return this.versions.onAcknowledged(key, version);
    const read = kind === REPLY_KINDS.nil ? 0 : this.commands.versionIn(bytes, at, length, key);
    if (this.versions.isRight(key, read)) return;
    if (read === 0) this.results.addMissing(`key ${key} is gone`);
    else this.results.addWrong(`key ${key}: ${bytes.toString('latin1', at, at + Math.min(length, 32))}`);
  }

  onAnswered(connection: LoadConnection): void {
    if (this.source !== undefined) this.refill(connection, this.connections.indexOf(connection), this.source);
  }

  onLost(key: number, version: number): void {
    this.results.fail('connection lost');
    if (version > 0) this.versions.onUnknown(key, version);
  }

  /** The first word of an error says whether the command may have been executed. */
  private onError(key: number, version: number, text: string): void {
    const [kind] = text.split(' ', 1);
    this.results.fail(kind);
    if (version > 0 && kind === 'TIMEOUT') this.versions.onUnknown(key, version);
  }

  private async each(send: (connection: LoadConnection, key: number) => boolean): Promise<void> {
    const { connections, settings } = this;
    const next = connections.map((_, index) => index);
    this.start((connection, index) => {
      const key = next[index];
      if (key >= settings.keys) return false;
      next[index] += connections.length;
      return send(connection, key);
    });
    while (next.some((key) => key < settings.keys)) await sleep(POLL_MS);
    await this.drain();
  }

  /** A connection has keys of its own. */
  private sendRandom(connection: LoadConnection, index: number, dueMs: number): boolean {
    const { keys, connections, writeShare } = this.settings;
    const key = this.rng.below(Math.floor(keys / connections)) * connections + index;
    const version = this.rng.next() < writeShare ? this.versions.next(key) : 0;
    return connection.send(key, version, dueMs);
  }

  private start(source: Source): void {
    this.source = source;
    for (const [index, connection] of this.connections.entries()) this.refill(connection, index, source);
  }

  private refill(connection: LoadConnection, index: number, source: Source): void {
    while (connection.unanswered < DEPTH && source(connection, index));
    connection.flush();
  }

  private async drain(): Promise<void> {
    this.source = undefined;
    const deadlineMs = performance.now() + DRAIN_LIMIT_MS;
    while (this.connections.some(({ unanswered }) => unanswered > 0)) {
      if (performance.now() > deadlineMs) throw new Error(`no answers for ${DRAIN_LIMIT_MS / 1_000} s`);
      await sleep(POLL_MS);
    }
  }
}

/** Wall-clock milliseconds, with fractions, that never go back. */
function now(): number {
  return performance.timeOrigin + performance.now();
}
