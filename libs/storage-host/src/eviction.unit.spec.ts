/** Eviction and memory limits, as clients of a storage node see them. */
import fc from 'fast-check';
import { POLICY_NAMES } from '#libs/engine';
import { MemoryRig, OK, OOM, storeOf } from './memory-rig.support.spec.js';
import { MIB } from './storage-bench.support.spec.js';

describe('a store that fills up', () => {
  it('evicts, each entry as an event, and stays below its limit', () => {
    const rig = new MemoryRig([storeOf('general', { memoryLimitBytes: MIB })]);
    expect(rig.fill(20_000)).toEqual([]);
    const { statistics, engine } = rig.store();
    expect(rig.evicted.length).toBeGreaterThan(5_000);
    expect(statistics.evicted.pressure).toBe(rig.evicted.length);
    expect(rig.host.statistics.evicted).toBe(rig.evicted.length);
    expect(engine.stats().entries).toBe(20_000 - rig.evicted.length);
    expect(engine.usedBytes).toBeGreaterThan(0.8 * MIB);
    for (const key of rig.evicted.slice(-10)) expect(rig.run('get', key)).toBe('$-1\r\n');
  });

  it('keeps what is read again and again', () => {
    const rig = new MemoryRig([storeOf('general', { memoryLimitBytes: MIB })]);
    const hot = Array.from({ length: 50 }, (_, i) => `hot${i}`);
    for (const key of hot) rig.run('set', key, 'v');
    for (let round = 0; round < 200; round++) {
      rig.runAll(hot.map((key) => ['get', key]));
      rig.fill(100, 100, `cold${round}-`);
    }
    expect(rig.evicted.length).toBeGreaterThan(5_000);
    const kept = rig.runAll(hot.map((key) => ['get', key])).filter((reply) => reply !== '$-1\r\n');
    expect(kept.length).toBeGreaterThan(45);
  });

  it('evicts no more than it must where half of the entries stay', () => {
    const rig = new MemoryRig([storeOf('general', { memoryLimitBytes: 2 * MIB })]);
    const { engine } = rig.store();
    let leastLive = Infinity;
    for (let round = 0; round < 30; round++) {
      rig.fill(2_000, 60, `new${round}-`);
      rig.runAll(Array.from({ length: 1_000 }, (_, i) => ['get', `new${round}-${2 * i}`]));
      const live = engine.usedBytes - engine.reclaimableBytes;
      if (round >= 20) leastLive = Math.min(leastLive, live / engine.limitBytes);
    }
    expect(rig.evicted.length).toBeGreaterThan(30_000);
    expect(leastLive).toBeGreaterThan(0.8);
  });

  it('answers OOM where nothing may be evicted, and takes writes again when there is room', () => {
    const rig = new MemoryRig([storeOf('general', { memoryLimitBytes: MIB, policy: 'noeviction' })]);
    const bad = rig.fill(20_000);
    expect(new Set(bad)).toEqual(new Set([OOM]));
    expect(rig.evicted).toEqual([]);
    expect(rig.store().statistics.refusals).toBe(bad.length);
    expect(rig.store().engine.usedBytes).toBeGreaterThan(0.97 * MIB);
    expect(rig.run('get', 'fill0')).toBe(`$100\r\n${'x'.repeat(100)}\r\n`);
    for (let i = 0; i < 3; i++) rig.wait(100);
    expect(rig.bench.logger.matching(/memory is short: store 'default' uses \d+ of the 1048576 bytes/)).toHaveLength(1);
    expect(rig.host.nodeStores.notices()).toEqual([expect.stringContaining("store 'default' uses")]);
    rig.runAll(Array.from({ length: 2_000 }, (_, i) => ['del', `fill${i}`]));
    expect(rig.fill(500, 100, 'more')).toEqual([]);
    rig.wait(500);
    expect(rig.bench.logger.matching(/memory is no longer short/)).toHaveLength(1);
    expect(rig.host.nodeStores.notices()).toEqual([]);
  });

  it('evicts only what expires where the definition says so', () => {
    const rig = new MemoryRig([storeOf('general', { memoryLimitBytes: MIB, evictionScope: 'volatile' })]);
    rig.fill(3_000, 100, 'keep');
    const going = Array.from({ length: 10_000 }, (_, i) => ['set', `go${i}`, 'x'.repeat(100), 'EX', '1000']);
    expect(rig.runAll(going).filter((reply) => reply !== OK)).toEqual([]);
    expect(rig.evicted.length).toBeGreaterThan(3_000);
    expect(rig.evicted.filter((key) => key.startsWith('keep'))).toEqual([]);
    const bad = rig.fill(10_000);
    expect(bad.at(-1)).toBe(OOM);
  });

  it('says that an entry is larger than its store, and evicts nothing for it', () => {
    const rig = new MemoryRig([storeOf('general', { memoryLimitBytes: MIB })]);
    rig.fill(100);
    expect(rig.run('set', 'huge', 'x'.repeat(2 * MIB))).toMatch(
      /^-OOM the entry is too large for its store: 20971\d\d bytes, and store 'default' may use 1048576 on this node\r\n$/,
    );
    expect(rig.run('append', 'fill0', 'x'.repeat(2 * MIB))).toMatch(/^-OOM the entry is too large/);
    expect(rig.evicted).toEqual([]);
    expect(rig.run('get', 'fill0')).toBe(`$100\r\n${'x'.repeat(100)}\r\n`);
  });

  it('makes room for a large entry', () => {
    const rig = new MemoryRig([storeOf('general', { memoryLimitBytes: 2 * MIB })]);
    rig.fill(12_000);
    expect(rig.run('set', 'large', 'x'.repeat(MIB))).toBe(OK);
    expect(rig.run('strlen', 'large')).toBe(`:${MIB}\r\n`);
  });

  it('takes every command that writes, whatever goes meanwhile', () => {
    const rig = new MemoryRig([storeOf('general', { memoryLimitBytes: MIB })], {}, 1);
    rig.fill(20_000);
    const commands = Array.from({ length: 3_000 }, (_, i) => [
      ['set', `a${i}`, 'v'.repeat(i % 300)],
      ['append', `a${i}`, 'w'.repeat(100)],
      ['expire', `a${i}`, '100'],
      ['persist', `a${i}`],
      ['incr', `n${i}`],
      ['copy', `a${i}`, `c${i}`],
      ['set', `b${i}`, 'v'.repeat(500)],
      ['rename', `b${i}`, `d${i}`],
      ['getex', `d${i}`, 'EX', '10'],
    ]).flat();
    const replies = rig.runAll(commands);
    expect(replies.filter((reply) => reply.startsWith('-') && !reply.startsWith('-ERR no such key'))).toEqual([]);
  });
});

