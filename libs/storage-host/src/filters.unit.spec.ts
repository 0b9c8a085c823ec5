// The filter of a store at a storage node: what it answers, that it follows the definition, and that it is never wrong.
import fc from 'fast-check';
import { storeFromPreset, type StoreFilter, type TableStore } from '#libs/cluster';
import { FilterCopy } from '#libs/filter';
import { latin1Bytes } from '#libs/kernel';
import { STORAGE_DEFAULTS } from './index.js';
import { MemoryRig, OK, storeOf } from './memory-rig.support.spec.js';
import { DEFAULT_STORE, MIB, StorageBench, type TestGateway } from './storage-bench.support.spec.js';

const NIL = '$-1\r\n';
const SWEEP_MS = STORAGE_DEFAULTS.expirySweepMs;
const ON: StoreFilter = { enabled: true, falsePositiveRate: 0.01, nearStalenessMs: 0 };
const OFF: StoreFilter = { ...ON, enabled: false };

function withFilter(filter: StoreFilter, id = 0): TableStore {
  return { ...storeOf('general', {}, id), filter };
}

function statsOf(rig: MemoryRig, id = 0) {
  const stats = rig.store(id).entries.filter?.stats();
  if (stats === undefined) throw new Error('there is no filter');
  return stats;
}

/** Lets sweeps build until all tables are there; answers how many it took. */
function build(rig: MemoryRig, id = 0): number {
  for (let sweeps = 0; sweeps < 200; sweeps++) {
    if (statsOf(rig, id).progress === 1) return sweeps;
    rig.wait(SWEEP_MS);
  }
  throw new Error('the filter is not ready after 200 sweeps');
}

function reads(rig: MemoryRig, prefix: string, count: number): string[] {
  return rig.runAll(Array.from({ length: count }, (_, i) => ['get', `${prefix}${i}`]));
}

