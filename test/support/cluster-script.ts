// scripts/cluster.mjs as a process of its own: started in a temporary folder, read through its output and its cluster.json.
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuilt, temporaryFolder } from './hypercache.js';
import { ROOT } from './source-tree.js';
import { until } from './until.js';

export interface ProcessRow {
  readonly role: string;
  readonly id: string;
  readonly state: string;
  readonly pid: number | null;
  readonly ports: { readonly resp: number; readonly http: number; readonly admin: number };
  readonly logFile: string;
}

export interface ClusterState {
  readonly name: string;
  readonly pid: number;
  readonly state: string;
  readonly natsUrl: string | null;
  readonly processes: readonly ProcessRow[];
}

const START_LIMIT_MS = 45_000;

function spawnScript(args: readonly string[], environment: Readonly<Record<string, string>>): ChildProcess {
  const { NATS_URL: _, ...inherited } = process.env;
  return spawn(process.execPath, [join(ROOT, 'scripts/cluster.mjs'), ...args], {
    env: { ...inherited, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** One that is expected to end by itself, in a folder that is removed. */
export async function runClusterScript(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number | null; readonly stderr: string }> {
  ensureBuilt();
  const folder = temporaryFolder();
  const place = args.includes('--data-dir') ? [] : ['--data-dir', folder];
  const child = spawnScript([...place, ...args], environment);
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  rmSync(folder, { recursive: true, force: true });
  return { code, stderr };
}

export class ClusterScript {
  readonly folder = temporaryFolder();
  /** Both streams so far. */
  output = '';
  private child: ChildProcess | undefined;
  private ended: Promise<number | null> = Promise.resolve(null);

  /** Returns once the cluster is ready. */
  async start(args: readonly string[]): Promise<void> {
    ensureBuilt();
    const child = spawnScript(['--data-dir', this.folder, ...args], {});
    this.child = child;
    this.ended = new Promise((resolve) => child.once('close', resolve));
    const collect = (chunk: Buffer): void => void (this.output += chunk.toString());
    child.stdout?.on('data', collect);
    child.stderr?.on('data', collect);
    await until('the cluster is ready', () => this.isOver || /^Try: /m.test(this.output), START_LIMIT_MS);
    if (this.isOver) throw new Error(`the script ended:\n${this.output}`);
  }

  get pid(): number {
    return this.child?.pid as number;
  }

  state(): ClusterState {
    return JSON.parse(readFileSync(join(this.folder, 'cluster.json'), 'utf8')) as ClusterState;
  }

  logOf(id: string): string {
    return readFileSync(join(this.folder, 'logs', `${id}.log`), 'utf8');
  }

  signal(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }

  /** The exit code; null after a signal that cannot be handled. */
  async stop(signal: NodeJS.Signals): Promise<number | null> {
    this.signal(signal);
    return this.ended;
  }

  /** Ends what still runs and removes the folder. */
  async remove(): Promise<void> {
    await this.stop('SIGKILL');
    for (const { pid } of this.state().processes) {
      try {
        if (pid !== null) process.kill(pid, 'SIGKILL');
      } catch {
        // Ended before.
      }
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  private get isOver(): boolean {
    return this.child?.exitCode !== null || this.child.signalCode !== null;
  }
}
