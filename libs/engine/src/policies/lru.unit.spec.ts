import fc from 'fast-check';
import { PolicyRun, START_MS } from './policy-run.support.spec.js';

const step = fc.record({
  kind: fc.constantFrom('set', 'set', 'set', 'get', 'get', 'evict', 'remove', 'clean'),
  key: fc.nat(300).map((number) => `k${number}`),
  length: fc.oneof(fc.nat(100), fc.nat(100), fc.nat(2000)),
});

describe('lru', () => {
  it.each([1, 4, 512])(
    'evicts in the exact order of use, over %d partitions and whatever cleaning does',
    (partitions) => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 1500, size: 'max' }), (steps) => {
          const run = new PolicyRun({ partitions, limitBytes: 1 << 22, policy: { name: 'lru' } });
          /** Least recently used first, as a Map keeps it. */
          const model = new Map<string, true>();
          for (const { kind, key, length } of steps) {
            if (kind === 'clean') {
              run.engine.reclaim(2);
              continue;
            }
            const isThere = model.delete(key);
            if (isThere && kind !== 'remove') model.set(key, true);
            if (kind === 'set') {
              expect(run.set(key, 'v'.repeat(length))).toBe(true);
              model.set(key, true);
            } else if (kind === 'remove') run.remove(key);
            else expect(run.get(key)).toBe(isThere);
            if (kind !== 'evict') continue;
            const victims = run.evict(3);
            expect(victims).toEqual([...model.keys()].slice(0, 3));
            for (const victim of victims) model.delete(victim);
          }
          run.checkContents();
          const rest = [...model.keys()];
          expect(run.evict(1000)).toEqual(rest);
          run.finish();
        }),
        { numRuns: 15 },
      );
    },
  );

  it('takes a store over in steps, evicting what it does not know yet first', () => {
    const run = new PolicyRun({ partitions: 4, limitBytes: 1 << 22, policy: { name: 'sieve' }, segmentBytes: 65_536 });
    for (let i = 0; i < 2000; i++) run.set(`k${i}`, 'v'.repeat(i % 50));
    run.engine.setPolicy({ name: 'lru' });
    for (let i = 2000; i < 2020; i++) run.set(`k${i}`, 'new');
    const victims = run.evict(100);
    expect(victims.every((key) => Number(key.slice(1)) < 400)).toBe(true);
    while (run.engine.reclaim(8) > 0);
    for (let i = 1000; i < 2000; i += 2) run.get(`k${i}`);
    while (run.model.size > 520) run.evict(10);
    const kept = [...run.model.keys()].map((key) => Number(key.slice(1)));
    expect(kept.every((number) => number >= 2000 || (number >= 1000 && number % 2 === 0))).toBe(true);
    run.checkContents();
    run.engine.setPolicy({ name: 'sieve' });
    while (run.engine.reclaim(8) > 0);
    run.checkContents();
    run.finish();
  });

  it('lists the entries of a partition that this node begins to decide about', () => {
    const run = new PolicyRun({ partitions: 4, limitBytes: 1 << 22, policy: { name: 'lru' } });
    run.engine.setEvictable(1, false);
    for (let i = 0; i < 400; i++) run.set(`k${i}`, 'value');
    while (run.evict(10).length > 0);
    expect(run.model.size).toBe(100);
    run.engine.setEvictable(1, true);
    run.engine.setEvictable(2, false);
    for (let i = 2; i < 400; i += 4) run.set(`k${i}`, 'value');
    while (run.evict(10).length > 0);
    expect(run.engine.count(1)).toBe(0);
    expect(run.model.size).toBe(100);
  });

  it('with scope volatile lists what has an expiry, and follows changes of it', () => {
    const run = new PolicyRun({ partitions: 2, limitBytes: 1 << 22, policy: { name: 'lru', scope: 'volatile' } });
    for (let i = 0; i < 20; i++) run.set(`k${i}`, 'a long value', i % 2 === 0 ? START_MS + 1000 : 0);
    run.expire('k1', START_MS + 5000);
    run.expire('k2', 0);
    run.set('k4', '', 0);
    run.set('k3', '', START_MS + 1000);
    const victims: string[] = [];
    for (let before = -1; victims.length > before;) {
      before = victims.length;
      victims.push(...run.evict(3));
    }
    expect(victims).toEqual(['k0', 'k6', 'k8', 'k10', 'k12', 'k14', 'k16', 'k18', 'k1', 'k3']);
  });
});
