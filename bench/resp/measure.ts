/**
 * The runs themselves. For each pipeline depth the targets take turns round by round, so that what else happens on the
 * machine hits all of them alike; the others stay up, but without load.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Member } from '../lib/hypercache.js';
import { cpuTimes, residentBytes } from '../lib/process-usage.js';
import { redisBenchmark, redisCli } from '../lib/redis-tools.js';
import type { LoadResult } from '../lib/redis-benchmark-csv.js';
import { progress } from '../lib/suite.js';
import { requestsAt, type RespOptions, type TargetName } from './options.js';
import type { Target } from './targets.js';

export const TESTS = ['set', 'get'] as const;
export type TestName = (typeof TESTS)[number];

export interface Run extends Omit<LoadResult, 'test'> {
  readonly pipeline: number;
  readonly round: number;
  readonly target: TargetName;
  readonly test: TestName;
  /** Of the target's processes, by name, and of redis-benchmark itself; empty where the system does not tell. */
  readonly cpuMicrosPerRequest: Readonly<Record<string, number>>;
}

export interface IdleUse {
  readonly target: TargetName;
  readonly member: string;
  readonly residentBytes: number;
  /** Of one core. */
  readonly cpuShare: number;
}

export const LOAD_GENERATOR = 'redis-benchmark';
const WARM_UP_PIPELINE = 16;
/** So many random writes per key leave one key in twenty unwritten. */
const WARM_UP_WRITES_PER_KEY = 3;
/** Each depth has its own paths for the compilers of V8: a run of this part of the requests goes before the rounds. */
const WARM_UP_PART = 4;
const LEAST_SHARE_OF_KEYS = 0.9;

/** What the members use while nobody asks them anything. */
export async function measureIdle(targets: readonly Target[], idleMs: number): Promise<readonly IdleUse[]> {
  const rows = targets.flatMap((target) => target.members.map((member) => ({ target: target.name, ...member })));
  const before = rows.map(({ pid }) => cpuTimes(pid)?.ownMs);
  await sleep(idleMs);
  return rows.flatMap(({ target, name, pid }, i) => {
    const [cpuBeforeMs, cpuAfterMs, bytes] = [before[i], cpuTimes(pid)?.ownMs, residentBytes(pid)];
    if (cpuBeforeMs === undefined || cpuAfterMs === undefined || bytes === undefined) return [];
    return [{ target, member: name, residentBytes: bytes, cpuShare: (cpuAfterMs - cpuBeforeMs) / idleMs }];
  });
}

/** Fills the keys and warms up both paths. Throws when the target does not keep what it acknowledged. */
async function warmUp({ name, port }: Target, options: RespOptions): Promise<void> {
  const { keys, clients, valueBytes } = options;
  const load = { port, clients, valueBytes, keys, pipeline: WARM_UP_PIPELINE };
  const requests = Math.max(keys * WARM_UP_WRITES_PER_KEY, clients * WARM_UP_PIPELINE);
  await redisBenchmark({ ...load, test: 'set', requests });
  await redisBenchmark({ ...load, test: 'get', requests });
  const kept = Number(await redisCli(port, 'DBSIZE'));
  if (!(kept >= LEAST_SHARE_OF_KEYS * keys)) throw new Error(`${name} keeps ${kept} keys of ${keys} after the warm-up`);
  await redisCli(port, 'SET', 'bench:check', 'as written');
  const value = await redisCli(port, 'GET', 'bench:check');
  if (value !== 'as written') throw new Error(`${name} answers ${value} for what was written`);
}

/** Processor time so far of the members and of all load generators that have ended. */
function cpuReadings(members: readonly Member[]): ReadonlyMap<string, number> {
  const readings = new Map<string, number>();
  for (const { name, pid } of members) readings.set(name, cpuTimes(pid)?.ownMs ?? Number.NaN);
  return readings.set(LOAD_GENERATOR, cpuTimes('self')?.childrenMs ?? Number.NaN);
}

function microsPerRequest(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
  requests: number,
): Record<string, number> {
  const differences = [...before].map(
    ([name, startMs]) => [name, (1000 * (after.get(name)! - startMs)) / requests] as const,
  );
  return Object.fromEntries(differences.filter(([, micros]) => Number.isFinite(micros)));
}

async function runOnce(
  target: Target,
  test: TestName,
  pipeline: number,
  round: number,
  options: RespOptions,
): Promise<Run> {
  const requests = requestsAt(options, pipeline);
  const { clients, valueBytes, keys } = options;
  const before = cpuReadings(target.members);
  const { test: _, ...result } = await redisBenchmark({
    port: target.port,
    test,
    requests,
    clients,
    pipeline,
    valueBytes,
    keys,
  });
  const cpuMicrosPerRequest = microsPerRequest(before, cpuReadings(target.members), requests);
  return { pipeline, round, target: target.name, test, ...result, cpuMicrosPerRequest };
}

export async function measureRuns(targets: readonly Target[], options: RespOptions): Promise<readonly Run[]> {
  for (const target of targets) {
    progress(`warming up ${target.name}`);
    await warmUp(target, options);
  }
  const runs: Run[] = [];
  for (const pipeline of options.pipelines) {
    const shorter = { ...options, requests: Math.ceil(options.requests / WARM_UP_PART) };
    for (const target of targets) for (const test of TESTS) await runOnce(target, test, pipeline, 0, shorter);
    for (let round = 1; round <= options.rounds; round++) {
      for (const target of targets) {
        for (const test of TESTS) runs.push(await runOnce(target, test, pipeline, round, options));
        const [set, get] = runs.slice(-TESTS.length).map((run) => Math.round(run.opsPerSecond));
        progress(
          `pipeline ${pipeline}, round ${round} of ${options.rounds}, ${target.name}: ${set} sets/s, ${get} gets/s`,
        );
      }
    }
  }
  return runs;
}
