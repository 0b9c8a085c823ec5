import fc from 'fast-check';
import { PolicyRun } from './policy-run.support.spec.js';

interface Entry {
  cost: number;
  uses: number;
}

/** The published algorithm in Maps, which keep the order of insertion. */
class ModelS3Fifo {
  readonly small = new Map<string, Entry>();
  readonly main = new Map<string, Entry>();
  readonly ghosts = new Map<string, number>();
  constructor(private readonly capacity: number) {}

  hit(key: string): boolean {
    const entry = this.small.get(key) ?? this.main.get(key);
    if (entry !== undefined) entry.uses = Math.min(entry.uses + 1, 3);
    return entry !== undefined;
  }

  /** A miss, up to the storing of the entry; answers the victims. */
  admit(key: string, cost: number): string[] {
    const wasGhost = this.ghosts.delete(key);
    const victims: string[] = [];
    while (this.costOf(this.small) + this.costOf(this.main) + cost > this.capacity) this.evict(victims);
    (wasGhost ? this.main : this.small).set(key, { cost, uses: 0 });
    return victims;
  }

  private evict(victims: string[]): void {
    const main = this.costOf(this.main) > this.capacity - Math.floor(this.capacity / 10) || this.small.size === 0;
    for (const [key, entry] of main ? this.main : this.small) {
      (main ? this.main : this.small).delete(key);
      if (entry.uses >= (main ? 1 : 2)) {
        this.main.set(key, { cost: entry.cost, uses: main ? entry.uses - 1 : 0 });
        continue;
      }
      if (!main) this.remember(key, entry.cost);
      victims.push(key);
      return;
    }
  }

  private remember(key: string, cost: number): void {
    const limit = Math.floor(this.capacity * 0.9);
    const sum = () => [...this.ghosts.values()].reduce((total, each) => total + each, 0);
    while (sum() + cost > limit) this.ghosts.delete(this.ghosts.keys().next().value!);
    this.ghosts.set(key, cost);
  }

  private costOf(queue: Map<string, Entry>): number {
    let sum = 0;
    for (const { cost } of queue.values()) sum += cost;
    return sum;
  }
}

describe('s3-fifo', () => {
  it('evicts exactly as published in a store of one partition, whatever cleaning does', () => {
    const request = fc.oneof(
      fc.nat(30).map((number) => `k${number}`),
      fc.nat(400).map((number) => `k${number}`),
    );
    fc.assert(
      fc.property(fc.array(request, { maxLength: 3000, size: 'max' }), (keys) => {
        const capacity = 5000;
        const run: PolicyRun = new PolicyRun({
          partitions: 1,
          limitBytes: 1 << 22,
          policy: { name: 's3-fifo', capacity, costOf: (ref) => costOf(run.keyAt(ref)) },
        });
        const model = new ModelS3Fifo(capacity);
        let stored = 0;
        for (const key of keys) {
          const isThere = run.get(key);
          expect(isThere).toBe(model.hit(key));
          if (isThere) continue;
          const victims: string[] = [];
          while (stored + costOf(key) > capacity) {
            const [victim] = run.evict(1);
            if (victim === undefined) continue;
            victims.push(victim);
            stored -= costOf(victim);
          }
          run.engine.reclaim(1);
          run.set(key, 'v'.repeat(Number(key.slice(1)) % 100));
          stored += costOf(key);
          expect(victims).toEqual(model.admit(key, costOf(key)));
        }
        run.checkContents();
        run.finish();
      }),
      { numRuns: 20 },
    );
  });

  it('keeps what is used while a scan of new keys passes', () => {
    const run = new PolicyRun({
      partitions: 4,
      limitBytes: 400_000,
      policy: { name: 's3-fifo' },
      segmentBytes: 16_384,
    });
    for (let i = 0; i < 100; i++) {
      run.set(`k${i}`, 'v'.repeat(100));
      for (let uses = 0; uses < 3; uses++) run.get(`k${i}`);
    }
    for (let i = 100; i < 20_000; i++) {
      while (run.engine.pressure >= 2 && run.evict(4).length > 0);
      expect(run.set(`k${i}`, 'v'.repeat(100))).toBe(true);
      if (i % 40 === 0) for (let kept = 0; kept < 100; kept++) run.get(`k${kept}`);
    }
    for (let i = 0; i < 100; i++) expect(run.model.has(`k${i}`)).toBe(true);
    run.checkContents();
  });
});

function costOf(key: string): number {
  return 20 + ((Number(key.slice(1)) * 31) % 150);
}
