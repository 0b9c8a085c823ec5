// Entries outlive the processes that hold them: every write that was acknowledged before a kill -9 is there afterwards.
import { withRaw } from './client-cases/target.js';
import { type HyperCacheCluster, type Standalone, startCluster, startStandalone } from './support/hypercache.js';
import { encoded, RawConnection } from './support/raw-connection.js';
import type { ServiceProcess } from './support/service-process.js';
import { eventually } from './support/until.js';

const BATCH = 50;
const BATCHES_BEFORE_THE_KILL = 40;

/** Writes batches of keys, one behind the other, until the server ends; answers how many were acknowledged. */
async function writeUntilKilled(port: number, round: number, kill: () => Promise<unknown>): Promise<number> {
  const raw = await RawConnection.open(port);
  let acknowledged = 0;
  let killed: Promise<unknown> | undefined;
  try {
    for (let batch = 0; ; batch++) {
      const keys = Array.from({ length: BATCH }, (_, i) => batch * BATCH + i);
      raw.write(Buffer.concat(keys.map((i) => encoded(['SET', `${round}:${i}`, valueOf(round, i)]))));
      // The last batches are under way when the process dies.
      if (batch === BATCHES_BEFORE_THE_KILL) killed = kill();
      for (const reply of await raw.replies(BATCH)) {
        expect(Buffer.from(reply).toString()).toBe('+OK\r\n');
        acknowledged++;
      }
    }
  } catch {
    await killed;
    return acknowledged;
  }
}

function valueOf(round: number, i: number): string {
  return `${round}:${i}:${'x'.repeat(i % 200)}`;
}

async function expectRounds(port: number, counts: readonly number[]): Promise<void> {
  await withRaw(port, async (raw) => {
    for (const [round, count] of counts.entries()) {
      for (let i = 0; i < count; i++) raw.send('GET', `${round}:${i}`);
      for (let i = 0; i < count; i++) expect(await raw.next()).toBe(valueOf(round, i));
    }
  });
}

describe('a standalone HyperCache', () => {
  let standalone: Standalone;
  afterEach(() => standalone?.stop());

  it.each([
    ['everysec', {}],
    ['always', { HC_APPENDFSYNC: 'always' }],
    ['everysec, with checkpoints', { HC_PERSISTENCE_CHECKPOINT_BYTES: '64kb', HC_PERSISTENCE_SEGMENT_BYTES: '64kb' }],
  ])(
    'has all that it acknowledged before each kill -9 (%s)',
    async (_, environment) => {
      standalone = await startStandalone(environment);
      const { service } = standalone;
      const counts: number[] = [];
      for (let round = 0; round < 3; round++) {
        counts.push(await writeUntilKilled(service.ports.respPort, round, () => service.kill()));
        expect(counts[round]).toBeGreaterThanOrEqual(BATCHES_BEFORE_THE_KILL * BATCH);
        await service.start();
        await expectRounds(service.ports.respPort, counts);
      }
    },
    120_000,
  );

  it('begins empty where it is told to keep nothing', async () => {
    standalone = await startStandalone({ HC_PERSISTENCE: 'false' });
    const { service } = standalone;
    await withRaw(service.ports.respPort, (raw) => raw.run('SET', 'a', '1'));
    await service.kill();
    await service.start();
    expect(await withRaw(service.ports.respPort, (raw) => raw.run('GET', 'a'))).toBeNull();
  }, 60_000);

  it('tells and changes when its log is synced', async () => {
    standalone = await startStandalone();
    await withRaw(standalone.service.ports.respPort, async (raw) => {
      expect(await raw.run('CONFIG', 'GET', 'append*')).toEqual(['appendfsync', 'everysec', 'appendonly', 'yes']);
      expect(await raw.run('CONFIG', 'SET', 'appendfsync', 'always')).toBe('OK');
      expect(await raw.run('SET', 'a', '1')).toBe('OK');
      expect(await raw.run('CONFIG', 'GET', 'appendfsync')).toEqual(['appendfsync', 'always']);
      expect(await raw.run('CONFIG', 'SET', 'appendfsync', 'sometimes')).toMatch(/^-ERR .*always, everysec, no/);
      expect(await raw.run('CONFIG', 'SET', 'appendonly', 'no')).toMatch(/^-ERR /);
    });
  }, 60_000);
});

describe('a storage node of a cluster', () => {
  let cluster: HyperCacheCluster;
  afterEach(() => cluster?.stop());

  it('comes back with its entries, whether it was killed or the whole cluster was', async () => {
    cluster = await startCluster({ storageNodes: 2 });
    await cluster.whenReady();
    const port = (): number => cluster.gateways[0].ports.respPort;
    const keys = Array.from({ length: 400 }, (_, i) => i);
    await withRaw(port(), async (raw) => {
      for (const i of keys) raw.send('SET', `0:${i}`, valueOf(0, i));
      for (let i = 0; i < keys.length; i++) expect(await raw.next()).toBe('OK');
    });
    const expectAll = (): Promise<void> =>
      eventually('every key has its value', () => expectRounds(port(), [keys.length]), 30_000);
    const again = async (services: readonly ServiceProcess[]): Promise<void> => {
      await Promise.all(services.map((service) => service.kill()));
      await Promise.all(services.map((service) => service.start()));
      await expectAll();
    };
    await again([cluster.storageNodes[0]]);
    await again(cluster.services);
    await again([cluster.storageNodes[1]]);
  }, 180_000);
});
