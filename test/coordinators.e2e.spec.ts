// Three coordinators over a real nats-server: what clients see while the leader dies, while there is no majority, and
// when a coordinator comes back without its disk. The tests run in their order on one cluster: each leaves it whole.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { withRaw } from './client-cases/target.js';
import { startCluster, type HyperCacheCluster } from './support/hypercache.js';
import type { Printable } from './support/raw-connection.js';
import type { ServiceProcess } from './support/service-process.js';
import { eventually, until } from './support/until.js';

let cluster: HyperCacheCluster;

beforeAll(async () => {
  cluster = await startCluster({ coordinators: 3, storageNodes: 2, gateways: 1 });
}, 120_000);
afterAll(() => cluster?.stop());

const run = (...words: string[]): Promise<Printable> =>
  withRaw(cluster.gateways[0].ports.respPort, (raw) => raw.run(...words));

async function metric(service: ServiceProcess, name: string): Promise<number> {
  const { body } = await service.admin('/metrics');
  return Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm').exec(body)?.[1]);
}

const running = (): ServiceProcess[] => cluster.coordinators.filter((service) => service.running);

async function leader(): Promise<ServiceProcess> {
  const found: ServiceProcess[] = [];
  await until('one coordinator leads', async () => {
    found.length = 0;
    for (const service of running())
      if ((await metric(service, 'hypercache_raft_is_leader')) === 1) found.push(service);
    return found.length === 1;
  });
  return found[0];
}

async function storeNames(): Promise<string> {
  return JSON.stringify(await run('STORE', 'LIST'));
}

/** The index that all who run have applied. */
async function allHaveApplied(): Promise<void> {
  await eventually('every coordinator has applied what the leader has', async () => {
    const indexes = await Promise.all(running().map((service) => metric(service, 'hypercache_raft_applied_index')));
    expect(new Set(indexes).size).toBe(1);
  });
}

describe('three coordinators', () => {
  it('agree: one leads, all have what was changed, and the gateway names the leader', async () => {
    const first = await leader();
    expect(await run('STORE', 'CREATE', 'one')).toBe('OK');
    await allHaveApplied();
    await eventually('the gateway names the leader', async () => {
      expect(JSON.stringify(await run('CLUSTER', 'LEADER'))).toContain(`"${first.id}"`);
    });
  }, 60_000);

  it('go on under another leader when one is killed, and take it back', async () => {
    const first = await leader();
    await first.kill();
    const killedAt = performance.now();
    const second = await leader();
    const electionMs = performance.now() - killedAt;
    expect(second).not.toBe(first);
    // 150 to 300 ms of silence and a round of votes; the rest is for a machine that is busy with other tests.
    expect(electionMs).toBeLessThan(5_000);
    expect(await run('STORE', 'CREATE', 'two')).toBe('OK');
    expect(await run('SET', 'key', 'value')).toBe('OK');
    await first.start();
    await allHaveApplied();
    expect(await leader()).toBe(second);
  }, 60_000);

  it('refuse changes without a majority, while data flows, and go on by themselves when it is back', async () => {
    const last = await leader();
    const others = running().filter((service) => service !== last);
    await Promise.all(others.map((service) => service.kill()));
    expect(await run('STORE', 'CREATE', 'three')).toMatch(/^-CLUSTERDOWN no quorum/);
    expect(await run('SET', 'key', 'again')).toBe('OK');
    expect(await run('GET', 'key')).toBe('again');
    expect((await last.admin('/readyz')).status).toBe(503);
    await Promise.all(others.map((service) => service.start()));
    await eventually('changes are made again', async () => {
      expect(await run('STORE', 'CREATE', 'four')).toMatch(/^OK$|already/);
    });
    await cluster.whenReady();
    const names = await storeNames();
    for (const name of ['one', 'two', 'four']) expect(names).toContain(name);
  }, 90_000);

  it('refuse a coordinator that has lost its disk until it is forgotten', async () => {
    const first = await leader();
    const victim = running().filter((service) => service !== first)[0];
    await victim.kill();
    rmSync(join(cluster.folder, victim.id, 'coordinator'), { recursive: true });
    victim.spawn();
    await until('its log says why', () =>
      victim.log().some(({ message }) => message.includes(`CLUSTER FORGET ${victim.id} first`)),
    );
    await eventually('it can be forgotten', async () => expect(await run('CLUSTER', 'FORGET', victim.id)).toBe('OK'));
    await victim.whenReady();
    await allHaveApplied();
    await cluster.whenReady();
    expect(JSON.stringify(await run('CLUSTER', 'EVENTS'))).toContain('NodeForgotten');
  }, 90_000);
});
