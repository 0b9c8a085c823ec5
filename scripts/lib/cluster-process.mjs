// One process of the cluster: started with its output in a log file, watched until it is ready, stopped within a time limit.
// It runs in a process group of its own, so that Ctrl-C in a terminal reaches the script alone, which keeps the order.
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from './paths.mjs';

const READY_POLL_MS = 20;
const LOG_LINES_SHOWN = 5;
const LOG_LINE_CHARS = 300;

/**
 * How one process is started; called at every start, because a restart keeps the ports of the first one.
 * @typedef {{ command: string, args: string[], env: NodeJS.ProcessEnv, ipc: boolean }} Launch
 */

export class ClusterProcess {
  /** 'down' | 'starting' | 'ready'; shown in cluster.json. */
  state = 'down';
  /** What it listens on; 0 where it does not. Kept over a restart until the next report. */
  ports = { resp: 0, http: 0, admin: 0 };
  /** Set before it is told to end: an end that was asked for is no news. */
  stopping = false;
  #child;
  #exited = Promise.resolve();

  /**
   * @param {{ role: string, id: string, logFile: string, readyFile: string, launch: (self: ClusterProcess) => Launch,
   *   readReport: (self: ClusterProcess) => { resp: number, http: number, admin: number } | undefined,
   *   onExit: (self: ClusterProcess, how: string) => void }} settings
   */
  constructor(settings) {
    this.settings = settings;
  }

  get id() {
    return this.settings.id;
  }

  get role() {
    return this.settings.role;
  }

  get pid() {
    return this.isRunning ? this.#child.pid : undefined;
  }

  get isRunning() {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  start() {
    const { logFile, readyFile, launch } = this.settings;
    rmSync(readyFile, { force: true });
    const { command, args, env, ipc } = launch(this);
    const log = openSync(logFile, 'a');
    const child = spawn(command, args, {
      cwd: ROOT,
      env,
      detached: true,
      stdio: ['ignore', log, log, ...(ipc ? ['ipc'] : [])],
    });
    closeSync(log);
    this.#child = child;
    this.stopping = false;
    this.state = 'starting';
    this.#exited = new Promise((resolve) => {
      child.once('error', (error) => this.#ended(resolve, error.message));
      child.once('exit', (code, signal) => this.#ended(resolve, signal ?? `exit code ${code}`));
    });
  }

  #ended(resolve, how) {
    if (this.state === 'down') return;
    this.state = 'down';
    resolve();
    if (!this.stopping) this.settings.onExit(this, how);
  }

  /**
   * Waits for its report.
   * @throws {Error} when it ends before, or the time is over
   */
  async whenReady(limitMs) {
    const deadline = Date.now() + limitMs;
    while (this.state === 'starting') {
      const ports = this.settings.readReport(this);
      if (ports !== undefined) {
        this.ports = ports;
        this.state = 'ready';
        return;
      }
      if (Date.now() > deadline)
        throw new Error(`${this.id} was not ready after ${limitMs / 1000} s${this.lastLines()}`);
      await sleep(READY_POLL_MS);
    }
    if (this.state === 'down') throw new Error(`${this.id} ended before it was ready${this.lastLines()}`);
  }

  /** Asks it to end, and kills it when it does not in time. @returns {Promise<boolean>} whether it ended by itself */
  async stop(limitMs) {
    this.stopping = true;
    if (!this.isRunning) return true;
    this.#child.kill('SIGTERM');
    const timer = new AbortController();
    const inTime = await Promise.race([
      this.#exited.then(() => true),
      sleep(limitMs, false, { signal: timer.signal }).catch(() => true),
    ]);
    timer.abort();
    if (!inTime) {
      this.kill();
      await this.#exited;
    }
    return inTime;
  }

  /** Ends it without notice; settles when it is gone. */
  kill() {
    this.stopping = true;
    if (this.isRunning) this.#child.kill('SIGKILL');
    return this.#exited;
  }

  /** For what does not end it. */
  signal(name) {
    if (this.isRunning) this.#child.kill(name);
  }

  /** What its log ends with, indented below a message. */
  lastLines() {
    const { logFile } = this.settings;
    if (!existsSync(logFile)) return '';
    const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-LOG_LINES_SHOWN);
    return `; ${logFile} ends with\n${lines.map((line) => `  ${line.slice(0, LOG_LINE_CHARS)}`).join('\n')}`;
  }
}
