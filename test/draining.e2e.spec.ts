// Scaling down with real processes: storage nodes that are told to stop lose no key as long as another one is up.
import { withRaw } from './client-cases/target.js';
import { startCluster, type HyperCacheCluster } from './support/hypercache.js';
import { encoded, type Printable, type RawConnection } from './support/raw-connection.js';

const KEYS = Array.from({ length: 5_000 }, (_, index) => `key:${index}`);

let cluster: HyperCacheCluster;

beforeAll(async () => {
  cluster = await startCluster({ gateways: 1, storageNodes: 3 });
}, 120_000);
afterAll(() => cluster?.stop());

async function pipelined(raw: RawConnection, commands: readonly (readonly string[])[]): Promise<Printable[]> {
  const replies: Printable[] = [];
  raw.write(Buffer.concat(commands.map(encoded)));
  for (let i = 0; i < commands.length; i++) replies.push(await raw.next());
  return replies;
}

const onCluster = <T>(work: (raw: RawConnection) => Promise<T>): Promise<T> =>
  withRaw(cluster.gateways[0].ports.respPort, work);

async function expectAllKeys(): Promise<void> {
  const values = await onCluster((raw) => pipelined(raw, KEYS.map((key) => ['GET', key]))); // prettier-ignore
  expect(values).toEqual(KEYS.map((key) => `value of ${key}`));
}

describe('SIGTERM of storage nodes, one after the other', () => {
  it('keeps every key, until the last one goes without waiting', async () => {
    const replies = await onCluster((raw) => pipelined(raw, KEYS.map((key) => ['SET', key, `value of ${key}`]))); // prettier-ignore
    expect(new Set(replies)).toEqual(new Set(['OK']));
    for (const node of cluster.storageNodes.slice(0, 2)) {
      expect(await node.terminate()).toEqual({ code: 0, signal: null });
      await expectAllKeys();
    }
    const startedAt = performance.now();
    expect(await cluster.storageNodes[2].terminate()).toEqual({ code: 0, signal: null });
    expect(performance.now() - startedAt).toBeLessThan(2_500);
  }, 90_000);

  it('gives a node that comes back its share again', async () => {
    for (const node of cluster.storageNodes) await node.start();
    await cluster.whenReady();
    const replies = await onCluster((raw) => pipelined(raw, KEYS.map((key) => ['SET', key, `value of ${key}`]))); // prettier-ignore
    expect(new Set(replies)).toEqual(new Set(['OK']));
    await expectAllKeys();
  }, 90_000);
});
