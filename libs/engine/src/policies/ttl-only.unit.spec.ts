import { PolicyRun, START_MS } from './policy-run.support.spec.js';

/** A store of `count` entries, three of four with an expiry, and when each of those goes. */
function filled(count: number) {
  const run = new PolicyRun({ partitions: 4, limitBytes: 1 << 22, policy: { name: 'ttl-only' } });
  const expiries = new Map<string, number>();
  for (let i = 0; i < count; i++) {
    const expiresAtMs = i % 4 === 3 ? 0 : START_MS + ((i * 7919) % 100_003);
    run.set(`k${i}`, 'v'.repeat(i % 90), expiresAtMs);
    if (expiresAtMs !== 0) expiries.set(`k${i}`, expiresAtMs);
  }
  return { run, expiries };
}

/** Evicts `maxEntries` at a time until nothing is offered any more. */
function evictAll(run: PolicyRun, maxEntries: number, keepEvery = 0): string[] {
  const victims: string[] = [];
  for (let before = -1; victims.length > before;) {
    before = victims.length;
    victims.push(...run.evict(maxEntries, keepEvery));
  }
  return victims;
}

describe('ttl-only', () => {
  it('evicts in the order of expiry and never what has none', () => {
    const { run, expiries } = filled(1000);
    run.set('k1', 'later', START_MS + 200_000);
    expiries.set('k1', START_MS + 200_000);
    const victims = evictAll(run, 7);
    expect(victims).toHaveLength(expiries.size);
    const times = victims.map((key) => expiries.get(key)!);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(run.model.size).toBe(1000 - expiries.size);
  });

  it('takes several of a page where many are to go: all are among the soonest', () => {
    const { run, expiries } = filled(12_000);
    const order = [...expiries].toSorted(([, a], [, b]) => a - b).map(([key]) => key);
    const ranks = new Map(order.map((key, rank) => [key, rank]));
    const victims = Array.from({ length: 20 }, () => run.evict(32)).flat();
    expect(victims).toHaveLength(640);
    const latest = Math.max(...victims.map((key) => ranks.get(key)!));
    expect(latest).toBeLessThan(expiries.size / 4);
    expect(victims.filter((key) => ranks.get(key)! < 640).length).toBeGreaterThan(213);
    expect(evictAll(run, 32)).toHaveLength(expiries.size - 640);
    expect(run.model.size).toBe(12_000 - expiries.size);
  });

  it('offers again what the visitor has kept', () => {
    const { run, expiries } = filled(1000);
    const [soonest] = [...expiries].toSorted(([, a], [, b]) => a - b)[0];
    expect(run.evict(32, 1)).toContain(soonest);
    expect(run.evict(32, 1)).toContain(soonest);
    expect(run.evict(1)).toEqual([soonest]);
  });
});