describe('a limit that is lowered', () => {
  it('is reached in steps, while reads and writes go on', () => {
    const rig = new MemoryRig([storeOf('general', { memoryLimitBytes: 16 * MIB })]);
    rig.fill(60_000);
    const before = rig.store().engine.usedBytes;
    rig.define(storeOf('general', { memoryLimitBytes: 2 * MIB }));
    expect(rig.store().engine.usedBytes).toBe(before);
    expect(rig.run('get', 'fill59999')).toContain('xxx');
    expect(rig.run('set', 'new', 'v')).toBe(OK);
    expect(rig.store().engine.usedBytes).toBeGreaterThan(4 * MIB);
    for (let i = 0; i < 40; i++) rig.wait(100);
    expect(rig.store().engine.usedBytes).toBeLessThanOrEqual(2 * MIB);
    expect(rig.store().statistics.evicted.limit).toBeGreaterThan(30_000);
    expect(rig.run('get', 'new')).toBe('$1\r\nv\r\n');
  });

  it('refuses growth of a store that may not evict', () => {
    const rig = new MemoryRig([storeOf('general', { memoryLimitBytes: 4 * MIB, policy: 'noeviction' })]);
    rig.fill(10_000);
    rig.define(storeOf('general', { memoryLimitBytes: MIB, policy: 'noeviction' }));
    rig.wait(500);
    expect(rig.run('set', 'more', 'x'.repeat(1000))).toBe(OOM);
    expect(rig.run('get', 'fill9999')).toContain('xxx');
    rig.define(storeOf('general', { memoryLimitBytes: MIB }));
    for (let i = 0; i < 20; i++) rig.wait(100);
    expect(rig.store().engine.usedBytes).toBeLessThanOrEqual(MIB);
    expect(rig.run('set', 'more', 'x'.repeat(1000))).toBe(OK);
  });
});

