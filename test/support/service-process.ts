// One built service as a process of its own, the way an operator starts it: environment in, ready file out, stopped by its
// process id. Whatever a test forgets is killed when the test process ends.
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './source-tree.js';
import { until } from './until.js';

export type Role = 'standalone' | 'gateway' | 'storage-node' | 'coordinator';

/** The ports that a ready service listens on; 0 where not. */
export interface Ports {
  readonly respPort: number;
  readonly httpPort: number;
  readonly adminPort: number;
}

export interface Exit {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** One line of a service's log. */
export interface LogLine {
  readonly level: string;
  readonly component: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

/** A service starts in less than a second; on a machine that runs everything else too it takes its time. */
const READY_LIMIT_MS = 60_000;
const START_ATTEMPTS = 3;
const PORT_TAKEN = /port \d+ is in use/;
const MAX_OUTPUT_CHARS = 4_000_000;
/** Those that scripts and images start services with. */
const { NODE_FLAGS } = (await import(new URL('../../scripts/lib/node-flags.mjs', import.meta.url).href)) as {
  readonly NODE_FLAGS: readonly string[];
};
/** What the tests' own environment says must not reach a service. */
const FOREIGN_VARIABLES = /^(?:HC_|NATS_|OTEL_|NODE_OPTIONS$|NODE_V8_COVERAGE$)/;

const alive = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

export class ServiceProcess {
  private child: ChildProcess | undefined;
  private exited: Promise<Exit> = Promise.resolve({ code: null, signal: null });
  private readonly readyFile: string;
  private readyPorts: Ports | undefined;
  /** Both of the current run. */
  stdout = '';
  stderr = '';
  /** From the spawn to the ready file. */
  startMs = 0;

  /** @param folder what the service may write to @param environment settings as HC_* variables @param args flags */
  constructor(
    readonly role: Role,
    readonly id: string,
    private readonly folder: string,
    private readonly environment: Readonly<Record<string, string>>,
    private readonly args: readonly string[] = [],
  ) {
    this.readyFile = join(folder, `${id}.ready.json`);
  }

  get pid(): number {
    const pid = this.child?.pid;
    if (pid === undefined) throw new Error(`${this.id} does not run`);
    return pid;
  }

  get running(): boolean {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  get ports(): Ports {
    if (this.readyPorts === undefined) throw new Error(`${this.id} is not ready`);
    return this.readyPorts;
  }

  /** The lines of its log so far. */
  log(): LogLine[] {
    const lines = this.stdout.split('\n').filter((line) => line.startsWith('{') && line.endsWith('}'));
    return lines.map((line) => JSON.parse(line) as LogLine);
  }

  /** Starts the process; after an earlier run it takes the same ports again. */
  spawn(): void {
    rmSync(this.readyFile, { force: true });
    this.stdout = '';
    this.stderr = '';
    const main = join(ROOT, 'dist', 'apps', this.role, 'src', 'main.js');
    const child = spawn(process.execPath, [...NODE_FLAGS, main, ...this.args], {
      cwd: this.folder,
      env: { ...ownEnvironment(), ...this.defaults(), ...this.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    alive.add(child);
    child.stdout.setEncoding('utf8').on('data', (text: string) => (this.stdout = bounded(this.stdout + text)));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.stderr = bounded(this.stderr + text)));
    this.exited = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        alive.delete(child);
        resolve({ code, signal });
      });
    });
  }

  /**
   * Starts the process and waits until it has said that it is ready. A port that was free when the process chose it may be
   * another's by the time it listens: then it chooses again.
   */
  async start(attempts = START_ATTEMPTS): Promise<this> {
    const startedAt = performance.now();
    this.spawn();
    try {
      await this.whenReady();
    } catch (error) {
      const isPortTaken = this.readyPorts === undefined && PORT_TAKEN.test(String(error));
      if (attempts > 1 && isPortTaken) return this.start(attempts - 1);
      throw error;
    }
    this.startMs = performance.now() - startedAt;
    return this;
  }

  async whenReady(limitMs = READY_LIMIT_MS): Promise<void> {
    try {
      await until('the ready file', () => !this.running || existsSync(this.readyFile), limitMs);
    } catch (error) {
      throw new Error(`${this.id} was not ready: ${this.lastLines()}`, { cause: error });
    }
    if (!existsSync(this.readyFile)) throw new Error(`${this.id} ended before it was ready: ${this.lastLines()}`);
    this.readyPorts = JSON.parse(readFileSync(this.readyFile, 'utf8')) as Ports;
  }

  /** Kills it without notice and waits for its end. */
  async kill(): Promise<void> {
    if (this.running) this.child?.kill('SIGKILL');
    await this.exited;
  }

  /** Asks it to stop; answers how it ended. */
  async terminate(signal: NodeJS.Signals = 'SIGTERM'): Promise<Exit> {
    this.signal(signal);
    return this.exited;
  }

  signal(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }

  whenExited(): Promise<Exit> {
    return this.exited;
  }

  /** Resident memory in bytes, as the system counts it. */
  residentBytes(): number {
    const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'))?.[1];
    return Number(kilobytes) * 1024;
  }

  /** GET at its admin port. */
  async admin(path: string): Promise<{ readonly status: number; readonly body: string }> {
    const response = await fetch(`http://127.0.0.1:${this.ports.adminPort}${path}`, {
      signal: AbortSignal.timeout(5_000),
      headers: { connection: 'close' },
    });
    return { status: response.status, body: await response.text() };
  }

  private defaults(): Record<string, string> {
    const { respPort, httpPort, adminPort } = this.readyPorts ?? { respPort: 0, httpPort: 0, adminPort: 0 };
    return {
      HC_NODE_ID: this.id,
      HC_DATA_DIR: join(this.folder, this.id),
      HC_READY_FILE: this.readyFile,
      HC_RESP_PORT: String(respPort),
      HC_HTTP_PORT: String(httpPort),
      HC_ADMIN_PORT: String(adminPort),
    };
  }

  private lastLines(): string {
    return `${this.stdout}\n${this.stderr}`.trim().split('\n').slice(-12).join('\n');
  }
}

function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !FOREIGN_VARIABLES.test(name)));
}

function bounded(text: string): string {
  return text.length > MAX_OUTPUT_CHARS ? text.slice(-MAX_OUTPUT_CHARS / 2) : text;
}