describe('the filter of a store', () => {
  it('is built in bounded steps while the store is used, and then answers for absent keys', () => {
    const rig = new MemoryRig([withFilter(OFF)], { filterSweepKeys: 500 });
    rig.fill(5_000);
    rig.define(withFilter(ON));
    expect(statsOf(rig)).toMatchObject({ enabled: true, shards: 4, readyShards: 0, progress: 0 });
    rig.wait(SWEEP_MS);
    expect(statsOf(rig).progress).toBeGreaterThan(0);
    expect(statsOf(rig).progress).toBeLessThan(0.5);
    rig.fill(1_000, 10, 'meanwhile');
    for (let i = 0; i < 300; i++) rig.run('del', `fill${i}`);
    expect(build(rig)).toBeGreaterThan(5);
    expect(statsOf(rig)).toMatchObject({ readyShards: 4, items: 5_700, lookups: 0 });

    expect(new Set(reads(rig, 'absent', 1_000))).toEqual(new Set([NIL]));
    const { negatives, falsePositives, lookups } = statsOf(rig);
    expect(negatives).toBeGreaterThan(950);
    expect(negatives + falsePositives).toBe(lookups);
    expect(rig.store().statistics.misses).toBe(1_000);
    expect(reads(rig, 'meanwhile', 1_000)).not.toContain(NIL);
    expect(reads(rig, 'fill', 300)).toEqual(new Array(300).fill(NIL));
  });

  it('goes with its memory when it is switched off, and follows its rate', () => {
    const rig = new MemoryRig([withFilter(ON)]);
    rig.fill(5_000);
    build(rig);
    const { bytes, estimatedRate, rebuilds } = statsOf(rig);
    rig.define(withFilter({ ...ON, falsePositiveRate: 0.0001 }));
    for (let i = 0; i < 3; i++) rig.wait(SWEEP_MS);
    expect(statsOf(rig).configuredRate).toBe(0.0001);
    expect(statsOf(rig).rebuilds).toBeGreaterThanOrEqual(rebuilds + 4);
    expect(statsOf(rig).estimatedRate).toBeLessThan(estimatedRate / 10);
    const usedBytes = rig.store().engine.usedBytes - statsOf(rig).bytes;
    expect(statsOf(rig).bytes).toBeGreaterThan(bytes);
    rig.define(withFilter(OFF));
    expect(rig.store().entries.filter).toBeUndefined();
    expect(rig.store().engine.usedBytes).toBe(usedBytes);
    expect(reads(rig, 'fill', 100)).not.toContain(NIL);
    rig.define(withFilter(ON));
    build(rig);
    expect(statsOf(rig)).toMatchObject({ items: 5_000, lookups: 0, configuredRate: 0.01 });
  });

  it('shares the steps of a sweep with the filters of other stores', () => {
    const rig = new MemoryRig([withFilter(ON), withFilter(ON, 1)], { filterSweepKeys: 100 });
    rig.fill(3_000, 10, 'a', 0);
    rig.fill(3_000, 10, 'b', 1);
    rig.define(withFilter(OFF), withFilter(OFF, 1));
    rig.define(withFilter(ON), withFilter(ON, 1));
    for (let i = 0; i < 8; i++) rig.wait(SWEEP_MS);
    expect(statsOf(rig, 0).progress).toBeGreaterThan(0);
    expect(statsOf(rig, 1).progress).toBeGreaterThan(0);
    expect(statsOf(rig, 0).progress + statsOf(rig, 1).progress).toBeLessThan(0.5);
  });

  it('hears of evictions, expiries and cleared databases', () => {
    const rig = new MemoryRig([{ ...withFilter(ON), memoryLimitBytes: MIB }]);
    expect(rig.fill(12_000)).toEqual([]);
    build(rig);
    expect(rig.evicted.length).toBeGreaterThan(1_000);
    expect(statsOf(rig).items).toBe(rig.store().engine.stats().entries);
    for (let i = 0; i < 50; i++) rig.run('set', `short${i}`, 'v', 'PX', '50');
    rig.wait(SWEEP_MS);
    expect(rig.store().statistics.expired).toBe(50);
    expect(statsOf(rig).items).toBe(rig.store().engine.stats().entries);
    for (const partition of rig.bench.partitions.keys()) {
      const routes = [{ partition, epoch: 1, generation: 0 }];
      rig.bench.gateway('s1', 2 + partition, `flusher${partition}`).call({ command: ['flushall'], partition, routes });
    }
    expect(statsOf(rig)).toMatchObject({ items: 0, readyShards: 0 });
    expect(build(rig)).toBe(1);
    expect(rig.run('set', 'k', 'v')).toBe(OK);
    expect(statsOf(rig).items).toBe(1);
  });

  it('counts from zero again after RESETSTAT, as its store and the node do', () => {
    const rig = new MemoryRig([withFilter(ON)]);
    rig.fill(500);
    build(rig);
    reads(rig, 'fill', 300);
    reads(rig, 'absent', 300);
    rig.run('del', 'fill0');
    expect(statsOf(rig).lookups).toBeGreaterThan(300);
    const routes = Array.from(rig.bench.partitions.keys(), (partition) => ({ partition, epoch: 1, generation: 0 }));
    const operation = { command: ['hc.resetstat'], partition: 0, routes: routes.slice(1) };
    expect(rig.bench.gateway('s1', 9, 'resetter').call(operation)).toEqual([OK]);
    const { lookups, negatives, falsePositives, bypassed, rebuilds, items } = statsOf(rig);
    expect({ lookups, negatives, falsePositives, bypassed, rebuilds }).toEqual({
      lookups: 0,
      negatives: 0,
      falsePositives: 0,
      bypassed: 0,
      rebuilds: 0,
    });
    expect(items).toBe(499);
    expect(rig.store().statistics).toMatchObject({ hits: 0, misses: 0, sets: 0, deletes: 0 });
    expect(rig.host.statistics).toMatchObject({ hits: 0, misses: 0 });
    expect(rig.run('get', 'fill1')).not.toBe(NIL);
    expect(rig.store().statistics).toMatchObject({ hits: 1, misses: 0 });
  });

  it('is copied for gateways, with a version that grows with the keys', () => {
    const rig = new MemoryRig([withFilter(ON)]);
    const ask = (version: string): string => {
      const [reply] = rig.bench
        .gateway('s1', ++asked, `asker${asked}`)
        .call({ command: ['hc.filtercopy', version], partition: 0 });
      return reply;
    };
    let asked = 10;
    expect(ask('-')).toBe(NIL);
    rig.fill(500);
    build(rig);
    const copyOf = (reply: string): FilterCopy => {
      const bytes = latin1Bytes(reply);
      return FilterCopy.decode(bytes, reply.indexOf('\n') + 1, Number(/^\$(\d+)\r/.exec(reply)![1]));
    };
    const first = copyOf(ask('-'));
    expect(ask(first.version)).toBe('+same\r\n');
    const [key, other] = [rig.bench.keyIn(0), rig.bench.keyIn(0, 1_000)];
    const { engine } = rig.store();
    const isIn = (copy: FilterCopy, name: string): boolean => {
      const bytes = latin1Bytes(name);
      return copy.mayContain(engine.hashOf(0, bytes, 0, bytes.length), engine.hashLow);
    };
    rig.run('set', key, 'v');
    const second = copyOf(ask(first.version));
    expect([isIn(first, key), isIn(second, key), isIn(second, other)]).toEqual([false, true, false]);
    rig.run('set', key, 'w');
    rig.run('del', key);
    expect(ask(second.version)).toBe('+same\r\n');
    rig.define(withFilter(OFF));
    expect(ask(second.version)).toBe(NIL);
    rig.define(withFilter(ON));
    build(rig);
    expect(copyOf(ask(second.version)).version).not.toBe(second.version);
  });

  it('is traced once per frame', () => {
    const rig = new MemoryRig([withFilter(ON)]);
    rig.fill(500);
    build(rig);
    const traced = () => rig.bench.logger.matching(/^filter of store 'default' was asked$/).map(({ fields }) => fields);
    const before = traced().length;
    reads(rig, 'absent', 50);
    expect(traced().slice(before)).toEqual([
      {
        details: {
          store: 'default',
          lookups: 50,
          negatives: expect.any(Number),
          bypassed: 0,
          falsePositives: expect.any(Number),
        },
      },
    ]);
    rig.run('ttl', 'fill1');
    expect(traced()).toHaveLength(before + 2);
  });

  it('goes with a store that is dropped', () => {
    const rig = new MemoryRig([storeOf('general'), withFilter(ON, 1)]);
    rig.fill(2_000, 100, 'b', 1);
    build(rig, 1);
    rig.define(storeOf('general'));
    expect(rig.host.nodeStores.memory.usedBytes).toBe(rig.store().engine.usedBytes);
  });
});

