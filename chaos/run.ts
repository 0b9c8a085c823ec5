/** One run: start, load and faults, healing, a last look at every key, verdict. */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { historyLines } from '#libs/linearizability';
import { SimRng } from '#libs/simulator';
import { UsageError } from '../bench/lib/flags.js';
import type { Resources } from '../bench/lib/resources.js';
import { progress } from '../bench/lib/suite.js';
import { ChaosCluster } from './cluster/chaos-cluster.js';
import { whenWhole } from './cluster/whole.js';
import { judge } from './judge/judge.js';
import { reportText } from './judge/report.js';
import { Load } from './load/load.js';
import { keyNames, Workload } from './load/operation.js';
import { Recorder } from './load/recorder.js';
import { StallWatch } from './load/running-time.js';
import { episodesOf } from './nemesis/draw-episode.js';
import { describeEntry, Journal } from './nemesis/journal.js';
import { Nemesis } from './nemesis/nemesis.js';
import { type ChaosOptions, repetitionOf } from './options.js';
import { NamespaceWorld } from './world/namespace-world.js';
import { LoopbackWorld, type World } from './world/world.js';

/** Of load alone, before the first fault and after the last. */
const QUIET_MS = 1_000;
const LINES_AT_ONCE = 10_000;

/** Answers whether nothing was found. */
export async function runChaos(options: ChaosOptions, isPrivileged: boolean, resources: Resources): Promise<boolean> {
  const { seed, results, faults, minutes } = options;
  refuseUsed(results);
  const { cluster, world } = prepare(options, isPrivileged);
  let isClean = false;
  resources.add(async () => {
    await cluster.end();
    world.release();
    if (isClean) cluster.removeData();
  });
  process.once('exit', () => cluster.endAtOnce());
  progress(`seed ${seed}, ${faults.join(', ')}, ${minutes} minutes; results in ${results}`);
  await cluster.start();
  progress('the cluster is ready');

  const recorder = new Recorder();
  const journal = new Journal(() => recorder.nowMs());
  const nemesis = new Nemesis(cluster, world, journal, progress);
  resources.add(() => keep(results, recorder, journal));
  resources.add(() => nemesis.end());
  const stalls = new StallWatch();
  const findings = await live(options, cluster, recorder, nemesis);
  stalls.stop();

  progress('the history is judged');
  const judgement = judge(recorder.history, journal);
  findings.push(...judgement.findings, ...nemesis.findings, ...cluster.surprises, ...recorder.defects);
  isClean = findings.length === 0;
  const report = reportText(recorder, journal, { ...judgement, findings }, stalls.longestMs);
  conclude(options, report, isClean);
  return isClean;
}

/** What belongs to another run would be taken for this one's. */
function refuseUsed(results: string): void {
  if (existsSync(results) && readdirSync(results).length > 0) {
    throw new UsageError(`--results ${results}: this folder is not empty; choose another`);
  }
}

function prepare(options: ChaosOptions, isPrivileged: boolean): { cluster: ChaosCluster; world: World } {
  if (!isPrivileged) {
    const world = new LoopbackWorld();
    return { world, cluster: new ChaosCluster(options, options.results, world) };
  }
  const world = new NamespaceWorld();
  const cluster = new ChaosCluster(options, options.results, world);
  for (const id of cluster.services) world.addService(id);
  for (const id of [...cluster.cast.storage, cluster.cast.newcomer]) world.addDisk(cluster.dataFolderOf(id));
  return { world, cluster };
}

/** Load and faults, and what every key holds in the end. Answers what lacked then. */
async function live(
  { seed, keys, clients, faults, minutes }: ChaosOptions,
  cluster: ChaosCluster,
  recorder: Recorder,
  nemesis: Nemesis,
): Promise<string[]> {
  const rng = new SimRng(seed);
  const names = keyNames(keys);
  const addresses = cluster.cast.gateways.map((id) => cluster.addressOf(id));
  const load = new Load(recorder, new Workload(rng.fork('workload'), names), addresses, clients, rng.fork('load'));
  await sleep(QUIET_MS);
  await nemesis.run(episodesOf(seed, cluster.cast, faults), minutes * 60_000);
  await sleep(QUIET_MS);
  await load.stop();
  progress('healed; every key is read');
  return whenWhole(cluster, names, recorder);
}

function conclude(options: ChaosOptions, report: string, isClean: boolean): void {
  const { results } = options;
  const repetition = repetitionOf(options);
  writeFileSync(join(results, 'report.txt'), `${repetition}\n\n${report}\n`);
  console.log(`\n${report}`);
  if (!isClean) console.log(`\nTo repeat: ${repetition}\nHistory, faults and logs: ${results}`);
}

/** However the run ends, what was recorded so far can be looked at. */
function keep(folder: string, recorder: Recorder, journal: Journal): void {
  const history = join(folder, 'history.jsonl');
  writeFileSync(history, '');
  let lines: string[] = [];
  const flush = (): void => {
    if (lines.length > 0) writeFileSync(history, `${lines.join('\n')}\n`, { flag: 'a' });
    lines = [];
  };
  for (const line of historyLines(recorder.history)) {
    if (lines.push(line) === LINES_AT_ONCE) flush();
  }
  flush();
  const faults = journal.entries.map((entry) => JSON.stringify({ ...entry, text: describeEntry(entry) }));
  writeFileSync(join(folder, 'faults.jsonl'), faults.map((line) => `${line}\n`).join(''));
}
