// Built services as tests see them: one standalone, or a cluster of processes over a real nats-server. Every port is one
// that the system chose, all data goes to a temporary folder, and `stop` ends by process id what was started here.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNatsServer, type NatsServer } from './nats-server.js';
import { ServiceProcess, type Role } from './service-process.js';
import { ROOT } from './source-tree.js';
import { eventually } from './until.js';

type Environment = Readonly<Record<string, string>>;

/** Where a client of either kind of system connects to. */
export interface Endpoint {
  readonly respPort: number;
  readonly httpPort: number;
}

export interface Standalone {
  readonly service: ServiceProcess;
  stop(): Promise<void>;
}

export interface ClusterOptions {
  readonly coordinators?: number;
  readonly gateways?: number;
  readonly storageNodes?: number;
  /** Settings of every service. */
  readonly environment?: Environment;
}

let built = false;

/** The services run from dist, so it must mirror the sources. */
export function ensureBuilt(): void {
  if (built) return;
  const result = spawnSync(process.execPath, [join(ROOT, 'scripts/build.mjs')], { cwd: ROOT, encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`dist could not be built, so no service can start:\n${result.stderr}`);
  built = true;
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'hc-e2e-'));
}

export async function startStandalone(environment: Environment = {}): Promise<Standalone> {
  ensureBuilt();
  const folder = temporaryFolder();
  const service = new ServiceProcess('standalone', 'standalone-1', folder, environment);
  const stop = async (): Promise<void> => {
    await service.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await service.start();
  } catch (error) {
    await stop();
    throw error;
  }
  return { service, stop };
}

export async function startCluster(options: ClusterOptions = {}): Promise<HyperCacheCluster> {
  ensureBuilt();
  const cluster = new HyperCacheCluster(await startNatsServer(), temporaryFolder(), options);
  try {
    await cluster.start();
  } catch (error) {
    await cluster.stop();
    throw error;
  }
  return cluster;
}

export class HyperCacheCluster {
  /** The first one of `coordinators`. */
  readonly coordinator: ServiceProcess;
  readonly coordinators: ServiceProcess[];
  readonly storageNodes: ServiceProcess[];
  readonly gateways: ServiceProcess[];
  private readonly further: ServiceProcess[] = [];

  constructor(
    readonly nats: NatsServer,
    readonly folder: string,
    private readonly options: ClusterOptions,
  ) {
    const { coordinators = 1, gateways = 1, storageNodes = 3 } = options;
    const named = (role: Role, prefix: string, count: number): ServiceProcess[] =>
      Array.from({ length: count }, (_, index) => this.service(role, `${prefix}-${index + 1}`));
    this.coordinators = named('coordinator', 'coordinator', coordinators);
    this.coordinator = this.coordinators[0];
    this.storageNodes = named('storage-node', 'storage', storageNodes);
    this.gateways = named('gateway', 'gateway', gateways);
  }

  get services(): readonly ServiceProcess[] {
    return [...this.coordinators, ...this.storageNodes, ...this.gateways, ...this.further];
  }

  /** They wait for one another, so the order is of no matter. */
  async start(): Promise<void> {
    await Promise.all(this.services.map((service) => service.start()));
  }

  /** A further member, not started yet; it is stopped with the cluster. */
  add(role: Role, id: string, environment: Environment = {}): ServiceProcess {
    const service = this.service(role, id, environment);
    this.further.push(service);
    return service;
  }

  /** Waits until every gateway and storage node says that it can do its work. */
  async whenReady(): Promise<void> {
    const members = this.services.filter(({ running }) => running);
    await eventually('every service is ready', async () => {
      const answers = await Promise.all(members.map((service) => service.admin('/readyz')));
      const unready = members.filter((_, index) => answers[index].status !== 200);
      if (unready.length > 0) throw new Error(unready.map(({ id }) => id).join(', '));
    });
  }

  async stop(): Promise<void> {
    await Promise.all(this.services.map((service) => service.kill()));
    await this.nats.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private service(role: Role, id: string, environment: Environment = {}): ServiceProcess {
    const { coordinators = 1, storageNodes = 3 } = this.options;
    const names = Array.from({ length: coordinators }, (_, index) => `coordinator-${index + 1}`);
    return new ServiceProcess(role, id, this.folder, {
      NATS_URL: this.nats.url,
      HC_EXPECTED_STORAGE_NODES: String(storageNodes),
      HC_CLUSTER_COORDINATORS: names.join(','),
      ...this.options.environment,
      ...environment,
    });
  }
}