/** Two nodes between which partitions move, with a filter or without; operations go to whom the partition belongs. */
class Pair {
  readonly bench = new StorageBench(4);
  private readonly gateways = new Map<string, TestGateway>();
  private moveId = 10;

  constructor(filter: StoreFilter) {
    this.bench.node('s1', { filterSweepKeys: 40 });
    this.bench.node('s2', { filterSweepKeys: 40 });
    this.define(filter);
    for (const node of ['s1', 's2']) this.gateways.set(node, this.bench.gateway(node, 1, `to-${node}`));
  }

  define(filter: StoreFilter): void {
    this.bench.stores = [{ ...DEFAULT_STORE, ...storeFromPreset('general', { name: 'default' }), filter }];
    this.bench.publishTable();
  }

  run(...command: string[]): string | undefined {
    const partition = this.bench.partitionOf(command[1]);
    return this.at(partition)?.call({ command, generation: this.moveId })[0];
  }

  flush(partition: number): string | undefined {
    const { epoch } = this.bench.partitions[partition];
    const routes = [{ partition, epoch, generation: this.moveId }];
    return this.at(partition)?.call({ command: ['flushall'], partition, generation: this.moveId, routes })[0];
  }

  /** Moves a partition to the other node, or seals it, copies it and opens it again. */
  move(partition: number, isCompleted: boolean): void {
    const { bench } = this;
    const { owner, epoch } = bench.partitions[partition];
    const target = owner === 's1' ? 's2' : 's1';
    bench.plan(partition, { movingTo: target, moveId: ++this.moveId });
    bench.publishTable();
    bench.network.settle();
    bench.plan(
      partition,
      isCompleted ? { owner: target, epoch: epoch + 1, movingTo: undefined } : { movingTo: undefined },
    );
    bench.publishTable();
  }

