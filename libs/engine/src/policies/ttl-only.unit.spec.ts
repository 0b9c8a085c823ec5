import { PolicyRun, START_MS } from './policy-run.support.spec.js';

describe('ttl-only', () => {
  it('evicts in the order of expiry and never what has none', () => {
    const run = new PolicyRun({ partitions: 4, limitBytes: 1 << 22, policy: { name: 'ttl-only' } });
    const expiries = new Map<string, number>();
    for (let i = 0; i < 1000; i++) {
      const expiresAtMs = i % 4 === 3 ? 0 : START_MS + ((i * 7919) % 100_003);
      run.set(`k${i}`, 'v'.repeat(i % 90), expiresAtMs);
      if (expiresAtMs !== 0) expiries.set(`k${i}`, expiresAtMs);
    }
    run.set('k1', 'later', START_MS + 200_000);
    expiries.set('k1', START_MS + 200_000);
    const victims: string[] = [];
    for (let before = -1; victims.length > before;) {
      before = victims.length;
      victims.push(...run.evict(7));
    }
    expect(victims).toHaveLength(expiries.size);
    const times = victims.map((key) => expiries.get(key)!);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(run.model.size).toBe(1000 - expiries.size);
  });
});
