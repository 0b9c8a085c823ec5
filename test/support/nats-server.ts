import { spawn, type ChildProcess } from 'node:child_process';
import {
  accessSync,
  constants,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/**
 * A real nats-server on a loopback port, for tests. It writes to a temporary folder only and dies with the test
 * process at the latest.
 */
export interface NatsServerOptions {
  /** A free port of the system's choice when left out. */
  readonly port?: number;
  /** The text of a configuration file; host and port are set beside it. */
  readonly config?: string;
  /** Further command-line arguments, such as `-js`. */
  readonly args?: readonly string[];
}

export interface NatsServer {
  readonly port: number;
  /** `nats://127.0.0.1:<port>`. */
  readonly url: string;
  /** The running process. */
  readonly pid: number;
  /** What the server has logged since its last start. */
  log(): string;
  /** Ends the process, waits for that and removes its files; SIGKILL unless told otherwise. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /**
   * Starts it on the same port again, after ending it where it still runs; with another configuration if given.
   * What JetStream stored is kept unless the server was stopped by {@link stop}.
   */
  restart(config?: string): Promise<void>;
  /** Stops the process without ending it: connections stay open and nothing is read or answered. */
  freeze(): Promise<void>;
  thaw(): void;
}

const START_LIMIT_MS = 10_000;
const EXTRA_FOLDERS = ['/usr/sbin', '/usr/local/bin', '/usr/local/sbin'];

/** The binary: `NATS_SERVER`, else on the PATH, else where distributions put it. */
export function findNatsServer(): string {
  const named = process.env['NATS_SERVER'];
  if (named !== undefined && named !== '') return named;
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...EXTRA_FOLDERS];
  for (const folder of folders) {
    const path = join(folder, 'nats-server');
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      continue;
    }
  }
  throw new Error('nats-server not found: install it or set NATS_SERVER to its path');
}

export async function startNatsServer(options: NatsServerOptions = {}): Promise<NatsServer> {
  const server = new NatsServerProcess(options);
  await server.start();
  return server;
}

class NatsServerProcess implements NatsServer {
  port: number;
  private child: ChildProcess | undefined;
  private output = '';
  private config: string | undefined;
  private folder: string | undefined;
  private readonly killAtExit = (): void => {
    this.child?.kill('SIGKILL');
  };

  constructor(private readonly options: NatsServerOptions) {
    this.port = options.port ?? 0;
    this.config = options.config;
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    const pid = this.child?.pid;
    if (pid === undefined) throw new Error('nats-server is not running');
    return pid;
  }

  log(): string {
    return this.output;
  }

  async start(): Promise<void> {
    this.output = '';
    this.folder ??= mkdtempSync(join(tmpdir(), 'hc-nats-'));
    const child = spawn(findNatsServer(), this.commandLine(this.folder), { stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    process.once('exit', this.killAtExit);
    const collect = (chunk: Buffer): void => {
      this.output += chunk.toString('utf8');
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    try {
      await this.listening(child);
      await this.reachable();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async stop(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    await this.end(signal);
    if (this.folder !== undefined) rmSync(this.folder, { recursive: true, force: true });
    this.folder = undefined;
  }

  async restart(config?: string): Promise<void> {
    await this.end('SIGKILL');
    this.config = config ?? this.config;
    await this.start();
  }

  async freeze(): Promise<void> {
    const pid = this.child?.pid;
    if (pid === undefined) return;
    this.child?.kill('SIGSTOP');
    while (!areAllThreadsStopped(pid)) await new Promise((resolve) => setImmediate(resolve));
  }

  thaw(): void {
    this.child?.kill('SIGCONT');
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.child;
    if (child === undefined) return;
    this.child = undefined;
    process.removeListener('exit', this.killAtExit);
    if (child.exitCode === null && child.signalCode === null) {
      const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      child.kill(signal);
      await ended;
    }
  }

  private commandLine(folder: string): string[] {
    const line = ['-a', '127.0.0.1', '-p', this.port === 0 ? '-1' : String(this.port)];
    line.push('-sd', join(folder, 'store'), ...(this.options.args ?? []));
    if (this.config !== undefined) {
      const path = join(folder, 'nats.conf');
      writeFileSync(path, this.config);
      line.push('-c', path);
    }
    return line;
  }

  /** Waits for the log to say that clients are listened for, and takes the port from there. */
  private listening(child: ChildProcess): Promise<void> {
    return new Promise((resolve, reject) => {
      const limit = setTimeout(() => fail('did not start in time'), START_LIMIT_MS);
      const check = (): void => {
        const port = /Listening for client connections on [^\s]+:(\d+)/.exec(this.output)?.[1];
        if (port === undefined || !this.output.includes('Server is ready')) return;
        this.port = Number(port);
        done();
        resolve();
      };
      const fail = (why: string): void => {
        done();
        reject(new Error(`nats-server ${why}:\n${this.output}`));
      };
      const onEnd = (): void => fail('ended');
      const onError = (error: Error): void => fail(error.message);
      const done = (): void => {
        clearTimeout(limit);
        child.stdout?.removeListener('data', check);
        child.stderr?.removeListener('data', check);
        child.removeListener('exit', onEnd);
        child.removeListener('error', onError);
      };
      child.stdout?.on('data', check);
      child.stderr?.on('data', check);
      child.once('exit', onEnd);
      child.once('error', onError);
    });
  }

  private reachable(): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = connect(this.port, '127.0.0.1', () => {
        socket.destroy();
        resolve();
      });
      socket.once('error', reject);
    });
  }
}

/** The signal reaches a busy process's threads one after another; where there is no /proc, nobody can tell. */
function areAllThreadsStopped(pid: number): boolean {
  const tasks = `/proc/${pid}/task`;
  if (!existsSync(tasks)) return true;
  return readdirSync(tasks).every((task) => /\) [Tt] /.test(readFileSync(`${tasks}/${task}/stat`, 'latin1')));
}
