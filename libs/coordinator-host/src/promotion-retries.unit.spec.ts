import { COORDINATOR_BOUNDS } from './bounds.js';
import { PromotionRetries } from './promotion-retries.js';

const { firstRetryMs, longestRetryMs, forgetFailuresMs } = COORDINATOR_BOUNDS;
const failure = (epoch: number, partition = 3) => ({ partition, epoch, reason: 'no-majority' as const });

/** Lets every candidate fail as soon as it is chosen; answers the waits. */
function waits(count: number): number[] {
  const retries = new PromotionRetries();
  const found: number[] = [];
  let nowMs = 0;
  for (let epoch = 1; epoch <= count; epoch++) {
    retries.failed(failure(epoch), `n${epoch % 3}`, nowMs);
    const startMs = nowMs;
    while (retries.due(nowMs).length === 0) nowMs += 100;
    found.push(nowMs - startMs);
  }
  return found;
}

describe('retries of promotions', () => {
  it('come at once, then each after twice the wait, up to a bound', () => {
    expect(waits(9)).toEqual([0, firstRetryMs, 1000, 2000, 4000, 8000, longestRetryMs, longestRetryMs, longestRetryMs]);
  });

  it('count what is said twice once, and hand each out once', () => {
    const retries = new PromotionRetries();
    retries.failed(failure(5), 'a', 0);
    retries.failed(failure(5), 'a', 10);
    expect(retries.due(20)).toEqual([{ partition: 3, epoch: 5, tried: ['a'] }]);
    expect(retries.due(30)).toEqual([]);
  });

  it('remember who has been tried, the first one first', () => {
    const retries = new PromotionRetries();
    for (const [epoch, nodeId] of ['a', 'b', 'a', 'c'].entries()) {
      retries.failed(failure(epoch), nodeId, epoch);
      retries.due(1e6);
    }
    retries.failed(failure(9), 'b', 5);
    expect(retries.due(1e6)[0].tried).toEqual(['a', 'c', 'b']);
  });

  it('begin anew for a partition that has been quiet for long', () => {
    const retries = new PromotionRetries();
    retries.failed(failure(1), 'a', 0);
    retries.due(0);
    retries.failed(failure(2), 'b', forgetFailuresMs);
    expect(retries.due(forgetFailuresMs)).toEqual([{ partition: 3, epoch: 2, tried: ['b'] }]);
    expect(retries.due(3 * forgetFailuresMs)).toEqual([]);
  });
});
