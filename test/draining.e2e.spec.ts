// Scaling down with real processes: storage nodes that are told to stop lose no key as long as another one is up.
import { withRaw } from './client-cases/target.js';
import { startCluster, type HyperCacheCluster } from './support/hypercache.js';
import { encoded, type Printable, type RawConnection } from './support/raw-connection.js';
import { rest } from './support/rest-client.js';
import { eventually } from './support/until.js';

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

interface NodeView {
  readonly id: string;
  readonly state: string;
  readonly partitions: number;
}

async function storageNode(id: string): Promise<NodeView | undefined> {
  const { body } = await rest(cluster.gateways[0].ports.httpPort, 'GET', 'cluster');
  return (JSON.parse(body) as { nodes: NodeView[] }).nodes.find((node) => node.id === id);
}

async function primaries(): Promise<readonly (string | null)[]> {
  const { body } = await rest(cluster.gateways[0].ports.httpPort, 'GET', 'cluster/partitions');
  return (JSON.parse(body) as { partitions: { primary: string | null }[] }).partitions.map(({ primary }) => primary);
}

describe('what operators ask of storage nodes', () => {
  const httpPort = (): number => cluster.gateways[0].ports.httpPort;
  const run = (...words: string[]): Promise<Printable> => onCluster((raw) => raw.run(...words));

  it('drains a node and takes that back, with every key in its place', async () => {
    expect(await run('CLUSTER', 'DRAIN', 'storage-1')).toBe('OK');
    await eventually('the node is drained', async () => {
      expect(await storageNode('storage-1')).toMatchObject({ state: 'draining', partitions: 0 });
    }, 30_000); // prettier-ignore
    await expectAllKeys();
    const { status } = await rest(httpPort(), 'DELETE', 'cluster/nodes/storage-1/drain');
    expect(status).toBe(202);
    await eventually('the node has its share again', async () => {
      const { state, partitions } = (await storageNode('storage-1')) ?? { state: '', partitions: 0 };
      expect(state).toBe('up');
      expect(partitions).toBeGreaterThanOrEqual(85);
    }, 30_000); // prettier-ignore
    await expectAllKeys();
  }, 90_000);

  it('moves one partition, and refuses what cannot be', async () => {
    expect(await run('CLUSTER', 'REBALANCE', 'STOP')).toBe('OK');
    const target = (await primaries())[0] === 'storage-2' ? 'storage-3' : 'storage-2';
    expect(await run('CLUSTER', 'FAILOVER', '0', target)).toBe('OK');
    await eventually('the partition has moved', async () => {
      expect((await primaries())[0]).toBe(target);
    }); // prettier-ignore
    await expectAllKeys();
    expect(await run('CLUSTER', 'FORGET', 'storage-1')).toBe('-ERR "storage-1" is up: stop its process first');
    expect(await run('CLUSTER', 'DRAIN', 'storage-9')).toMatch(/^-ERR there is no node "storage-9"; nodes: /);
    expect((await rest(httpPort(), 'POST', 'cluster/nodes/gateway-1/drain')).status).toBe(400);
    expect(await run('CLUSTER', 'REBALANCE')).toBe('OK');
    expect(await run('CLUSTER', 'MOVES')).toEqual(expect.any(Array));
  }, 60_000);

  it('forgets a node that was stopped', async () => {
    expect(await cluster.storageNodes[2].terminate()).toEqual({ code: 0, signal: null });
    expect(await run('CLUSTER', 'FORGET', 'storage-3')).toBe('OK');
    expect(await storageNode('storage-3')).toBeUndefined();
    await expectAllKeys();
    const { status, body } = await rest(httpPort(), 'GET', 'cluster/events?limit=1000');
    expect(status).toBe(200);
    const { events } = JSON.parse(body) as { events: { index: number; name: string; fields: { nodeId?: string } }[] };
    const ofNode = events.filter(({ fields }) => fields.nodeId === 'storage-3').map(({ name }) => name);
    expect(ofNode.slice(-4)).toEqual(['NodeDraining', 'NodeDrained', 'NodeLeft', 'NodeForgotten']);
    expect(events.map(({ index }) => index)).toEqual(events.map((_, i) => events[0].index + i));
    expect(JSON.stringify(await run('CLUSTER', 'EVENTS', 'COUNT', '1'))).toContain('NodeForgotten');
  }, 60_000);
});
