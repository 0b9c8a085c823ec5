import fc from 'fast-check';
import { PolicyRun, START_MS } from './policy-run.support.spec.js';

/** The published algorithm in a plain array, oldest first. */
class ModelSieve {
  readonly queue: { key: string; visited: boolean }[] = [];
  private hand: string | undefined;

  set(key: string): void {
    if (!this.hit(key)) this.queue.push({ key, visited: false });
  }

  hit(key: string): boolean {
    const entry = this.queue.find((each) => each.key === key);
    if (entry !== undefined) entry.visited = true;
    return entry !== undefined;
  }

  remove(key: string): void {
    const at = this.queue.findIndex((each) => each.key === key);
    if (at < 0) return;
    if (this.hand === key) this.hand = this.queue[at + 1]?.key;
    this.queue.splice(at, 1);
  }

  evict(): string | undefined {
    if (this.queue.length === 0) return undefined;
    let at = Math.max(
      0,
      this.queue.findIndex((each) => each.key === this.hand),
    );
    while (this.queue[at].visited) {
      this.queue[at].visited = false;
      at = (at + 1) % this.queue.length;
    }
    const { key } = this.queue[at];
    this.hand = this.queue[at + 1]?.key;
    this.queue.splice(at, 1);
    return key;
  }
}

describe('sieve', () => {
  it('evicts exactly as published in a store of one partition, whatever cleaning does', () => {
    const step = fc.record({
      kind: fc.constantFrom('set', 'set', 'get', 'get', 'evict', 'remove', 'clean'),
      key: fc.nat(400).map((number) => `k${number}`),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 2500, size: 'max' }), (steps) => {
        const run = new PolicyRun({ partitions: 1, limitBytes: 1 << 22, policy: { name: 'sieve' } });
        const model = new ModelSieve();
        for (const { kind, key } of steps) {
          if (kind === 'set') {
            // Of one length each, so that an overwrite stays in its place.
            run.set(key, 'v'.repeat((Number(key.slice(1)) * 37) % 300));
            model.set(key);
          } else if (kind === 'get') expect(run.get(key)).toBe(model.hit(key));
          else if (kind === 'evict') {
            const victim = model.evict();
            expect(run.evict(1)).toEqual(victim === undefined ? [] : [victim]);
          } else if (kind === 'remove') {
            run.remove(key);
            model.remove(key);
          } else run.engine.reclaim(1);
        }
        expect([...run.model.keys()].sort()).toEqual(model.queue.map((each) => each.key).sort());
      }),
      { numRuns: 30 },
    );
  });

  it('walks all shards in the time of one, so that nothing is evicted long before its turn', () => {
    const run = new PolicyRun({ partitions: 8, limitBytes: 1 << 24, policy: { name: 'sieve' }, segmentBytes: 1 << 20 });
    // Every other key lies in partition 0; the rest are spread.
    const keys: string[] = [];
    for (let i = 0; i < 16_000; i++) keys.push(i % 2 === 0 ? `k${i * 8}` : `k${i * 8 + 1 + (i % 7)}`);
    for (const key of keys) run.set(key, 'v'.repeat(50));
    const victims = new Set<string>();
    while (victims.size < 8000) for (const key of run.evict(50)) victims.add(key);
    const early = keys.slice(0, 8000).filter((key) => victims.has(key)).length;
    expect(early).toBeGreaterThan(7400);
  });

  it('spares what is read, in every round, and evicts something even where all has been read', () => {
    const run = new PolicyRun({ partitions: 4, limitBytes: 1 << 22, policy: { name: 'sieve' } });
    for (let i = 0; i < 500; i++) run.set(`k${i}`, 'v');
    for (let i = 0; i < 500; i += 5) run.get(`k${i}`);
    for (let left = 300; left > 0; left -= 10) run.evict(10);
    expect(run.model.size).toBe(200);
    for (let i = 0; i < 500; i += 5) expect(run.model.has(`k${i}`)).toBe(true);
    for (const key of run.model.keys()) run.get(key);
    expect(run.evict(1)).toHaveLength(1);
  });

  it('with scope volatile evicts nothing without expiry', () => {
    const run = new PolicyRun({ partitions: 2, limitBytes: 1 << 22, policy: { name: 'sieve', scope: 'volatile' } });
    for (let i = 0; i < 2000; i++) run.set(`k${i}`, 'v'.repeat(i % 40), i % 10 === 0 ? START_MS + 1e6 : 0);
    for (let calls = 0; calls < 100; calls++) run.evict(10);
    expect(run.model.size).toBe(1800);
    expect(run.evict(10)).toEqual([]);
  });
});
