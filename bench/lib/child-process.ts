/**
 * Processes that a benchmark starts: with their output in a log file, stopped by process id within a time limit, and
 * told to stop when the benchmark itself ends in any way that still runs code. Each is in a process group of its own,
 * so that Ctrl-C reaches the benchmark alone, which then stops them in order.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Resources } from './resources.js';
import { inRoot, ROOT } from './root.js';

export interface ProcessSettings {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly logFile: string;
  readonly env?: NodeJS.ProcessEnv;
  /** A Node program that stops itself when the benchmark is gone. */
  readonly guarded?: boolean;
  readonly stopLimitMs?: number;
}

const GUARD = inRoot('scripts', 'lib', 'cluster-guard.mjs');
const POLL_MS = 5;
const STOP_LIMIT_MS = 15_000;
const LOG_LINES_SHOWN = 8;

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGTERM');
});

/** Tells a child to stop when the benchmark ends before it does. */
export function stopAtExit(child: ChildProcess): void {
  running.add(child);
  for (const event of ['error', 'exit']) child.once(event, () => running.delete(child));
}

/** The environment without what would change a service's settings: a result is one of the settings that it names. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(([name]) => !/^(HC_|OTEL_|NATS_URL$)/.test(name));
  return Object.fromEntries(entries);
}

export class BenchProcess {
  readonly name: string;
  readonly spawnedAtMs = performance.now();
  private readonly child: ChildProcess;
  private readonly exited: Promise<void>;
  private failure = '';

  constructor(private readonly settings: ProcessSettings) {
    const { name, command, args, logFile, env, guarded } = settings;
    this.name = name;
    const log = openSync(logFile, 'a');
    this.child = spawn(command, guarded ? ['--import', GUARD, ...args] : args, {
      cwd: ROOT,
      env: env ?? plainEnvironment(),
      detached: true,
      stdio: ['ignore', log, log, ...(guarded ? ['ipc' as const] : [])],
    });
    closeSync(log);
    stopAtExit(this.child);
    this.exited = new Promise((resolve) => {
      this.child.once('exit', () => resolve());
      this.child.once('error', (error) => {
        this.failure = error.message;
        resolve();
      });
    });
  }

  /** Starts a process that is stopped with the other resources. */
  static start(settings: ProcessSettings, resources: Resources): BenchProcess {
    const started = new BenchProcess(settings);
    resources.add(() => started.stop());
    return started;
  }

  get pid(): number {
    if (this.child.pid === undefined) throw this.error('did not start');
    return this.child.pid;
  }

  get isRunning(): boolean {
    return running.has(this.child);
  }

  /** Polls `probe` until it answers something. Throws when the process ends before, or after `limitMs`. */
  async until<T>(probe: () => Promise<T | undefined> | T | undefined, limitMs = 60_000): Promise<T> {
    const deadlineMs = performance.now() + limitMs;
    for (;;) {
      if (!this.isRunning) throw this.error('ended before it was ready');
      const found = await probe();
      if (found !== undefined) return found;
      if (performance.now() > deadlineMs) throw this.error(`was not ready after ${limitMs / 1000} s`);
      await sleep(POLL_MS);
    }
  }

  /** Asks it to end, and kills it when it does not in time. */
  async stop(): Promise<void> {
    if (!this.isRunning) return;
    const { stopLimitMs = STOP_LIMIT_MS } = this.settings;
    this.child.kill('SIGTERM');
    const limit = setTimeout(() => this.child.kill('SIGKILL'), stopLimitMs);
    await this.exited;
    clearTimeout(limit);
  }

  /** Ends it at once, as a failure would: without a chance to say anything. Answers when it is gone. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
  }

  private error(what: string): Error {
    return new Error(`${this.name} ${what}${this.failure && `: ${this.failure}`}${this.lastLines()}`);
  }

  private lastLines(): string {
    const { logFile } = this.settings;
    if (!existsSync(logFile)) return '';
    const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-LOG_LINES_SHOWN);
    return `; its log ends with\n${lines.map((line) => `  ${line}`).join('\n')}`;
  }
}
