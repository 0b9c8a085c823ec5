// npm run cluster as a user and a tool see it: the ready line, cluster.json, what happens when a process dies, and the end.
import { execFile } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { ClusterScript, runClusterScript, type ProcessRow } from './support/cluster-script.js';
import { rest } from './support/rest-client.js';
import { eventually, until } from './support/until.js';

const KEYS = Array.from({ length: 100 }, (_, index) => `key:${index}`);
const REQUEST_TIMEOUT_MS = 1_000;
/** A machine that is busy with other tests may answer late, but not by more than this. */
const GRACE_MS = 2_500;
const FREE_PORTS = ['--resp-port', '0', '--http-port', '0', '--nats-port', '0'];

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('a cluster of three storage nodes', () => {
  const cluster = new ClusterScript();
  const clients: Redis[] = [];
  const row = (id: string): ProcessRow => cluster.state().processes.find((one) => one.id === id) as ProcessRow;

  beforeAll(async () => {
    const sizes = ['--gateways', '2', '--storage', '3'];
    await cluster.start([...FREE_PORTS, ...sizes, '--', '--request-timeout-ms', String(REQUEST_TIMEOUT_MS)]);
    for (const id of ['gateway-1', 'gateway-2']) clients.push(new Redis(row(id).ports.resp, '127.0.0.1'));
  }, 60_000);

  afterAll(async () => {
    for (const client of clients) client.disconnect();
    await cluster.remove();
  });

  it('says in one line where it listens, and in cluster.json what runs', () => {
    const { name, pid, state, natsUrl, processes } = cluster.state();
    expect({ name, pid, state }).toEqual({ name: 'hypercache', pid: cluster.pid, state: 'ready' });
    expect(processes.map(({ id, role }) => [id, role])).toEqual([
      ['nats', 'nats'],
      ['coordinator-1', 'coordinator'],
      ['storage-1', 'storage-node'],
      ['storage-2', 'storage-node'],
      ['storage-3', 'storage-node'],
      ['gateway-1', 'gateway'],
      ['gateway-2', 'gateway'],
    ]);
    expect(processes.map((one) => one.state)).toEqual(processes.map(() => 'ready'));
    expect(new Set(processes.map((one) => one.pid)).size).toBe(processes.length);
    const [first, second] = [row('gateway-1').ports.resp, row('gateway-2').ports.resp];
    expect(cluster.output).toContain(`RESP 127.0.0.1:${first}, 127.0.0.1:${second};`);
    expect(cluster.output).toContain(`NATS ${natsUrl};`);
    expect(cluster.output).toContain(`Try: redis-cli -p ${first} SET greeting hello`);
  });

  it('serves every key at every gateway', async () => {
    await Promise.all(KEYS.map((key) => clients[0].set(key, `value of ${key}`)));
    expect(await clients[1].mget(KEYS)).toEqual(KEYS.map((key) => `value of ${key}`));
    const { stdout } = await promisify(execFile)('redis-cli', [
      '-p',
      String(row('gateway-2').ports.resp),
      'GET',
      KEYS[7],
    ]);
    expect(stdout).toBe(`value of ${KEYS[7]}\n`);
  });

  it('goes on without a process that died, and starts it again when asked', async () => {
    const { pid } = row('storage-2');
    process.kill(pid as number, 'SIGKILL');
    const startedAt = performance.now();
    const results = await Promise.allSettled(KEYS.map((key) => clients[0].get(key)));
    expect(performance.now() - startedAt).toBeLessThan(REQUEST_TIMEOUT_MS + GRACE_MS);
    const lost = KEYS.filter((_, index) => results[index].status === 'rejected');
    expect(lost.length).toBeGreaterThan(KEYS.length / 6);
    expect(lost.length).toBeLessThan(KEYS.length / 2);
    const kept = KEYS.filter((key) => !lost.includes(key));
    expect(await Promise.all(kept.map((key) => clients[0].get(key)))).toEqual(kept.map((key) => `value of ${key}`));

    await until('the death is reported', () => /^storage-2 ended \(SIGKILL\), 6 of 7/m.test(cluster.output));
    expect(row('storage-2')).toMatchObject({ state: 'down', pid: null });
    cluster.signal('SIGUSR2');
    await until('it is ready again', () => /^storage-2 is ready again/m.test(cluster.output));
    expect(row('storage-2').pid).not.toBe(pid);
    await eventually('every key takes a write', () => Promise.all(KEYS.map((key) => clients[1].set(key, 'new'))));
    expect(await Promise.all(KEYS.map((key) => clients[0].get(key)))).toEqual(KEYS.map(() => 'new'));
  }, 30_000);

  it('brings a gateway back at its ports', async () => {
    const { pid, ports } = row('gateway-2');
    process.kill(pid as number, 'SIGKILL');
    await until('the death is reported', () => /^gateway-2 ended/m.test(cluster.output));
    cluster.signal('SIGUSR2');
    await until('it is ready again', () => /^gateway-2 is ready again/m.test(cluster.output));
    expect(row('gateway-2').ports).toMatchObject({ resp: ports.resp, http: ports.http });
    expect((await rest(ports.http, 'GET', 'cluster')).status).toBe(200);
  }, 30_000);

  it('lets no other cluster into its folder', async () => {
    const { code, stderr } = await runClusterScript([...FREE_PORTS, '--data-dir', cluster.folder]);
    expect(code).toBe(1);
    expect(stderr).toContain(`a cluster runs in ${cluster.folder} (process ${cluster.pid})`);
  });

  it('ends in order and whole, and keeps its files', async () => {
    const pids = cluster.state().processes.map(({ pid }) => pid as number);
    expect(await cluster.stop('SIGINT')).toBe(0);
    expect(pids.filter(isAlive)).toEqual([]);
    const { state, processes } = cluster.state();
    expect(state).toBe('stopped');
    expect(processes.map(({ pid }) => pid)).toEqual(processes.map(() => null));
    for (const { id } of processes) if (id !== 'nats') expect(cluster.logOf(id)).toContain('"message":"stopped"');
  }, 30_000);
});

