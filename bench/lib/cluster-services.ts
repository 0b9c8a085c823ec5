/** A cluster of services of which each can be killed, started again and joined by others; nats-server is its own. */
import type { BenchProcess } from './child-process.js';
import { serviceReady, spawnService, startNats, type ClusterSize, type ReadyService, type Role } from './hypercache.js';
import type { Resources } from './resources.js';

const PREFIXES: readonly (readonly [keyof ClusterSize, Role, string])[] = [
  ['coordinators', 'coordinator', 'coordinator'],
  ['storage', 'storage-node', 'storage'],
  ['gateways', 'gateway', 'gateway'],
];

export class ClusterServices {
  private readonly services = new Map<string, ReadyService>();

  private constructor(
    readonly nats: BenchProcess,
    readonly natsUrl: string,
    private readonly folder: string,
    private readonly flags: readonly string[],
    private readonly resources: Resources,
  ) {}

  /** Answers once every service is ready. `flags` go to all of them. */
  static async start(size: ClusterSize, resources: Resources, flags: readonly string[] = []): Promise<ClusterServices> {
    const folder = resources.temporaryFolder('cluster');
    const { process: nats, url } = await startNats(folder, resources);
    const names = Array.from({ length: size.coordinators }, (_, index) => `coordinator-${index + 1}`);
    const common = ['--nats-servers', url, '--expected-storage-nodes', String(size.storage), ...flags];
    const cluster = new ClusterServices(nats, url, folder, [...common, '--coordinators', names.join()], resources);
    const starts = PREFIXES.flatMap(([count, role, prefix]) =>
      Array.from({ length: size[count] }, (_, index) => cluster.add(role, `${prefix}-${index + 1}`)),
    );
    await Promise.all(starts);
    return cluster;
  }

  /** Starts a service, or one that has ended again with what it left on its disk. */
  async add(role: Role, id: string): Promise<ReadyService> {
    const flags = role === 'coordinator' ? this.flags : this.flags.slice(0, -2);
    const ready = await serviceReady(spawnService(role, id, this.folder, flags, this.resources), this.folder);
    this.services.set(id, ready);
    return ready;
  }

  of(id: string): ReadyService {
    const service = this.services.get(id);
    if (service === undefined) throw new Error(`there is no ${id}`);
    return service;
  }
}
