/** When entries of a store go by themselves, and what the store counts. */
import { MemoryRig, OK, storeOf } from './memory-rig.support.spec.js';
import { MIB } from './storage-bench.support.spec.js';

describe('the lives of entries', () => {
  it('follow prefixes and defaults of the definition, also when it changes', () => {
    const prefixes = [{ prefix: 'tmp:', ttlMs: 500 }];
    const rig = new MemoryRig([storeOf('general', { defaultTtlMs: 5_000, ttlPrefixes: prefixes })]);
    rig.run('set', 'tmp:1', 'v');
    rig.run('set', 'other', 'v');
    expect(rig.run('pttl', 'tmp:1')).toBe(':500\r\n');
    expect(rig.run('pttl', 'other')).toBe(':5000\r\n');
    rig.define(storeOf('general', {}));
    rig.run('set', 'tmp:2', 'v');
    expect(rig.run('pttl', 'tmp:2')).toBe(':-1\r\n');
    rig.wait(600);
    expect(rig.run('get', 'tmp:1')).toBe('$-1\r\n');
  });

  it('of sessions end when they are idle, or at last', () => {
    const rig = new MemoryRig([storeOf('session', { idleTtlMs: 1_000, maxTtlMs: 3_000 })]);
    rig.run('set', 'idle', 'v');
    rig.run('set', 'used', 'v');
    expect(rig.run('pttl', 'used')).toBe(':1000\r\n');
    for (let i = 0; i < 4; i++) {
      rig.wait(600);
      expect(rig.run('get', 'used')).toBe('$1\r\nv\r\n');
    }
    expect(rig.run('pttl', 'used')).toBe(':600\r\n');
    expect(rig.run('exists', 'idle')).toBe(':0\r\n');
    expect(rig.store().statistics.expired).toBe(1);
    rig.wait(700);
    expect(rig.run('get', 'used')).toBe('$-1\r\n');
    rig.run('set', 'short', 'v', 'PX', '300');
    expect(rig.run('pttl', 'short')).toBe(':300\r\n');
    expect(rig.run('set', 'long', 'v', 'EX', '100')).toBe(OK);
    expect(rig.run('pexpiretime', 'long')).toBe(`:${rig.bench.time.wallMs() + 1_000}\r\n`);
    expect(rig.run('persist', 'long')).toBe(':1\r\n');
    for (let i = 0; i < 6; i++) {
      rig.wait(500);
      rig.run('touch', 'long');
    }
    expect(rig.run('get', 'long')).toBe('$-1\r\n');
  });

  it('of sessions are told alike by PTTL, HENTRY and HC.GET, which REST asks', () => {
    const rig = new MemoryRig([storeOf('session', { idleTtlMs: 1_000, maxTtlMs: 3_000 })]);
    rig.run('set', 'k', 'v');
    expect(rig.run('pttl', 'k')).toBe(':1000\r\n');
    expect(rig.run('hentry', 'k')).toContain('ttl_ms\r\n:1000\r\n');
    expect(rig.run('hc.get', 'k')).toMatch(/:1000\r\n$/);
    rig.wait(400);
    expect(rig.run('hc.get', 'k')).toMatch(/:1000\r\n$/);
  });

  it('of sessions end at their absolute lifetime, counted from creation, whatever is written', () => {
    const rig = new MemoryRig([storeOf('session', { idleTtlMs: 5_000, maxTtlMs: 10_000 })]);
    const writes = {
      set: (i: number) => ['set', 'set', 'v'.repeat(i)],
      ttl: () => ['set', 'ttl', 'v', 'EX', '100'],
      keep: (i: number) => ['set', 'keep', 'w'.repeat(20 - i), 'KEEPTTL'],
      expire: () => ['expire', 'expire', '1000'],
      persist: () => ['persist', 'persist'],
      append: () => ['append', 'append', 'v'],
      getex: () => ['getex', 'getex', 'PERSIST'],
    };
    const keys = Object.keys(writes);
    for (const key of keys) rig.run('set', key, 'value');
    for (let second = 1; second < 10; second++) {
      rig.wait(1_000);
      for (const [key, command] of Object.entries(writes)) {
        rig.run(...command(second));
        rig.run('touch', key);
        expect([key, rig.run('pttl', key)]).toEqual([key, `:${Math.min(5_000, 10_000 - second * 1_000)}\r\n`]);
      }
    }
    rig.wait(1_000);
    expect(rig.run('exists', ...keys)).toBe(':0\r\n');
    rig.run('set', 'set', 'new');
    rig.wait(4_900);
    rig.run('touch', 'set');
    rig.wait(4_900);
    rig.run('set', 'set', 'new');
    expect(rig.run('pttl', 'set')).toBe(':200\r\n');
  });

  it('of sessions are not prolonged by another name, and begin anew with a new session', () => {
    const rig = new MemoryRig([storeOf('session', { idleTtlMs: 0, maxTtlMs: 10_000 })], {}, 1);
    rig.run('set', 'old', 'v');
    rig.run('set', 'gone', 'v');
    rig.wait(4_000);
    rig.run('rename', 'old', 'new');
    rig.run('set', 'new', 'w');
    rig.run('del', 'gone');
    rig.run('set', 'gone', 'v');
    expect(rig.run('pttl', 'new')).toBe(':6000\r\n');
    expect(rig.run('pttl', 'gone')).toBe(':10000\r\n');
  });

  it('of sessions follow a longest lifetime that is changed', () => {
    const rig = new MemoryRig([storeOf('session', { idleTtlMs: 0, maxTtlMs: 10_000 })]);
    rig.run('set', 'k', 'v');
    rig.wait(2_000);
    rig.define(storeOf('session', { idleTtlMs: 1_000, maxTtlMs: 3_000 }));
    rig.run('set', 'k', 'v');
    expect(rig.run('pttl', 'k')).toBe(':1000\r\n');
    rig.wait(500);
    rig.define(storeOf('session', { idleTtlMs: 0, maxTtlMs: 2_000 }));
    expect(rig.run('get', 'k')).toBe('$-1\r\n');
    expect(rig.run('set', 'k', 'v')).toBe(OK);
    expect(rig.run('pttl', 'k')).toBe(':2000\r\n');
  });

  it('of sessions that are used are spared when memory is short, and those idle longest go', () => {
    const rig = new MemoryRig([storeOf('session', { memoryLimitBytes: MIB })]);
    rig.fill(3_000, 100, 'old');
    rig.wait(1_000);
    const active = Array.from({ length: 200 }, (_, i) => `old${i * 10}`);
    rig.runAll(active.map((key) => ['get', key]));
    rig.wait(1_000);
    rig.fill(4_500, 100, 'new');
    expect(rig.evicted.length).toBeGreaterThan(300);
    expect(rig.evicted.filter((key) => key.startsWith('new') || active.includes(key))).toEqual([]);
  });

  it('are not prolonged by looking at them', () => {
    const rig = new MemoryRig([storeOf('session', { idleTtlMs: 1_000 })]);
    rig.run('set', 'k', 'v');
    for (let i = 0; i < 3; i++) {
      rig.wait(300);
      rig.run('ttl', 'k');
      rig.run('exists', 'k');
      rig.run('type', 'k');
    }
    expect(rig.run('pttl', 'k')).toBe(':100\r\n');
    rig.wait(200);
    expect(rig.store().engine.stats().entries).toBe(0);
  });

  it('end at the latest after the longest time that the store allows', () => {
    const rig = new MemoryRig([storeOf('general', { maxTtlMs: 3_000 })]);
    rig.run('set', 'plain', 'v');
    rig.run('set', 'long', 'v', 'EX', '100');
    rig.run('set', 'short', 'v', 'PX', '300');
    expect(['plain', 'long', 'short'].map((key) => rig.run('pttl', key))).toEqual([
      ':3000\r\n',
      ':3000\r\n',
      ':300\r\n',
    ]);
    rig.wait(100);
    expect(rig.run('persist', 'short')).toBe(':1\r\n');
    expect(rig.run('pttl', 'short')).toBe(':2900\r\n');
    rig.run('set', 'long', 'w', 'KEEPTTL');
    expect(rig.run('pttl', 'long')).toBe(':2900\r\n');
    expect(rig.run('expire', 'long', '1000')).toBe(':1\r\n');
    expect(rig.run('pttl', 'long')).toBe(':2900\r\n');
  });

  it.each(['sieve', 's3-fifo', 'w-tinylfu', 'lru', 'noeviction'] as const)(
    'count their longest time from creation with the policy %s, however they are written to',
    (policy) => {
      const rig = new MemoryRig([storeOf('general', { policy, maxTtlMs: 3_000 })]);
      rig.run('set', 'k', 'v');
      for (let step = 1; step <= 5; step++) {
        rig.wait(500);
        rig.run('set', 'k', 'v'.repeat(step * step * 10));
        expect(rig.run('pttl', 'k')).toBe(`:${3_000 - step * 500}\r\n`);
      }
      rig.run('rename', 'k', '{k}l');
      expect(rig.run('pttl', '{k}l')).toBe(':500\r\n');
      rig.wait(500);
      expect(rig.run('exists', '{k}l')).toBe(':0\r\n');
      rig.run('set', '{k}l', 'v');
      expect(rig.run('pttl', '{k}l')).toBe(':3000\r\n');
    },
  );

  it('follow a longest time that the store gets later, from when it is known', () => {
    const rig = new MemoryRig([storeOf('general')]);
    rig.run('set', 'k', 'v');
    rig.define(storeOf('general', { maxTtlMs: 3_000 }));
    rig.wait(1_000);
    rig.run('set', 'k', 'w');
    const leftMs = Number(rig.run('pttl', 'k').slice(1));
    expect(leftMs).toBeGreaterThanOrEqual(2_000);
    expect(leftMs).toBeLessThanOrEqual(3_000);
    rig.wait(500);
    rig.run('set', 'k', 'x');
    expect(rig.run('pttl', 'k')).toBe(`:${leftMs - 500}\r\n`);
  });
});