  wait(ms: number): void {
    this.bench.time.advance(ms);
    this.bench.network.settle();
  }

  get negatives(): number {
    let sum = 0;
    for (const host of this.bench.hosts.values()) sum += host.stores.get(0)?.entries.filter?.stats().negatives ?? 0;
    return sum;
  }

  private at(partition: number): TestGateway | undefined {
    return this.gateways.get(this.bench.partitions[partition].owner);
  }
}

const KEYS = 300;

type Step = readonly [kind: 'set' | 'expiring' | 'del' | 'get' | 'wait' | 'move' | 'flush' | 'filter', number, number];

function perform(pair: Pair, [kind, a, b]: Step): unknown {
  if (kind === 'wait') return pair.wait(a);
  if (kind === 'move') return pair.move(a % 4, b % 4 !== 0);
  if (kind === 'flush') return pair.flush(a % 4);
  // Twenty keys at once: more happens than a property's steps could say.
  return Array.from({ length: 20 }, (_, i) => {
    const key = `k${(a + i * (b + 1)) % KEYS}`;
    if (kind === 'set') return pair.run('set', key, `v${a}`);
    if (kind === 'expiring') return pair.run('set', key, `e${a}`, 'PX', String(50 + b * 40));
    return pair.run(kind, key);
  });
}

describe('a store with a filter', () => {
  it('answers as one without, whatever happens to its keys, its partitions and its filter', () => {
    const numbers = [fc.nat(KEYS), fc.nat(6)] as const;
    const step: fc.Arbitrary<Step> = fc.oneof(
      { weight: 10, arbitrary: fc.tuple(fc.constantFrom('set' as const, 'expiring' as const), ...numbers) },
      { weight: 10, arbitrary: fc.tuple(fc.constant('del' as const), ...numbers) },
      { weight: 20, arbitrary: fc.tuple(fc.constant('get' as const), ...numbers) },
      { weight: 12, arbitrary: fc.tuple(fc.constant('wait' as const), ...numbers) },
      { weight: 3, arbitrary: fc.tuple(fc.constantFrom('move' as const, 'flush' as const), ...numbers) },
      { weight: 1, arbitrary: fc.tuple(fc.constant('filter' as const), ...numbers) },
    );
    let negatives = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 30, maxLength: 120, size: 'max' }), (steps) => {
        const [plain, filtered] = [new Pair(OFF), new Pair(ON)];
        for (const each of steps) {
          if (each[0] !== 'filter') expect(perform(filtered, each)).toEqual(perform(plain, each));
          else filtered.define(each[2] === 0 ? OFF : { ...ON, falsePositiveRate: 0.1 / 10 ** (each[2] % 4) });
        }
        negatives += filtered.negatives;
        for (let i = 0; i < KEYS; i++) expect(filtered.run('get', `k${i}`)).toBe(plain.run('get', `k${i}`));
      }),
      { numRuns: 20 },
    );
    expect(negatives).toBeGreaterThan(1_000);
  });
});
