// Copies of a store's filter at the gateways of a real cluster: reads that need no storage node, and how late they may be.
import { latin1Bytes } from '#libs/kernel';
import { withRaw } from './client-cases/target.js';
import { startCluster, type HyperCacheCluster } from './support/hypercache.js';
import type { RawConnection } from './support/raw-connection.js';
import { eventually } from './support/until.js';

const KEYS = 5_000;
const MISSES = 5_000;
const STALENESS_MS = 1_000;
const PARTITIONS = 256;

let cluster: HyperCacheCluster;

beforeAll(async () => {
  cluster = await startCluster({ gateways: 2, storageNodes: 2 });
}, 120_000);
afterAll(() => cluster?.stop());

async function fieldsOf(raw: RawConnection, command: string): Promise<Record<string, number>> {
  const flat = (await raw.run(command, 'near')) as unknown[];
  return Object.fromEntries(
    Array.from({ length: flat.length / 2 }, (_, i) => [String(flat[2 * i]), Number(flat[2 * i + 1])]),
  );
}

async function pipeline(raw: RawConnection, lines: readonly string[]): Promise<Record<string, number>> {
  raw.write(latin1Bytes(lines.map((line) => `${line}\r\n`).join('')));
  const counts: Record<string, number> = {};
  for (const reply of await raw.replies(lines.length)) {
    const text = Buffer.from(reply).toString('latin1').trimEnd();
    counts[text] = (counts[text] ?? 0) + 1;
  }
  return counts;
}

const numbered = (command: string, prefix: string, count: number, rest = ''): string[] =>
  Array.from({ length: count }, (_, i) => `${command} ${prefix}${i}${rest}`);

describe('copies of a filter at gateways', () => {
  it('answer for absent keys, hide no own writes, and those of others for a bounded time', async () => {
    const [one, two] = cluster.gateways;
    await withRaw(one.ports.respPort, (here) =>
      withRaw(two.ports.respPort, async (there) => {
        const create = [
          'near',
          'MAXMEMORY',
          '64mb',
          'FILTER',
          '0.001',
          'NEAR-FILTER-STALENESS-MS',
          String(STALENESS_MS),
        ];
        expect(await here.run('STORE', 'CREATE', ...create)).toBe('OK');
        await eventually('both gateways know the store', async () => {
          expect([await here.run('SELECT', 'near'), await there.run('SELECT', 'near')]).toEqual(['OK', 'OK']);
        });
        expect(await pipeline(here, numbered('SET', 'k', KEYS, ' v'))).toEqual({ '+OK': KEYS });
        await eventually('all copies are there, and know the keys', async () => {
          const { near_filter_copies, filter_items } = await fieldsOf(there, 'HGET_FILTER');
          expect([near_filter_copies, filter_items]).toEqual([PARTITIONS, KEYS]);
        });

        expect(await here.run('CONFIG', 'RESETSTAT')).toBe('OK');
        expect(await pipeline(there, numbered('GET', 'absent', MISSES))).toEqual({ '$-1': MISSES });
        expect(await pipeline(there, numbered('GET', 'k', KEYS))).toEqual({ '$1\r\nv': KEYS });
        const figures = await fieldsOf(there, 'HSTATS');
        expect(figures.near_filter_hits).toBeGreaterThan(0.97 * MISSES);
        expect(figures).toMatchObject({ hits: KEYS, filter_near_staleness_ms: STALENESS_MS });
        expect(figures.near_filter_hits + figures.misses).toBe(MISSES);
        const { body } = await two.admin('/metrics');
        expect(body).toMatch(/hypercache_near_filter_hits_total\{[^}]*store="near"[^}]*\} [1-9]/);
        const { body: storageMetrics } = await cluster.storageNodes[0].admin('/metrics');
        expect(storageMetrics).toMatch(/hypercache_filter_lookups_total\{[^}]*store="near"[^}]*\} \d/);

        for (let round = 0; round < 20; round++) {
          const own = [`GET own${round}`, `SET own${round} v`, `GET own${round}`];
          expect(await pipeline(there, own)).toEqual({ '$-1': 1, '+OK': 1, '$1\r\nv': 1 });
          expect(await here.run('SET', `far${round}`, 'v')).toBe('OK');
          const writtenMs = performance.now();
          for (;;) {
            const askedMs = performance.now();
            if ((await there.run('EXISTS', `far${round}`)) === 1) break;
            expect(askedMs - writtenMs).toBeLessThan(STALENESS_MS);
          }
        }

        expect(await here.run('HSET_FILTER', 'near', 'near-staleness-ms', '0')).toBe('OK');
        await eventually('the copies are gone', async () =>
          expect(await fieldsOf(there, 'HGET_FILTER')).toMatchObject({ near_filter_copies: 0, near_filter_bytes: 0 }),
        );
        expect(await here.run('SET', 'last', 'v')).toBe('OK');
        expect(await there.run('EXISTS', 'last')).toBe(1);
      }),
    );
  }, 120_000);
});
