/** One run: start, load and faults, healing, a last look at every key, verdict. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { historyLines } from '#libs/linearizability';
import { SimRng } from '#libs/simulator';
import type { Resources } from '../bench/lib/resources.js';
import { progress } from '../bench/lib/suite.js';
import { ChaosCluster } from './cluster/chaos-cluster.js';
import { whenWhole } from './cluster/whole.js';
import { judge } from './judge/judge.js';
import { reportText } from './judge/report.js';
import { Load } from './load/load.js';
import { keyNames, Workload } from './load/operation.js';
import { Recorder } from './load/recorder.js';
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
  mkdirSync(results, { recursive: true });
  const { cluster, world } = prepare(options, isPrivileged);
  resources.add(() => cluster.end());
  process.once('exit', () => cluster.endAtOnce());
  progress(`seed ${seed}, ${faults.join(', ')}, ${minutes} minutes; results in ${results}`);
  await cluster.start();
  progress('the cluster is ready');

  const rng = new SimRng(seed);
  const recorder = new Recorder();
  const journal = new Journal(() => recorder.nowMs());
  resources.add(() => keep(results, recorder, journal));
  const keys = keyNames(options.keys);
  const addresses = cluster.cast.gateways.map((id) => cluster.addressOf(id));
  const load = new Load(
    recorder,
    new Workload(rng.fork('workload'), keys),
    addresses,
    options.clients,
    rng.fork('load'),
  );
  const nemesis = new Nemesis(cluster, world, journal, rng.fork('faults'), progress);
  resources.add(() => nemesis.end());
  await sleep(QUIET_MS);
  await nemesis.run(faults, minutes * 60_000);
  await sleep(QUIET_MS);
  await load.stop();
  progress('healed; every key is read');
  const missing = await whenWhole(cluster, keys, recorder);

  progress('the history is judged');
  const judgement = judge(recorder.history, journal);
  const findings = [...judgement.findings, ...nemesis.findings, ...cluster.surprises, ...recorder.defects, ...missing];
  const text = reportText(recorder, journal, { ...judgement, findings });
  const outro =
    findings.length === 0 ? '' : `\n\nTo repeat: ${repetitionOf(options)}\nHistory, faults and logs: ${results}`;
  writeFileSync(join(results, 'report.txt'), `${repetitionOf(options)}\n\n${text}\n`);
  console.log(`\n${text}${outro}`);
  return findings.length === 0;
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
