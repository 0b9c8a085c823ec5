// What clients see while parts of a cluster die, stop, come back and join. The tests run in their order on one cluster:
// each leaves it whole.
import { withRaw } from './client-cases/target.js';
import { startCluster, type HyperCacheCluster } from './support/hypercache.js';
import { encoded, RawConnection, type Printable } from './support/raw-connection.js';
import { keyPath, rest } from './support/rest-client.js';
import type { ServiceProcess } from './support/service-process.js';
import { eventually, until } from './support/until.js';

const REQUEST_TIMEOUT_MS = 1_000;
/** A machine that is busy with other tests may answer late, but not by more than this. */
const GRACE_MS = 2_500;
const KEYS = Array.from({ length: 300 }, (_, index) => `key:${index}`);

let cluster: HyperCacheCluster;

beforeAll(async () => {
  const environment = { HC_REQUEST_TIMEOUT_MS: String(REQUEST_TIMEOUT_MS) };
  cluster = await startCluster({ gateways: 2, storageNodes: 3, environment });
}, 120_000);
afterAll(() => cluster?.stop());

const port = (gateway = 0): number => cluster.gateways[gateway].ports.respPort;
const isError = (reply: Printable): boolean => typeof reply === 'string' && reply.startsWith('-');

/** The first word of a reply. */
const startOf = async (raw: RawConnection, ...words: string[]): Promise<string> =>
  String(await raw.run(...words)).split(' ', 1)[0];

/** Every key is written and read back, at whichever gateway is named. */
async function expectAllKeysWork(gateway = 0): Promise<void> {
  await withRaw(port(gateway), async (raw) => {
    const mark = `${gateway}:${performance.now()}`;
    await eventually('every key takes a write', async () => {
      const replies = await pipelined(raw, KEYS.map((key) => ['SET', key, `${key} ${mark}`])); // prettier-ignore
      expect(new Set(replies)).toEqual(new Set(['OK']));
    });
    const values = await pipelined(raw, KEYS.map((key) => ['GET', key])); // prettier-ignore
    expect(values).toEqual(KEYS.map((key) => `${key} ${mark}`));
  });
}

async function pipelined(raw: RawConnection, commands: readonly (readonly string[])[]): Promise<Printable[]> {
  const replies: Printable[] = [];
  raw.write(Buffer.concat(commands.map(encoded)));
  for (let i = 0; i < commands.length; i++) replies.push(await raw.next());
  return replies;
}

async function clusterInfo(gateway = 0): Promise<Map<string, string>> {
  const text = String(await withRaw(port(gateway), (raw) => raw.run('CLUSTER', 'INFO')));
  return new Map(text.trim().split('\r\n').map((line) => line.split(':') as [string, string])); // prettier-ignore
}

/** Partitions by the node that serves them. */
async function partitionOwners(): Promise<Map<string, number>> {
  const { body } = await rest(cluster.gateways[0].ports.httpPort, 'GET', 'cluster/partitions');
  const counts = new Map<string, number>();
  const { partitions } = JSON.parse(body) as { partitions: { primary: string | null; moving_to: string | null }[] };
  for (const { primary } of partitions) counts.set(primary ?? 'nobody', (counts.get(primary ?? 'nobody') ?? 0) + 1);
  return counts;
}

