import fc from 'fast-check';
import { PolicyRun, START_MS } from './policy-run.support.spec.js';

const IDLE_MS = 10_000;
const POLICY = { name: 'session', idleTtlMs: IDLE_MS } as const;

describe('session', () => {
  it('offers exactly what has been idle for the idle lifetime, whatever cleaning does', () => {
    const step = fc.record({
      kind: fc.constantFrom('set', 'set', 'get', 'get', 'get', 'remove', 'collect', 'clean'),
      key: fc.nat(200).map((number) => `k${number}`),
      length: fc.nat(200),
      passMs: fc.nat(400),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 800, size: 'max' }), (steps) => {
        const run = new PolicyRun({ partitions: 4, limitBytes: 1 << 22, policy: POLICY });
        const usedMs = new Map<string, number>();
        for (const { kind, key, length, passMs } of steps) {
          run.nowMs += passMs;
          if (kind === 'set') {
            run.set(key, 'v'.repeat(length));
            usedMs.set(key, run.nowMs);
          } else if (kind === 'get' && run.get(key)) usedMs.set(key, run.nowMs);
          else if (kind === 'remove') {
            run.remove(key);
            usedMs.delete(key);
          } else if (kind === 'clean') run.engine.reclaim(2);
          else if (kind === 'collect') {
            const due = [...usedMs].filter(([, atMs]) => atMs + IDLE_MS <= run.nowMs).map(([each]) => each);
            expect(run.collect(1000).sort()).toEqual(due.sort());
            for (const each of due) usedMs.delete(each);
          }
          const [first] = usedMs.keys();
          if (first !== undefined) expect(run.idleSinceMs(first)).toBe(usedMs.get(first));
        }
      }),
      { numRuns: 30 },
    );
  });

  it('keeps the time of creation, whatever is done to an entry and wherever it goes', () => {
    const step = fc.record({
      kind: fc.constantFrom('set', 'set', 'set', 'get', 'expire', 'remove', 'evict', 'clean', 'policy', 'decide'),
      key: fc.nat(80).map((number) => `k${number}`),
      length: fc.oneof(fc.nat(40), fc.nat(2000)),
      expires: fc.boolean(),
      passMs: fc.nat(400),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 500, size: 'max' }), (steps) => {
        const run = new PolicyRun({ partitions: 4, limitBytes: 60_000, policy: POLICY });
        const createdMs = new Map<string, number>();
        for (const { kind, key, length, expires, passMs } of steps) {
          run.nowMs += passMs;
          const expiresAtMs = expires ? run.nowMs + 1_000_000 : 0;
          if (kind === 'get') run.get(key);
          else if (kind === 'expire') run.expire(key, expiresAtMs);
          else if (kind === 'remove') run.remove(key);
          else if (kind === 'evict') run.evict(length % 8);
          else if (kind === 'clean') run.engine.reclaim(2);
          else if (kind === 'policy') run.engine.setPolicy({ ...POLICY, idleTtlMs: IDLE_MS + length });
          else if (kind === 'decide') run.engine.setEvictable(length % 4, expires);
          else if (run.set(key, 'v'.repeat(length), expiresAtMs) && !createdMs.has(key)) createdMs.set(key, run.nowMs);
          for (const each of createdMs.keys()) if (!run.model.has(each)) createdMs.delete(each);
          for (const [each, atMs] of createdMs) expect([each, run.createdAtMs(each)]).toEqual([each, atMs]);
        }
        run.checkContents();
      }),
      { numRuns: 30 },
    );
  });

  it('takes a time of creation from elsewhere, and knows none of what other policies kept', () => {
    const run = new PolicyRun({ partitions: 1, limitBytes: 1 << 22, policy: { name: 'lru' } });
    run.set('k1', 'session');
    expect(run.createdAtMs('k1')).toBe(0);
    run.engine.setPolicy(POLICY);
    run.nowMs += 5;
    run.set('k2', 'session');
    expect(run.createdAtMs('k1')).toBe(START_MS + 5);
    run.engine.times.setCreated(0, run.find('k2'), START_MS - 1000);
    run.set('k2', 'a longer session');
    expect(run.createdAtMs('k2')).toBe(START_MS - 1000);
    run.engine.setPolicy({ name: 'sieve' });
    run.engine.times.setCreated(0, run.find('k2'), START_MS);
    expect(run.createdAtMs('k2')).toBe(0);
  });

  it('evicts what has been idle longest and spares active sessions', () => {
    const run = new PolicyRun({ partitions: 4, limitBytes: 1 << 22, policy: POLICY });
    for (let i = 0; i < 1000; i++) run.set(`k${i}`, 'session');
    run.nowMs += 1;
    for (let i = 0; i < 1000; i += 3) run.get(`k${i}`);
    for (let calls = 0; calls < 66; calls++) run.evict(10);
    expect([...run.model.keys()].filter((key) => Number(key.slice(1)) % 3 === 0)).toHaveLength(334);
    expect(run.model.size).toBe(340);
  });

  it('ends sessions at their absolute lifetime however active they are', () => {
    const run = new PolicyRun({ partitions: 4, limitBytes: 1 << 22, policy: POLICY });
    run.set('k1', 'session', START_MS + 25_000);
    for (let i = 0; i < 5; i++) {
      run.nowMs += 5000;
      expect(run.get('k1')).toBe(true);
      expect(run.collect(10)).toEqual(i < 4 ? [] : ['k1']);
    }
  });

  it('begins a new idle lifetime for what another policy kept, and for other nodes’ entries', () => {
    const run = new PolicyRun({ partitions: 2, limitBytes: 1 << 22, policy: { name: 'sieve' } });
    run.engine.setEvictable(1, false);
    for (let i = 0; i < 300; i++) run.set(`k${i}`, 'session');
    run.nowMs += IDLE_MS;
    run.get('k0');
    run.engine.setPolicy(POLICY);
    while (run.engine.reclaim(4) > 0);
    run.nowMs += IDLE_MS - 1;
    expect(run.collect(1000)).toEqual([]);
    run.engine.setEvictable(1, true);
    while (run.engine.reclaim(4) > 0);
    run.nowMs += 1;
    expect(run.collect(1000)).toHaveLength(150);
    run.nowMs += IDLE_MS;
    expect(run.collect(1000)).toHaveLength(150);
  });
});
