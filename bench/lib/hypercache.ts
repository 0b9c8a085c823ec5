/** HyperCache's own processes, as their users start them: the apps one by one, or a cluster by its script. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BenchProcess, plainEnvironment } from './child-process.js';
import { HUGE_PAGES } from './huge-pages.js';
import { accepts, freePort, LOOPBACK } from './ports.js';
import { findProgram } from './programs.js';
import type { Resources } from './resources.js';
import { inRoot } from './root.js';

export type Role = 'standalone' | 'gateway' | 'storage-node' | 'coordinator';

export interface ReadyService {
  readonly process: BenchProcess;
  readonly respPort: number;
  readonly httpPort: number;
  readonly adminPort: number;
  /** From the spawn to the service's own report that it is ready. */
  readonly startMs: number;
}

/** A process that a target consists of. */
export interface Member {
  readonly name: string;
  readonly pid: number;
}

interface ReadyFile {
  readonly pid: number;
  readonly respPort: number;
  readonly httpPort: number;
  readonly adminPort: number;
}

interface ClusterFile {
  readonly state: string;
  readonly processes: readonly { role: string; id: string; pid: number; ports: { resp: number; http: number } }[];
}

/** What `npm start` gives every service, see scripts/lib/node-flags.mjs. */
const NODE_FLAGS = ['--max-semi-space-size=4'];
/** It stops four groups of processes one after the other. */
const CLUSTER_STOP_LIMIT_MS = 60_000;

/** Undefined as long as the file is not there; it appears whole. */
function readJson<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch {
    return undefined;
  }
}

/** Spawns a service; wait for it with {@link serviceReady}. Its data lie in `folder`/<id> and stay for a second start. */
export function spawnService(
  role: Role,
  id: string,
  folder: string,
  flags: readonly string[],
  resources: Resources,
): BenchProcess {
  const data = join(folder, id);
  mkdirSync(data, { recursive: true });
  const listen = role === 'standalone' || role === 'gateway' ? ['--resp-port', '0', '--http-port', '0'] : [];
  const own = ['--host', LOOPBACK, '--admin-port', '0', '--node-id', id, '--data-dir', data];
  return BenchProcess.start(
    {
      name: id,
      command: process.execPath,
      args: [...NODE_FLAGS, inRoot('dist', 'apps', role, 'src', 'main.js'), ...own, ...listen, ...flags],
      logFile: join(folder, `${id}.log`),
      env: { ...HUGE_PAGES, ...plainEnvironment(), HC_READY_FILE: join(folder, `${id}.json`) },
      guarded: true,
    },
    resources,
  );
}

export async function serviceReady(service: BenchProcess, folder: string): Promise<ReadyService> {
  const report = await service.until(() => {
    const found = readJson<ReadyFile>(join(folder, `${service.name}.json`));
    return found?.pid === service.pid ? found : undefined;
  });
  const startMs = performance.now() - service.spawnedAtMs;
  const { respPort, httpPort, adminPort } = report;
  return { process: service, respPort, httpPort, adminPort, startMs };
}

/** A nats-server of its own, without JetStream; answers its URL. */
export async function startNats(folder: string, resources: Resources): Promise<{ process: BenchProcess; url: string }> {
  const port = await freePort();
  const nats = BenchProcess.start(
    {
      name: 'nats-server',
      command: findProgram('nats-server'),
      args: ['-a', LOOPBACK, '-p', String(port)],
      logFile: join(folder, 'nats.log'),
    },
    resources,
  );
  await nats.until(() => accepts(port));
  return { process: nats, url: `nats://${LOOPBACK}:${port}` };
}

export interface ClusterSize {
  readonly gateways: number;
  readonly storage: number;
  readonly coordinators: number;
}

export interface ReadyCluster {
  /** Of the first gateway. */
  readonly respPort: number;
  readonly httpPort: number;
  readonly members: readonly Member[];
  readonly startMs: number;
}

/** A cluster by scripts/cluster.mjs, with a nats-server of its own. */
export async function startCluster(size: ClusterSize, folder: string, resources: Resources): Promise<ReadyCluster> {
  const counts = Object.entries(size).flatMap(([name, count]) => [`--${name}`, String(count)]);
  const ports = ['--resp-port', '0', '--http-port', '0', '--nats-port', '0'];
  const script = BenchProcess.start(
    {
      name: 'cluster',
      command: process.execPath,
      args: [inRoot('scripts', 'cluster.mjs'), ...counts, ...ports, '--data-dir', folder],
      logFile: join(folder, 'cluster.log'),
      guarded: true,
      stopLimitMs: CLUSTER_STOP_LIMIT_MS,
    },
    resources,
  );
  const { processes } = await script.until(() => {
    const found = readJson<ClusterFile>(join(folder, 'cluster.json'));
    return found?.state === 'ready' ? found : undefined;
  });
  const gateway = processes.find(({ role }) => role === 'gateway');
  if (gateway === undefined) throw new Error('the cluster has no gateway');
  return {
    respPort: gateway.ports.resp,
    httpPort: gateway.ports.http,
    members: processes.map(({ role, id, pid }) => ({ name: role === 'nats' ? 'nats-server' : id, pid })),
    startMs: performance.now() - script.spawnedAtMs,
  };
}