describe("the node's memory", () => {
  const options = { nodeMemoryBytes: 4 * MIB };
  const two = [storeOf('general'), storeOf('general', {}, 1)];

  it('is lent to the store that needs it, and given back', () => {
    const rig = new MemoryRig(two, options);
    rig.fill(40_000, 100, 'a', 0);
    expect(rig.store(0).engine.usedBytes).toBeGreaterThan(3 * MIB);
    const before = rig.store(0).statistics.evicted.node;
    expect(rig.fill(40_000, 100, 'b', 1)).toEqual([]);
    expect(rig.store(1).engine.usedBytes).toBeGreaterThan(1.5 * MIB);
    expect(rig.store(0).engine.usedBytes).toBeLessThan(2.2 * MIB);
    expect(rig.store(0).statistics.evicted.node).toBeGreaterThan(before + 5_000);
    expect(rig.host.nodeStores.memory.usedBytes).toBeLessThanOrEqual(options.nodeMemoryBytes);
  });

  it('is not taken from a store that may not evict', () => {
    const rig = new MemoryRig([storeOf('general', { policy: 'noeviction' }), storeOf('general', {}, 1)], options);
    expect(rig.fill(18_000, 100, 'a', 0)).toEqual([]);
    const kept = rig.store(0).engine.stats().entries;
    expect(rig.fill(40_000, 100, 'b', 1)).toEqual([]);
    expect(rig.store(0).engine.stats().entries).toBe(kept);
    expect(rig.store(1).statistics.evicted.pressure + rig.store(1).statistics.evicted.node).toBeGreaterThan(10_000);
  });

  it('may be changed at run time', () => {
    const rig = new MemoryRig(two, options);
    rig.fill(20_000);
    rig.host.nodeStores.memory.configure(MIB, { cleanPercent: 50, evictPercent: 60, backPressurePercent: 70 });
    for (let i = 0; i < 30; i++) rig.wait(100);
    expect(rig.host.nodeStores.memory.usedBytes).toBeLessThanOrEqual(0.7 * MIB);
    expect(rig.store().pressure).toBeLessThan(3);
    expect(() =>
      rig.host.nodeStores.memory.configure(MIB, { cleanPercent: 90, evictPercent: 60, backPressurePercent: 70 }),
    ).toThrow('cleaning must begin before evicting');
  });

  it('comes back when a store is dropped', () => {
    const rig = new MemoryRig(two, options);
    rig.fill(40_000, 100, 'b', 1);
    rig.define(two[0]);
    expect(rig.host.stores.has(1)).toBe(false);
    expect(rig.host.nodeStores.memory.usedBytes).toBe(rig.store().engine.usedBytes);
    expect(rig.fill(20_000, 100, 'a', 0)).toEqual([]);
    expect(rig.evicted.filter((key) => key.startsWith('a'))).toEqual([]);
  });

  it('is never exceeded, whatever happens', () => {
    const step = fc.oneof(
      { weight: 20, arbitrary: fc.tuple(fc.constant('set' as const), fc.nat(2), fc.nat(400), fc.nat(3_000)) },
      { weight: 4, arbitrary: fc.tuple(fc.constant('fill' as const), fc.nat(2), fc.nat(3), fc.nat(3_000)) },
      { weight: 4, arbitrary: fc.tuple(fc.constant('del' as const), fc.nat(2), fc.nat(400), fc.constant(0)) },
      { weight: 2, arbitrary: fc.tuple(fc.constant('wait' as const), fc.constant(0), fc.nat(300), fc.constant(0)) },
      { weight: 1, arbitrary: fc.tuple(fc.constant('limit' as const), fc.nat(2), fc.nat(3 * MIB), fc.constant(0)) },
      {
        weight: 1,
        arbitrary: fc.tuple(fc.constant('policy' as const), fc.nat(2), fc.nat(POLICY_NAMES.length - 1), fc.constant(0)),
      },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const stores = [0, 1, 2].map((id) => storeOf('general', {}, id));
        const rig = new MemoryRig(stores, { nodeMemoryBytes: MIB });
        for (const [kind, id, number, size] of steps) {
          if (kind === 'set') rig.runIn(id, 'set', `k${number}`, 'x'.repeat(size), 'EX', '1000');
          else if (kind === 'fill') rig.fill(number * 100, size, 'f', id);
          else if (kind === 'del') rig.runIn(id, 'del', `k${number}`);
          else if (kind === 'wait') rig.wait(number);
          else {
            const change = kind === 'limit' ? { memoryLimitBytes: number } : { policy: POLICY_NAMES[number] };
            stores[id] = { ...stores[id], ...change };
            rig.define(...stores);
          }
          expect(rig.host.nodeStores.memory.usedBytes).toBeLessThanOrEqual(MIB);
        }
      }),
      { numRuns: 25 },
    );
  });
});

