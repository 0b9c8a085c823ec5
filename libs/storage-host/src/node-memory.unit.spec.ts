/** Several stores of one node: who pays for a write, and what is refused. */
import fc from 'fast-check';
import { POLICY_NAMES } from '#libs/engine';
import { MemoryRig, OK, OOM, storeOf } from './memory-rig.support.spec.js';
import { MIB } from './storage-bench.support.spec.js';

function twoStores(nodeMemoryBytes: number): MemoryRig {
  return new MemoryRig([storeOf('general'), storeOf('general', {}, 1)], { nodeMemoryBytes });
}

describe('a store that shares a full node with one of smaller entries', () => {
  it.each([200, 1_000, 8_000, 60_000])('may write values of %i bytes, for which the lender pays', (bytes) => {
    const rig = twoStores(4 * MIB);
    expect(rig.fill(75_000, 40, 'a', 0)).toEqual([]);
    expect(rig.store(0).engine.usedBytes).toBeGreaterThan(3.5 * MIB);
    const evictedOfLender = rig.store(0).statistics.evicted.node;
    expect(rig.fill(Math.ceil((1.25 * MIB) / bytes), bytes, 'b', 1)).toEqual([]);
    expect(rig.store(1).engine.stats().entries).toBe(Math.ceil((1.25 * MIB) / bytes));
    expect(rig.store(0).statistics.evicted.node).toBeGreaterThan(evictedOfLender + 8_000);
  });

  it('pays itself beyond its fair share', () => {
    const rig = twoStores(4 * MIB);
    rig.fill(75_000, 40, 'a', 0);
    expect(rig.fill(5_000, 1_000, 'b', 1)).toEqual([]);
    expect(rig.store(0).engine.usedBytes).toBeGreaterThan(1.5 * MIB);
    expect(rig.store(1).engine.usedBytes).toBeGreaterThan(1.5 * MIB);
  });

  it('may begin to write although the node uses more than it may', () => {
    const rig = twoStores(4 * MIB);
    rig.fill(75_000, 40, 'a', 0);
    rig.host.nodeStores.memory.configure(2 * MIB, {
      cleanPercent: 85,
      evictPercent: 90,
      backPressurePercent: 95,
    });
    expect(rig.fill(500, 1_000, 'b', 1)).toEqual([]);
    expect(rig.store(1).engine.stats().entries).toBe(500);
  });

  it('is refused what even all that may be evicted cannot give, and nothing is evicted for it', () => {
    const rig = new MemoryRig([storeOf('general', { policy: 'noeviction' }), storeOf('general', {}, 1)], {
      nodeMemoryBytes: 4 * MIB,
    });
    rig.fill(22_000, 100, 'a', 0);
    rig.fill(100, 100, 'b', 1);
    expect(rig.runIn(1, 'set', 'large', 'x'.repeat(3 * MIB))).toBe(OOM);
    expect(rig.evicted).toEqual([]);
  });
});

describe('a large value', () => {
  it('fits on an empty node, whatever other stores there are', () => {
    const others = [1, 2, 3, 4, 5].map((id) => storeOf('general', {}, id));
    const rig = new MemoryRig([storeOf('general', { memoryLimitBytes: 10 * MIB }), ...others], {
      nodeMemoryBytes: 20 * MIB,
    });
    for (const { id } of others) rig.fill(10, 100, 'few', id);
    rig.wait(100);
    expect(rig.run('set', 'large', 'x'.repeat(6.4 * MIB))).toBe(OK);
    expect(rig.run('strlen', 'large')).toBe(`:${6.4 * MIB}\r\n`.replace(/\.\d+/, ''));
    expect(rig.evicted).toEqual([]);
  });
});

