/** Where and of what a result is: without it a figure means nothing later. */
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';
import { findProgram, outputOf, versionOf } from './programs.js';
import { ROOT } from './root.js';
import { formatMebibytes } from './table.js';

/** Load per core above which other work disturbs the figures. */
const BUSY_LOAD_PER_CORE = 0.25;

export interface MachineFacts {
  readonly cpuModel: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly kernel: string;
  readonly node: string;
  /** Of the programs that the suite names. */
  readonly versions: Readonly<Record<string, string>>;
  readonly commit: string;
  /** Whether the tree held changes that are not in the commit. */
  readonly modified: boolean;
  /** Over the last 1, 5 and 15 minutes before the start. */
  readonly loadAverage: readonly number[];
}

/** What git knows; a tree without git has no commit. */
async function sourceState(): Promise<Pick<MachineFacts, 'commit' | 'modified'>> {
  try {
    const git = findProgram('git');
    const commit = await outputOf(git, ['rev-parse', '--short', 'HEAD'], ROOT);
    const changes = await outputOf(git, ['status', '--porcelain', '--', '.', ':!bench/results'], ROOT);
    return { commit, modified: changes !== '' };
  } catch {
    return { commit: 'unknown', modified: true };
  }
}

export async function machineFacts(programs: readonly string[]): Promise<MachineFacts> {
  const loadAverage = loadavg();
  const versions = await Promise.all(programs.map(async (name) => [name, await versionOf(name)] as const));
  return {
    cpuModel: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    kernel: release(),
    node: process.version,
    versions: Object.fromEntries(versions),
    ...(await sourceState()),
    loadAverage,
  };
}

/** A sentence when other work disturbs the figures. */
export function busyWarning({ loadAverage, cores }: Pick<MachineFacts, 'loadAverage' | 'cores'>): string | undefined {
  const [load] = loadAverage;
  if (load <= BUSY_LOAD_PER_CORE * cores) return undefined;
  return `WARNING: the machine is busy (load average ${load.toFixed(2)} on ${cores} cores): the figures are not worth much`;
}

/** One line for the head of a report. */
export function machineText({ cpuModel, cores, memoryBytes, node, versions, commit, modified }: MachineFacts): string {
  const programs = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const software = [`Node ${node}`, ...programs, `commit ${commit}${modified ? ' with changes' : ''}`];
  return `${cpuModel}, ${cores} cores, ${formatMebibytes(memoryBytes)}; ${software.join(', ')}`;
}
