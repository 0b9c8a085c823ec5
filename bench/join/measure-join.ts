/** A storage node joins a loaded cluster and is drained again. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ClusterServices } from '../lib/cluster-services.js';
import { ClusterView, type ClusterNotice } from '../lib/cluster-view.js';
import { LoadProcess } from '../lib/load/load-process.js';
import type { Resources } from '../lib/resources.js';
import { median } from '../lib/statistics.js';
import { progress } from '../lib/suite.js';
import type { JoinMeasurement, MovingPhase } from './measurement.js';
import { type JoinOptions, VALUE_BYTES } from './options.js';

const OWNERS = ['storage-1', 'storage-2', 'storage-3'];
const NEWCOMER = 'storage-4';
const WRITE_SHARE = 0.2;
const PEAK_SECONDS = 5;
const SETTLE_MS = 3_000;
const EVEN_LIMIT_MS = 120_000;

export async function measureJoin(options: JoinOptions, resources: Resources): Promise<JoinMeasurement> {
  const { keys, seconds, coordinators, loadPercent, connections, moves } = options;
  const size = { coordinators, storage: OWNERS.length, gateways: 1 };
  const flags = moves === undefined ? [] : ['--rebalance-max-concurrent-moves', String(moves)];
  const cluster = await ClusterServices.start(size, resources, flags);
  const { respPort: port, httpPort } = cluster.of('gateway-1');
  const settings = { port, keys, valueBytes: VALUE_BYTES, connections, writeShare: WRITE_SHARE };
  const load = await LoadProcess.start(settings, resources);
  progress(`${keys} keys are written`);
  await load.call('fill');
  const peak = await load.call('peak', PEAK_SECONDS);
  const rate = Math.floor((peak * loadPercent) / 100);
  progress(`highest throughput ${Math.round(peak)} operations/s; from now on ${rate}`);
  await load.call('begin', rate);
  await sleep(SETTLE_MS);
  const quietMs = Date.now();
  await sleep(1_000 * seconds);
  const quiet = await load.call('window', quietMs, Date.now());
  const phases = await movingPhases(cluster, new ClusterView(httpPort), load);
  await load.call('end');
  progress('every key is read');
  await load.call('readAll');
  return { peak, rate, quiet, phases, failures: await load.call('failures') };
}

async function movingPhases(cluster: ClusterServices, view: ClusterView, load: LoadProcess): Promise<MovingPhase[]> {
  const beforeJoin = await view.lastEvent();
  progress(`${NEWCOMER} is started`);
  await cluster.add('storage-node', NEWCOMER);
  const joined = await view.whenEven([...OWNERS, NEWCOMER], [], EVEN_LIMIT_MS);
  const join = await phaseOf('join', 'NodeJoined', await view.eventsAfter(beforeJoin), joined, load);
  await sleep(SETTLE_MS);
  const beforeDrain = await view.lastEvent();
  progress(`${NEWCOMER} is drained`);
  await view.drain(NEWCOMER);
  const drained = await view.whenEven(OWNERS, [NEWCOMER], EVEN_LIMIT_MS);
  const drain = await phaseOf('drain', 'NodeDraining', await view.eventsAfter(beforeDrain), drained, load);
  await sleep(SETTLE_MS);
  return [join, drain];
}

async function phaseOf(
  name: MovingPhase['name'],
  begin: string,
  events: readonly ClusterNotice[],
  shares: readonly number[],
  load: LoadProcess,
): Promise<MovingPhase> {
  const first = events.find((event) => event.name === begin && event.fields['nodeId'] === NEWCOMER);
  const moved = events.filter((event) => event.name === 'PartitionMoved');
  const last = moved.at(-1);
  if (first === undefined || last === undefined) throw new Error(`no ${begin} and moves among the cluster's events`);
  const startedMs = (partition: string): number =>
    events.findLast((event) => event.name === 'MoveStarted' && event.fields['partition'] === partition)?.atMs ?? 0;
  return {
    name,
    tookMs: last.atMs - first.atMs,
    moves: moved.length,
    abortedMoves: events.filter((event) => event.name === 'MoveAborted').length,
    moveMs: median(moved.map((event) => event.atMs - startedMs(event.fields['partition']))),
    shares,
    latencies: await load.call('window', first.atMs, last.atMs + 1),
  };
}
