/** Hands of policies that walk the log stay at live records, whatever happens to the shard under them. */
import { PolicyRun } from './policy-run.support.spec.js';

const VALUE = 'v'.repeat(100);

describe.each(['sieve', 's3-fifo'] as const)('the hands of %s', (name) => {
  it('begin anew in a shard that was cleared while its pages’ numbers were out of order', () => {
    const run = new PolicyRun({ partitions: 1, limitBytes: 1 << 20, policy: { name } });
    const add = (from: number, count: number): void => {
      for (let i = from; i < from + count; i++) run.set(`k${i}`, VALUE);
    };
    add(0, 600);
    // The pages that empty here are given out again, so that the newest have the lowest numbers.
    for (let i = 0; i < 200; i++) run.remove(`k${i}`);
    add(1000, 300);
    run.evict(3);
    run.clear(0);
    add(3000, 7);
    run.evict(4);
    expect(run.model.size).toBe(3);
    run.checkContents();
    run.finish();
  });
});