describe('the times of entries', () => {
  const timesOf = (rig: MemoryRig, key: string): (number | null)[] =>
    [...rig.run('hentry', key).matchAll(/(?:created|modified)_at_ms\r\n(?::(\d+)|\$-1)/g)].map(([, time]) =>
      time === undefined ? null : Number(time),
    );

  it.each(['sieve', 's3-fifo', 'w-tinylfu', 'lru', 'ttl-only', 'session', 'noeviction'] as const)(
    'are kept and shown with the policy %s where the store is told to',
    (policy) => {
      const type = policy === 'session' ? 'session' : policy === 'ttl-only' ? 'ttl-only' : 'general';
      const rig = new MemoryRig([storeOf(type, { policy, timestamps: true })]);
      const seconds = (ms: number): number => Math.floor(ms / 1_000) * 1_000;
      const createdAtMs = rig.bench.time.wallMs();
      rig.run('set', 'k', 'v');
      expect(timesOf(rig, 'k')).toEqual([createdAtMs, seconds(createdAtMs)]);
      for (const command of [
        ['append', 'k', 'more'],
        ['set', 'k', 'short'],
        ['expire', 'k', '500'],
        ['persist', 'k'],
      ]) {
        rig.wait(1_700);
        rig.run(...command);
        expect(timesOf(rig, 'k')).toEqual([createdAtMs, seconds(rig.bench.time.wallMs())]);
      }
      const modifiedAtMs = seconds(rig.bench.time.wallMs());
      rig.wait(1_700);
      rig.run('get', 'k');
      expect(timesOf(rig, 'k')).toEqual([createdAtMs, modifiedAtMs]);
    },
  );

  it('are unknown where the store is not told to', () => {
    const rig = new MemoryRig([storeOf('general')]);
    rig.run('set', 'k', 'v');
    expect(timesOf(rig, 'k')).toEqual([null, null]);
    expect(rig.run('hc.get', 'k', 'times')).toMatch(/:-1\r\n\$-1\r\n\$-1\r\n$/);
    expect(rig.run('hentry', 'absent')).toBe('$-1\r\n');
  });

  it('are kept and given up while the store is in use, and the memory follows', () => {
    const rig = new MemoryRig([storeOf('general')]);
    rig.fill(5_000, 20);
    const plainBytes = rig.store().engine.usedBytes;
    rig.define(storeOf('general', { timestamps: true }));
    rig.wait(20_000);
    const [createdAtMs] = timesOf(rig, 'fill7');
    expect(createdAtMs).toBeGreaterThan(0);
    expect(rig.store().engine.usedBytes - plainBytes).toBeGreaterThan(5_000 * 8);
    rig.define(storeOf('general'));
    rig.wait(20_000);
    expect(timesOf(rig, 'fill7')).toEqual([null, null]);
    expect(rig.store().engine.usedBytes).toBeLessThan(plainBytes + 5_000);
    expect(rig.run('get', 'fill7')).toBe(`$20\r\n${'x'.repeat(20)}\r\n`);
  });
});

describe('the statistics of a store', () => {
  it('count what was done to it', () => {
    const rig = new MemoryRig([storeOf('general'), storeOf('general', {}, 1)]);
    rig.run('set', 'a', '1');
    rig.run('incr', 'a');
    rig.run('get', 'a');
    rig.run('get', 'b');
    rig.run('del', 'a');
    rig.run('set', 'c', '1', 'PX', '10');
    rig.wait(200);
    rig.runIn(1, 'set', 'x', '1');
    expect(rig.store(0).statistics).toMatchObject({ hits: 1, misses: 1, sets: 3, deletes: 1, expired: 1, refusals: 0 });
    expect(rig.store(1).statistics).toMatchObject({ hits: 0, sets: 1 });
    expect(rig.store(0).statistics.latency.counts.reduce((a, b) => a + b)).toBe(6);
    expect(rig.host.statistics).toMatchObject({ hits: 1, misses: 1, expired: 1 });
  });
});