describe('a store above a lowered limit', () => {
  function lowered(): MemoryRig {
    const rig = new MemoryRig([storeOf('general', { memoryLimitBytes: 16 * MIB })]);
    rig.fill(120_000, 20);
    rig.define(storeOf('general', { memoryLimitBytes: MIB }));
    return rig;
  }

  it('becomes smaller with every write, each of which evicts few', () => {
    const rig = lowered();
    for (let i = 0; i < 200; i++) {
      const { usedBytes } = rig.store().engine;
      const evicted = rig.evicted.length;
      expect(rig.run('set', `new${i}`, 'v'.repeat(i))).toBe(OK);
      expect(rig.store().engine.usedBytes).toBeLessThan(usedBytes);
      expect(rig.evicted.length - evicted).toBeLessThan(600);
    }
    expect(rig.store().engine.usedBytes).toBeGreaterThan(3 * MIB);
  });

  it('stops at what may not be evicted', () => {
    const limits = { evictionScope: 'volatile' } as const;
    const rig = new MemoryRig([storeOf('general', { memoryLimitBytes: 8 * MIB, ...limits })]);
    rig.runAll(Array.from({ length: 9_000 }, (_, i) => ['set', `keep${i}`, 'x'.repeat(80)]));
    rig.runAll(Array.from({ length: 9_000 }, (_, i) => ['set', `go${i}`, 'x'.repeat(80), 'EX', '1000']));
    const keptBytes = rig.store().engine.usedBytes / 2;
    for (const share of [1.05, 0.5]) {
      rig.define(storeOf('general', { memoryLimitBytes: Math.floor(keptBytes * share), ...limits }));
      rig.wait(200);
    }
    expect(rig.evicted).toHaveLength(9_000);
    expect(rig.evicted.filter((key) => key.startsWith('keep'))).toEqual([]);
    expect(rig.run('set', 'more', 'x'.repeat(100))).toBe(OOM);
  });

  it('reaches it in slices, one after another', () => {
    const rig = lowered();
    rig.wait(100);
    expect(rig.store().engine.usedBytes).toBeLessThan(MIB);
    expect(rig.run('set', 'new', 'v')).toBe(OK);
  });
});

describe('stores of one node', () => {
  const NODE = 2 * MIB;
  const LARGEST = 40_000;
  // What is written here has no expiry, so that ttl-only has nothing to evict, and refuses rightly.
  const evicting = POLICY_NAMES.filter((name) => name !== 'noeviction' && name !== 'ttl-only');
  const size = fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: LARGEST }));
  const step = fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({ kind: fc.constant('fill' as const), id: fc.nat(2), count: fc.nat(1_500), size }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(120) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('limit' as const),
        id: fc.nat(2),
        bytes: fc.oneof(fc.constant(0), fc.integer({ min: MIB / 2, max: NODE })),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('policy' as const),
        id: fc.nat(2),
        policy: fc.constantFrom(...evicting),
      }),
    },
  );

  it('refuse nothing that fits, stay within the node, and evict in proportion to what is written', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 3, maxLength: 20 }), (steps) => {
        const stores = [0, 1, 2].map((id) => storeOf('general', {}, id));
        const rig = new MemoryRig(stores, { nodeMemoryBytes: NODE });
        for (const each of steps) {
          if (each.kind === 'wait') rig.wait(each.ms);
          else if (each.kind === 'fill') {
            const count = Math.min(each.count, Math.ceil(MIB / each.size));
            const evicted = rig.evicted.length;
            expect(rig.fill(count, each.size, `f${each.size}-`, each.id)).toEqual([]);
            const frames = Math.ceil(count / 50);
            expect(rig.evicted.length - evicted).toBeLessThanOrEqual(count * (200 + each.size / 4) + frames * 3 * 600);
          } else {
            const change = each.kind === 'limit' ? { memoryLimitBytes: each.bytes } : { policy: each.policy };
            stores[each.id] = { ...stores[each.id], ...change };
            rig.define(...stores);
          }
          expect(rig.host.nodeStores.memory.usedBytes).toBeLessThanOrEqual(NODE);
        }
      }),
      { numRuns: 20 },
    );
  });
});
