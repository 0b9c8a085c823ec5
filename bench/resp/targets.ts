/** What the benchmark loads: each target listens on a free port and knows the processes that it consists of. */
import { BenchProcess } from '../lib/child-process.js';
import { serviceReady, spawnService, startCluster, type Member } from '../lib/hypercache.js';
import { accepts, freePort, LOOPBACK } from '../lib/ports.js';
import { findProgram } from '../lib/programs.js';
import type { Resources } from '../lib/resources.js';
import type { TargetName } from './options.js';

export interface Target {
  readonly name: TargetName;
  readonly port: number;
  readonly members: readonly Member[];
  /** From the spawn until it can be used. */
  readonly startMs: number;
}

async function startRedis(resources: Resources): Promise<Target> {
  const folder = resources.temporaryFolder('redis');
  const port = await freePort();
  const settings = ['--bind', LOOPBACK, '--port', String(port), '--dir', folder, '--save', '', '--appendonly', 'no'];
  const server = BenchProcess.start(
    { name: 'redis-server', command: findProgram('redis-server'), args: settings, logFile: `${folder}/redis.log` },
    resources,
  );
  await server.until(() => accepts(port));
  const startMs = performance.now() - server.spawnedAtMs;
  return { name: 'redis', port, members: [{ name: server.name, pid: server.pid }], startMs };
}

async function startStandalone(resources: Resources): Promise<Target> {
  const folder = resources.temporaryFolder('standalone');
  const service = spawnService('standalone', 'standalone', folder, [], resources);
  const { respPort, startMs } = await serviceReady(service, folder);
  return { name: 'standalone', port: respPort, members: [{ name: service.name, pid: service.pid }], startMs };
}

async function startSmallCluster(resources: Resources): Promise<Target> {
  const folder = resources.temporaryFolder('cluster');
  const size = { gateways: 1, storage: 1, coordinators: 1 };
  const { respPort, members, startMs } = await startCluster(size, folder, resources);
  return { name: 'cluster', port: respPort, members, startMs };
}

const STARTERS: Readonly<Record<TargetName, (resources: Resources) => Promise<Target>>> = {
  redis: startRedis,
  standalone: startStandalone,
  cluster: startSmallCluster,
};

/** One after the other, so that none slows down the start of another. */
export async function startTargets(names: readonly TargetName[], resources: Resources): Promise<readonly Target[]> {
  const targets: Target[] = [];
  for (const name of names) targets.push(await STARTERS[name](resources));
  return targets;
}