describe('a cluster that restarts what dies', () => {
  const cluster = new ClusterScript();
  afterAll(() => cluster.remove());

  it('does so, and leaves no service behind when it is killed itself', async () => {
    await cluster.start([...FREE_PORTS, '--storage', '1', '--restart']);
    const pidOf = (id: string): number => cluster.state().processes.find((one) => one.id === id)?.pid as number;
    process.kill(pidOf('storage-1'), 'SIGKILL');
    await until('it is ready again', () => /^storage-1 is ready again/m.test(cluster.output));
    const services = cluster.state().processes.filter(({ role }) => role !== 'nats');
    await cluster.stop('SIGKILL');
    await until('all services have ended', () => !services.some(({ pid }) => isAlive(pid as number)));
  }, 60_000);
});

describe('a cluster that cannot start', () => {
  it('names every wrong flag', async () => {
    const { code, stderr } = await runClusterScript(['--rf', '2', '--coordinators', '16', '--resp-port', 'x']);
    expect(code).toBe(2);
    expect(stderr.trim().split('\n')).toEqual([
      'cluster: --resp-port x: allowed is an integer from 0 to 65535',
      'cluster: --coordinators 16: allowed is an integer from 1 to 15',
      'cluster: --rf 2: this version keeps one copy; more come with replication',
    ]);
  });

  it('names a port that is in use', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const { code, stderr } = await runClusterScript([
      '--resp-port',
      '0',
      '--http-port',
      '0',
      '--nats-port',
      String(port),
    ]);
    server.close();
    expect(code).toBe(1);
    expect(stderr).toContain(`port ${port} is in use on 127.0.0.1: choose another with --nats-port`);
  });

  it('says what to install where nats-server is missing', async () => {
    const { code, stderr } = await runClusterScript(FREE_PORTS, { NATS_SERVER: '/nowhere/nats-server' });
    expect(code).toBe(1);
    expect(stderr).toBe('cluster: NATS_SERVER: /nowhere/nats-server is no program that can be run\n');
  });

  it('shows the end of the log of the process that failed', async () => {
    const { code, stderr } = await runClusterScript([...FREE_PORTS, '--', '--partitions', '3']);
    expect(code).toBe(1);
    expect(stderr).toContain('ended before it was ready');
    expect(stderr).toContain('cluster.partitions');
  }, 30_000);
});
