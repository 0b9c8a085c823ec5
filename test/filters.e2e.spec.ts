// The filter of a store in a real cluster: switched on while the store is full of keys and in use, watched, switched off.
import { latin1Bytes } from '#libs/kernel';
import { withRaw } from './client-cases/target.js';
import { startCluster, type HyperCacheCluster } from './support/hypercache.js';
import type { RawConnection } from './support/raw-connection.js';
import { rest } from './support/rest-client.js';
import { eventually } from './support/until.js';

const KEYS = 50_000;
const BATCH = 1_000;
const MISSES = 10_000;
/** Between the commands, so that the filter is built while writes go on. */
const LATER = 200;

let cluster: HyperCacheCluster;

beforeAll(async () => {
  cluster = await startCluster({ gateways: 1, storageNodes: 2 });
}, 120_000);
afterAll(() => cluster?.stop());

function fieldsOf(reply: unknown): Record<string, unknown> {
  const flat = reply as unknown[];
  return Object.fromEntries(Array.from({ length: flat.length / 2 }, (_, i) => [String(flat[2 * i]), flat[2 * i + 1]]));
}

/** Sends inline commands in pipelines; answers how many replies there were of each kind. */
async function pipeline(raw: RawConnection, commands: readonly string[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let i = 0; i < commands.length; i += BATCH) {
    const batch = commands.slice(i, i + BATCH);
    raw.write(latin1Bytes(batch.map((line) => `${line}\r\n`).join('')));
    for (const reply of await raw.replies(batch.length)) {
      const text = Buffer.from(reply).toString('latin1').trimEnd();
      counts[text] = (counts[text] ?? 0) + 1;
    }
  }
  return counts;
}

const numbered = (command: string, prefix: string, count: number, rest = ''): string[] =>
  Array.from({ length: count }, (_, i) => `${command} ${prefix}${i}${rest}`);

describe('the filter of a store', () => {
  it('is built while the store is in use, answers for absent keys, and goes', async () => {
    const [{ ports }] = cluster.gateways;
    await withRaw(ports.respPort, async (raw) => {
      const filter = async (): Promise<Record<string, unknown>> => fieldsOf(await raw.run('HGET_FILTER', 'seen'));
      expect(await raw.run('STORE', 'CREATE', 'seen', 'MAXMEMORY', '64mb')).toBe('OK');
      expect(await raw.run('SELECT', 'seen')).toBe('OK');
      expect(await pipeline(raw, numbered('SET', 'k', KEYS, ' v'))).toEqual({ '+OK': KEYS });
      expect(await filter()).toMatchObject({ filter_enabled: 0, filter_progress: '0.0000', filter_bytes: 0 });
      const { used_bytes: usedBefore } = fieldsOf(await raw.run('HSTATS', 'seen'));

      expect(await raw.run('HFILTER', 'seen', 'enable')).toBe('OK');
      expect(await pipeline(raw, numbered('SET', 'later', LATER, ' v'))).toEqual({ '+OK': LATER });
      await eventually('the filter is ready', async () =>
        expect(await filter()).toMatchObject({ filter_progress: '1.0000', filter_items: KEYS + LATER }),
      );
      const built = await filter();
      expect(built.filter_bytes).toBeGreaterThan(KEYS);
      expect(Number(built.filter_estimated_rate)).toBeGreaterThan(0.005);
      expect(Number(built.filter_estimated_rate)).toBeLessThan(0.015);

      expect(await pipeline(raw, numbered('GET', 'absent', MISSES))).toEqual({ '$-1': MISSES });
      const stats = fieldsOf(await raw.run('HSTATS', 'seen'));
      expect(stats).toMatchObject({ filter_enabled: 1, misses: MISSES });
      expect(stats.used_bytes).toBeGreaterThan(Number(usedBefore) + Number(built.filter_bytes) - 1);
      expect(stats.filter_absent).toBeGreaterThan(0.97 * MISSES);
      expect(stats.filter_false_positives).toBe(MISSES - Number(stats.filter_absent));
      expect(await pipeline(raw, numbered('GET', 'k', KEYS))).toEqual({ '$1\r\nv': KEYS });
      expect(await pipeline(raw, numbered('GET', 'later', LATER))).toEqual({ '$1\r\nv': LATER });

      const answer = await rest(ports.httpPort, 'GET', 'stores/seen/filter');
      expect(JSON.parse(answer.body)).toMatchObject({
        enabled: true,
        statistics: { progress: 1, items: KEYS + LATER, absent: stats.filter_absent },
      });
      expect(await raw.run('HFILTER', 'seen', 'disable')).toBe('OK');
      await eventually('its memory is free', async () =>
        expect(await filter()).toMatchObject({ filter_enabled: 0, filter_items: 0, filter_bytes: 0 }),
      );
      expect(await pipeline(raw, numbered('GET', 'k', BATCH))).toEqual({ '$1\r\nv': BATCH });
    });
  }, 120_000);
});
