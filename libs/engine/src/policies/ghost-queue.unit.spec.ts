import fc from 'fast-check';
import { MemoryBudget } from '../memory-budget.js';
import { GhostQueue } from './ghost-queue.js';

describe('GhostQueue', () => {
  it('does what a Map in the order of insertion does', () => {
    const step = fc.record({
      take: fc.boolean(),
      number: fc.nat(4000),
      cost: fc.nat(50),
      limit: fc.constantFrom(100, 5000, 60_000),
      times: fc.nat(600),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const budget = new MemoryBudget(1 << 24);
        const ghosts = new GhostQueue(budget);
        const model = new Map<number, number>();
        let costs = 0;
        const drop = (hash: number) => {
          costs -= model.get(hash) ?? 0;
          return model.delete(hash);
        };
        for (const { take, number, cost, limit, times } of steps) {
          for (let i = 0; i < times; i++) {
            const hash = Math.imul((number + i) % 4000, 0x9e3779b1) | 0;
            if (take) {
              expect(ghosts.take(hash)).toBe(drop(hash));
              continue;
            }
            ghosts.add(hash, cost, limit);
            if (cost > limit || model.has(hash)) continue;
            for (const oldest of model.keys()) {
              if (costs + cost <= limit) break;
              drop(oldest);
            }
            model.set(hash, cost);
            costs += cost;
          }
          expect({ costs: ghosts.costs, count: ghosts.count }).toEqual({ costs, count: model.size });
          expect(budget.usedBytes).toBe(ghosts.memoryBytes);
        }
        ghosts.dispose();
        expect(budget.usedBytes).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it('remembers what its memory allows', () => {
    const ghosts = new GhostQueue(new MemoryBudget(10_000));
    for (let hash = 0; hash < 5000; hash++) ghosts.add(hash, 1, 1e9);
    expect(ghosts.memoryBytes).toBeLessThanOrEqual(10_000);
    expect(ghosts.take(0)).toBe(true);
    expect(ghosts.take(4999)).toBe(false);
  });
});