describe('evictions and partitions', () => {
  it('spare partitions that this node does not decide for', () => {
    const rig = new MemoryRig([storeOf('general', { memoryLimitBytes: MIB })]);
    rig.fill(3_000);
    const sealed = 2;
    rig.bench.node('s2');
    rig.bench.plan(sealed, { movingTo: 's2', moveId: 5 });
    rig.bench.publishTable();
    const before = rig.store().engine.count(sealed);
    const keys = Array.from({ length: 20_000 }, (_, i) => `fill${i}`);
    const others = keys.filter((key) => rig.bench.partitionOf(key) !== sealed);
    rig.runAll(others.map((key) => ['set', key, 'x'.repeat(100)]));
    expect(rig.evicted.length).toBeGreaterThan(1_000);
    expect(rig.store().engine.count(sealed)).toBe(before);
  });

  it('make room for a partition that moves to a full node', () => {
    const rig = new MemoryRig([storeOf('general', { memoryLimitBytes: MIB })]);
    const source = rig.bench.node('s2');
    rig.bench.plan(3, { owner: 's2', epoch: 2 });
    rig.bench.publishTable();
    const gateway = rig.bench.gateway('s2', 9, 'g2');
    const keys = Array.from({ length: 10_000 }, (_, i) => `move${i}`).filter((key) => rig.bench.partitionOf(key) === 3);
    for (const key of keys.slice(0, 1_500)) gateway.call(['set', key, 'x'.repeat(100)]);
    const own = Array.from({ length: 10_000 }, (_, i) => `fill${i}`).filter((key) => rig.bench.partitionOf(key) !== 3);
    rig.runAll(own.map((key) => ['set', key, 'x'.repeat(100)]));
    const before = rig.evicted.length;
    rig.bench.plan(3, { movingTo: 's1', moveId: 77 });
    rig.bench.publishTable();
    rig.wait(100);
    expect(source.stores.get(0)?.engine.count(3)).toBe(1_500);
    expect(rig.store().engine.count(3)).toBe(1_500);
    expect(rig.evicted.length).toBeGreaterThan(before);
  });
});
