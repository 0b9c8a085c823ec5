/** How long a storage node takes from its spawn until it is ready, in a cluster that has its coordinator. */
import { serviceReady, spawnService, startNats } from '../lib/hypercache.js';
import { Resources } from '../lib/resources.js';

export interface StorageStarts {
  /** Of a new node while the cluster forms; the coordinator starts at the same time. */
  readonly firstMs: number;
  /** Of the same node again, after it was stopped in order. */
  readonly againMs: readonly number[];
}

export async function timeStorageStarts(count: number): Promise<StorageStarts> {
  const resources = new Resources();
  try {
    const folder = resources.temporaryFolder('start');
    const { url } = await startNats(folder, resources);
    const flags = ['--nats-servers', url, '--expected-storage-nodes', '1'];
    const coordinator = spawnService('coordinator', 'coordinator-1', folder, flags, resources);
    const start = () => spawnService('storage-node', 'storage-1', folder, flags, resources);
    let node = start();
    const [{ startMs: firstMs }] = await Promise.all([serviceReady(node, folder), serviceReady(coordinator, folder)]);
    const againMs: number[] = [];
    for (let i = 0; i < count; i++) {
      await node.stop();
      node = start();
      againMs.push((await serviceReady(node, folder)).startMs);
    }
    return { firstMs, againMs };
  } finally {
    await resources.releaseAll();
  }
}