describe('a storage node that is killed', () => {
  it('costs its own keys alone, each an error in time, until it is back', async () => {
    await expectAllKeysWork();
    const victim = cluster.storageNodes[1];
    await victim.kill();
    await withRaw(port(), async (raw) => {
      const startedAt = performance.now();
      const replies = await pipelined(raw, KEYS.map((key) => ['GET', key])); // prettier-ignore
      expect(performance.now() - startedAt).toBeLessThan(REQUEST_TIMEOUT_MS + GRACE_MS);
      const errors = replies.filter(isError);
      expect(errors.length).toBeGreaterThan(KEYS.length / 6);
      expect(errors.length).toBeLessThan(KEYS.length / 2);
      for (const error of errors) expect(error).toMatch(/^-(?:TIMEOUT|CLUSTERDOWN|TRYAGAIN) /);
      for (const [index, key] of KEYS.entries()) {
        if (!isError(replies[index])) expect(replies[index]).toMatch(new RegExp(`^${key} `));
      }
      const lost = KEYS[replies.findIndex(isError)];
      await until('the node is declared down', async () => (await startOf(raw, 'GET', lost)) === '-CLUSTERDOWN');
      const answer = await rest(cluster.gateways[1].ports.httpPort, 'GET', keyPath(lost));
      expect(answer.status).toBe(503);
    });
    await victim.start();
    await expectAllKeysWork(0);
    await expectAllKeysWork(1);
  }, 60_000);
});

describe('a gateway that is killed', () => {
  it('leaves the other one serving, and comes back at its port', async () => {
    const held = await RawConnection.open(port(0));
    await cluster.gateways[0].kill();
    expect(await held.untilEnd()).toBe('');
    held.close();
    await expectAllKeysWork(1);
    const formerPort = port(0);
    await cluster.gateways[0].start();
    expect(port(0)).toBe(formerPort);
    await expectAllKeysWork(0);
  }, 60_000);
});

describe('a coordinator that is killed', () => {
  it('is missed by no request, and goes on with its table', async () => {
    const before = await clusterInfo();
    await cluster.coordinator.kill();
    await expectAllKeysWork(0);
    await expectAllKeysWork(1);
    await cluster.coordinator.start();
    await cluster.whenReady();
    const after = await clusterInfo();
    expect(after.get('hypercache_cluster_id')).toBe(before.get('hypercache_cluster_id'));
    expect(Number(after.get('hypercache_table_version'))).toBeGreaterThanOrEqual(
      Number(before.get('hypercache_table_version')),
    );
    expect(Number(after.get('cluster_current_epoch'))).toBeGreaterThanOrEqual(
      Number(before.get('cluster_current_epoch')),
    );
    expect((await partitionOwners()).size).toBe(3);
    await expectAllKeysWork();
  }, 60_000);
});

describe('a nats-server that is stopped', () => {
  it('makes requests fail at once, and everything works by itself when it is back', async () => {
    await withRaw(port(), async (raw) => {
      await cluster.nats.stop('SIGTERM');
      await until('requests are refused', async () => (await startOf(raw, 'GET', 'key:1')) === '-CLUSTERDOWN');
      const startedAt = performance.now();
      for (let i = 0; i < 20; i++) expect(await raw.run('SET', `key:${i}`, 'v')).toMatch(/^-CLUSTERDOWN /);
      expect(performance.now() - startedAt).toBeLessThan(REQUEST_TIMEOUT_MS);
      expect(await raw.run('PING')).toBe('PONG');
      const { httpPort } = cluster.gateways[0].ports;
      expect((await rest(httpPort, 'GET', keyPath('key:1'))).status).toBe(503);
      expect((await rest(httpPort, 'PUT', keyPath('key:1'), { body: 'v' })).status).toBe(503);
      for (const service of cluster.services) {
        expect((await service.admin('/readyz')).status).toBe(503);
        expect((await service.admin('/healthz')).status).toBe(200);
      }
      await cluster.nats.restart();
      await cluster.whenReady();
      await expectAllKeysWork(0);
      await expectAllKeysWork(1);
    });
  }, 60_000);
});

