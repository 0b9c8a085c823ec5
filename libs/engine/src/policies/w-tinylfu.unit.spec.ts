import { MemoryBudget } from '../memory-budget.js';
import { FrequencySketch } from './frequency-sketch.js';
import { PolicyRun } from './policy-run.support.spec.js';

describe('FrequencySketch', () => {
  it('counts uses, never too few, up to its bound, and forgets what is not used any more', () => {
    const sketch = new FrequencySketch(new MemoryBudget(1 << 20));
    sketch.reserve(10_000);
    const hashes = Array.from({ length: 1000 }, (_, i) => Math.imul(i + 1, 0x2c1b3c6d));
    for (const [index, hash] of hashes.slice(0, 40).entries()) {
      for (let uses = 0; uses <= index; uses++) sketch.add(hash);
    }
    // Ageing may have halved a few counters by now.
    const low = hashes.slice(0, 40).filter((hash, index) => sketch.countOf(hash) < Math.min(index + 1, 16));
    expect(low.length).toBeLessThan(4);
    const unseen = hashes.slice(500).filter((hash) => sketch.countOf(hash) > 0);
    expect(unseen.length).toBeLessThan(25);
    for (let i = 0; i < 400_000; i++) sketch.add(Math.imul(i, 0x45d9f3b) ^ 0x1234567);
    expect(Math.max(...hashes.slice(0, 40).map((hash) => sketch.countOf(hash)))).toBeLessThan(16);
  });

  it('takes the memory that it is allowed and gives it back', () => {
    const budget = new MemoryBudget(4000);
    const sketch = new FrequencySketch(budget);
    sketch.reserve(1000);
    expect(budget.usedBytes).toBe(2560);
    sketch.reserve(100_000);
    expect(sketch.memoryBytes).toBe(2560);
    sketch.add(7);
    sketch.dispose();
    expect(budget.usedBytes).toBe(0);
    expect(sketch.countOf(7)).toBe(0);
  });
});

describe('w-tinylfu', () => {
  it('keeps what is used often while a scan of new keys passes', () => {
    const run = new PolicyRun({
      partitions: 4,
      limitBytes: 400_000,
      policy: { name: 'w-tinylfu' },
      segmentBytes: 16_384,
    });
    for (let i = 0; i < 300; i++) {
      run.set(`k${i}`, 'v'.repeat(100));
      for (let uses = 0; uses < 4; uses++) run.get(`k${i}`);
    }
    for (let i = 300; i < 15_000; i++) {
      while (run.engine.pressure >= 2 && run.evict(4).length > 0);
      expect(run.set(`k${i}`, 'v'.repeat(100))).toBe(true);
      if (i % 200 === 0) for (let kept = 0; kept < 300; kept++) run.get(`k${kept}`);
    }
    let kept = 0;
    for (let i = 0; i < 300; i++) if (run.model.has(`k${i}`)) kept++;
    expect(kept).toBeGreaterThan(290);
    run.checkContents();
    run.finish();
  });

  it('lets a new favourite in', () => {
    const run = new PolicyRun({ partitions: 1, limitBytes: 1 << 22, policy: { name: 'w-tinylfu' } });
    for (let i = 0; i < 1000; i++) run.set(`k${i}`, 'value');
    for (let round = 0; round < 5; round++) {
      for (let i = 2000; i < 2100; i++) {
        if (run.get(`k${i}`)) continue;
        run.evict(1);
        run.set(`k${i}`, 'value');
      }
    }
    let kept = 0;
    for (let i = 2000; i < 2100; i++) if (run.model.has(`k${i}`)) kept++;
    expect(kept).toBeGreaterThan(90);
  });
});
