// Stores of 32 MiB that are given three times as much, in entries of mixed sizes, by a Redis client: with every policy they
// stay within their limit by their own account, and the process within the limit and a stated slack by the system's.
import { POLICY_NAMES, type PolicyName } from '#libs/cluster';
import { withRaw } from './client-cases/target.js';
import { type Standalone, startStandalone } from './support/hypercache.js';
import { encoded, type RawConnection } from './support/raw-connection.js';

const MIB = 1024 * 1024;
const LIMIT = 32 * MIB;
const GIVEN_BYTES = 3 * LIMIT;
/**
 * What the process may take beside the limit, over what it took before, warmed up by the same traffic: free pieces between
 * entries of the store and its last segment (about 2 MiB), buffers of the log, and garbage that waits for its collection, mostly
 * buffers of commands and replies (15 to 62 MiB were seen, the most on a machine that is busy).
 */
const SLACK_BYTES = 80 * MIB;
const WARM_UP_BYTES = 24 * MIB;
const BATCH = 200;
/** Memory is looked at once in so many batches. */
const LOOK_EVERY = 4;
/** Most entries are small, most bytes are in large ones. */
const SIZES = [20, 60, 100, 200, 300, 700, 1_500, 4_000, 20_000, 60_000];
const VALUE = 'x'.repeat(Math.max(...SIZES));
const OOM = /^-OOM command not allowed when used memory > 'maxmemory'/;

/**
 * Of the latest 200 entries at least so many are there: ttl-only and w-tinylfu may find other entries worth more than the
 * latest, and s3-fifo tries new ones out in a tenth of the memory, of which every shard has a part.
 */
const LEAST_FOUND_OF_200: Partial<Record<PolicyName, number>> = { 'ttl-only': 20, 'w-tinylfu': 20, 's3-fifo': 150 };

const sizeOf = (i: number): number => SIZES[((i * 2_654_435_761) >>> 8) % SIZES.length];
const keyOf = (i: number): string => `key:${i}`;

/** The value of a metric of the store. */
async function used({ service }: Standalone): Promise<number> {
  const { body } = await service.admin('/metrics');
  const line = body.split('\n').find((each) => each.startsWith('hypercache_memory_usage_bytes{store="pressed"'));
  return Number(line?.slice(line.lastIndexOf(' ') + 1));
}

interface Filled {
  readonly count: number;
  readonly refused: readonly number[];
  readonly highestUsed: number;
  readonly highestResident: number;
}

/** Gives entries, all with an expiry, until so many bytes were given; some are read again. */
async function fill(standalone: Standalone, raw: RawConnection, bytes: number): Promise<Filled> {
  const refused: number[] = [];
  let count = 0;
  let highestUsed = 0;
  let highestResident = 0;
  for (let given = 0, batches = 1; given < bytes; count += BATCH, batches++) {
    const commands: Uint8Array[] = [];
    for (let i = count; i < count + BATCH; i++) {
      given += sizeOf(i);
      commands.push(encoded(['SET', keyOf(i), VALUE.slice(0, sizeOf(i)), 'EX', String(1_000 + (i % 500))]));
      commands.push(encoded(['GET', keyOf(i >> 1)]));
    }
    raw.write(Buffer.concat(commands));
    const replies = await raw.replies(2 * BATCH);
    for (let i = 0; i < BATCH; i++) {
      const reply = Buffer.from(replies[2 * i]).toString();
      if (reply === '+OK\r\n') continue;
      expect(reply).toMatch(OOM);
      refused.push(count + i);
    }
    if (batches % LOOK_EVERY !== 0 && given < bytes) continue;
    highestUsed = Math.max(highestUsed, await used(standalone));
    highestResident = Math.max(highestResident, standalone.service.residentBytes());
  }
  return { count, refused, highestUsed, highestResident };
}

/** How many of the entries that were given last are there; each must be what was given. */
async function readBack(raw: RawConnection, from: number, to: number): Promise<number> {
  let found = 0;
  for (let i = from; i < to; i++) {
    const value = await raw.run('GET', keyOf(i));
    if (value === null) continue;
    expect(value).toBe(VALUE.slice(0, sizeOf(i)));
    found++;
  }
  return found;
}

describe('a store that is given three times its limit', () => {
  let standalone: Standalone;
  afterEach(() => standalone?.stop());

  const cases: readonly (readonly [PolicyName, string])[] = POLICY_NAMES.map((policy) => [
    policy,
    policy === 'session' || policy === 'ttl-only' ? policy : 'general',
  ]);
  it.each(cases)(
    'stays within it with the policy %s',
    async (policy, type) => {
      standalone = await startStandalone({ HC_NODE_MEMORY_LIMIT: '256mb' });
      await withRaw(standalone.service.ports.respPort, async (raw) => {
        const create = ['STORE', 'CREATE', 'pressed', 'TYPE', type, 'POLICY', policy, 'MAXMEMORY', '32mb'];
        expect(await raw.run(...create)).toBe('OK');
        expect(await raw.run('STORE', 'CREATE', 'warm', 'MAXMEMORY', '1mb')).toBe('OK');
        expect(await raw.run('SELECT', 'warm')).toBe('OK');
        await fill(standalone, raw, WARM_UP_BYTES);
        expect(await raw.run('SELECT', 'pressed')).toBe('OK');
        const residentBefore = standalone.service.residentBytes();
        const { count, refused, highestUsed, highestResident } = await fill(standalone, raw, GIVEN_BYTES);
        expect(highestUsed).toBeLessThanOrEqual(LIMIT);
        expect(highestUsed).toBeGreaterThan(LIMIT * 0.85);
        expect(highestResident - residentBefore).toBeLessThanOrEqual(LIMIT + SLACK_BYTES);
        if (policy === 'noeviction') {
          expect(refused.length).toBeGreaterThan(count / 2);
          expect(await readBack(raw, 0, 200)).toBe(200);
          expect(await raw.run('SET', 'one more', VALUE)).toMatch(OOM);
        } else {
          expect(refused).toEqual([]);
          const found = await readBack(raw, count - 200, count);
          expect(found).toBeGreaterThan(LEAST_FOUND_OF_200[policy] ?? 190);
        }
      });
    },
    120_000,
  );
});