describe('a storage node that joins', () => {
  it('takes its share while a client works, with no request failing and no value lost', async () => {
    const expected = new Map<string, string>();
    const failures: string[] = [];
    let joined = false;
    const work = async (client: number): Promise<void> => {
      const raw = await RawConnection.open(port(client % 2));
      for (let round = 0; !joined; round++) {
        const key = `join:${client}:${round % 700}`;
        const reply = await raw.run('SET', key, `${round}`);
        if (reply !== 'OK') failures.push(`SET ${key}: ${String(reply)}`);
        expected.set(key, `${round}`);
        const read = await raw.run('GET', key);
        if (read !== `${round}`) failures.push(`GET ${key}: ${String(read)} and not ${round}`);
      }
      raw.close();
    };
    const clients = [0, 1, 2, 3].map(work);
    await cluster.add('storage-node', 'storage-4').start();
    await eventually('the new node has its share', async () => {
      const owners = await partitionOwners();
      expect(owners.get('storage-4')).toBe(64);
      expect(owners.size).toBe(4);
    }, 30_000); // prettier-ignore
    joined = true;
    await Promise.all(clients);
    expect(failures).toEqual([]);
    expect(expected.size).toBeGreaterThan(100);
    await withRaw(port(1), async (raw) => {
      const keys = [...expected.keys()];
      expect(await pipelined(raw, keys.map((key) => ['GET', key]))).toEqual([...expected.values()]); // prettier-ignore
    });
    await expectAllKeysWork();
  }, 90_000);
});

describe('SIGTERM', () => {
  it('lets a gateway answer what is in flight, not ready meanwhile, and end with 0', async () => {
    const gateway = cluster.add('gateway', 'gateway-3');
    await gateway.start();
    const raw = await RawConnection.open(gateway.ports.respPort);
    const keys = KEYS.slice(0, 40);
    expect(new Set(await pipelined(raw, keys.map((key) => ['SET', key, 'before'])))).toEqual(new Set(['OK'])); // prettier-ignore
    const frozen = cluster.storageNodes[0];
    frozen.signal('SIGSTOP');
    raw.write(Buffer.concat(keys.map((key) => encoded(['APPEND', key, '!']))));
    const observer = await RawConnection.open(gateway.ports.respPort);
    await until('operations are in flight', async () => {
      const info = String(await observer.run('INFO', 'hypercache'));
      return Number(/operations_in_flight:(\d+)/.exec(info)?.[1]) > 0;
    });
    observer.close();
    gateway.signal('SIGTERM');
    await until('the gateway is not ready', async () => (await gateway.admin('/readyz')).status === 503);
    frozen.signal('SIGCONT');
    const replies: Printable[] = [];
    for (let i = 0; i < keys.length; i++) replies.push(await raw.next());
    expect(new Set(replies)).toEqual(new Set([7]));
    expect(await raw.untilEnd()).toBe('');
    raw.close();
    expect(await gateway.whenExited()).toEqual({ code: 0, signal: null });
  }, 60_000);

  it('makes a busy gateway execute nothing that it does not answer', async () => {
    const [gateway] = cluster.gateways;
    const raw = await RawConnection.open(gateway.ports.respPort);
    const count = 5_000;
    raw.write(Buffer.concat(Array.from({ length: count }, () => encoded(['INCR', 'answered']))));
    await raw.next();
    const exit = gateway.terminate();
    const rest = await raw.untilEnd();
    raw.close();
    expect(await exit).toEqual({ code: 0, signal: null });
    const answers = rest.split('\r\n').filter((line) => line !== '');
    const last = answers.findLast((line) => line.startsWith(':')) ?? ':1';
    expect(await withRaw(port(1), (other) => other.run('GET', 'answered'))).toBe(last.slice(1));
  }, 60_000);

  it('ends storage nodes and the coordinator with 0 while a client works', async () => {
    const raw = await RawConnection.open(port(1));
    for (const service of [...cluster.storageNodes, cluster.coordinator]) {
      const exit = service.terminate();
      raw.write(Buffer.concat(KEYS.map((key) => encoded(['GET', key]))));
      for (let i = 0; i < KEYS.length; i++) await raw.next();
      expect(await exit).toEqual({ code: 0, signal: null });
      expect(failureLines(service)).toEqual([]);
    }
    raw.close();
    expect(await cluster.gateways[1].terminate()).toEqual({ code: 0, signal: null });
  }, 90_000);
});

const failureLines = (service: ServiceProcess): string[] =>
  service.log().filter(({ level }) => level === 'ERROR').map(({ message }) => message); // prettier-ignore
