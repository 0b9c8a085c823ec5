/** Every policy under random operations: whatever goes, what stays is right, and so are the accounts. */
import fc from 'fast-check';
import { PolicyRun, START_MS } from './policy-run.support.spec.js';
import { POLICY_NAMES, type PolicyOptions } from './registry.js';

const PARTITIONS = 4;

const key = fc.nat(120).map((number) => `k${number}`);
const value = fc.oneof(
  { weight: 10, arbitrary: fc.nat(60).map((length) => 'v'.repeat(length)) },
  { weight: 3, arbitrary: fc.nat(600).map((length) => 'w'.repeat(length)) },
  { weight: 1, arbitrary: fc.nat(6000).map((length) => 'x'.repeat(length)) },
);
const delayMs = fc.oneof(fc.constant(-1), fc.nat(1000), fc.nat(100_000));
const policy = fc.record<PolicyOptions>({
  name: fc.constantFrom(...POLICY_NAMES),
  scope: fc.constantFrom('all', 'all', 'volatile'),
});

const step = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('set' as const), key, value, delayMs }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('get' as const), key }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('remove' as const), key }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('expire' as const), key, delayMs }) },
  // Runs of keys of one partition, so that whole pages fill and empty.
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('fill' as const),
      from: fc.nat(200),
      count: fc.nat(60),
      length: fc.nat(100),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('drop' as const), from: fc.nat(200), count: fc.nat(60) }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('evict' as const), maxEntries: fc.nat(12), keepEvery: fc.nat(4) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('collect' as const), jumpMs: fc.integer({ min: -5000, max: 20_000 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('clear' as const), partition: fc.nat(PARTITIONS - 1) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('move' as const), partition: fc.nat(PARTITIONS - 1) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reclaim' as const), pages: fc.nat(6) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('limit' as const), limitBytes: fc.integer({ min: 4000, max: 60_000 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('policy' as const), policy, keepsTimes: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('evictable' as const),
      partition: fc.nat(PARTITIONS - 1),
      isEvictable: fc.boolean(),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function runOfKeys({ from, count }: { from: number; count: number }): string[] {
  return Array.from({ length: count }, (_, i) => `k${from + i * PARTITIONS}`);
}

function play(run: PolicyRun, change: Step): void {
  const at = (delay: number) => (delay < 0 ? 0 : run.nowMs + delay);
  switch (change.kind) {
    case 'set':
      run.set(change.key, change.value, at(change.delayMs));
      break;
    case 'get':
      expect(run.get(change.key)).toBe(run.model.has(change.key));
      break;
    case 'remove':
      run.remove(change.key);
      break;
    case 'fill':
      for (const each of runOfKeys(change)) run.set(each, 'f'.repeat(change.length), 0);
      break;
    case 'drop':
      for (const each of runOfKeys(change)) run.remove(each);
      break;
    case 'expire':
      run.expire(change.key, at(change.delayMs));
      break;
    case 'evict':
      run.evict(change.maxEntries, change.keepEvery);
      break;
    case 'collect':
      run.nowMs = Math.max(START_MS - 100_000, run.nowMs + change.jumpMs);
      run.collect(10);
      break;
    case 'clear':
      run.clear(change.partition);
      break;
    case 'move':
      run.moveOutAndIn(change.partition);
      break;
    case 'reclaim':
      run.engine.reclaim(change.pages);
      break;
    case 'limit':
      run.engine.setLimit(change.limitBytes);
      break;
    case 'evictable':
      run.engine.setEvictable(change.partition, change.isEvictable);
      break;
    case 'policy':
      run.changePolicy(change.policy, change.keepsTimes);
  }
}

describe('eviction policies against a model', () => {
  it.each(POLICY_NAMES)('%s keeps what it does not evict', (name) => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 300, size: 'max' }),
        fc.constantFrom('all' as const, 'volatile' as const),
        fc.constantFrom(12_000, 60_000),
        fc.boolean(),
        (steps, scope, limitBytes, keepsTimes) => {
          const run = new PolicyRun({ partitions: PARTITIONS, limitBytes, policy: { name, scope }, keepsTimes });
          for (const change of steps) {
            if (change.kind === 'policy') run.checkContents();
            play(run, change);
            run.checkAccounts();
          }
          run.checkContents();
          run.finish();
        },
      ),
      { numRuns: 40, interruptAfterTimeLimit: 20_000 },
    );
  });

  it.each(POLICY_NAMES.filter((name) => name !== 'noeviction'))('%s empties the store when asked to', (name) => {
    const run = new PolicyRun({ partitions: PARTITIONS, limitBytes: 1 << 22, policy: { name }, segmentBytes: 65_536 });
    for (let i = 0; i < 3000; i++) run.set(`k${i}`, 'v'.repeat(i % 300), START_MS + 10 + (i % 977));
    for (let i = 0; i < 3000; i += 2) run.get(`k${i}`);
    for (let calls = 0; run.model.size > 0 && calls < 1000; calls++) run.evict(16);
    expect(run.model.size).toBe(0);
    run.checkAccounts();
    run.finish();
  });

  it.each(POLICY_NAMES)('%s offers nothing of a partition that this node does not decide about', (name) => {
    const run = new PolicyRun({ partitions: PARTITIONS, limitBytes: 1 << 22, policy: { name } });
    for (let i = 0; i < 400; i++) run.set(`k${i}`, 'value', START_MS + 1000 + i);
    for (let partition = 0; partition < PARTITIONS; partition++) run.engine.setEvictable(partition, partition === 2);
    for (let calls = 0; calls < 100; calls++) run.evict(10);
    expect([0, 1, 3].map((partition) => run.engine.count(partition))).toEqual([100, 100, 100]);
    expect(run.engine.count(2)).toBe(name === 'noeviction' ? 100 : 0);
  });

  it.each(POLICY_NAMES)('%s keeps a store that is written to within its limit', (name) => {
    const run = new PolicyRun({ partitions: PARTITIONS, limitBytes: 100_000, policy: { name } });
    let refusals = 0;
    for (let i = 0; i < 5000; i++) {
      while (run.engine.pressure >= 2 && run.evict(4).length > 0);
      if (!run.set(`k${(i * 7919) % 4000}`, 'v'.repeat(i % 200), START_MS + 5000 + i)) refusals++;
      run.checkAccounts();
    }
    run.checkContents();
    if (name === 'noeviction') expect(refusals).toBeGreaterThan(100);
    else expect(refusals).toBe(0);
    if (name !== 'noeviction') expect(run.engine.stats().payloadBytes).toBeGreaterThan(50_000);
  });
});
