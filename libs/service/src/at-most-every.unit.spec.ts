import { ManualTime } from '#libs/test-ports';
import { atMostEvery } from './at-most-every.js';

describe('atMostEvery', () => {
  it('acts at the end of the turn, then not before it has rested, and once for all that was asked meanwhile', () => {
    const time = new ManualTime();
    const actedMs: number[] = [];
    const ask = atMostEvery(20, time, () => actedMs.push(time.monotonicMs()));
    const startMs = time.monotonicMs();
    ask();
    ask();
    expect(actedMs).toEqual([]);
    time.advance(0);
    expect(actedMs).toEqual([startMs]);
    time.advance(5);
    ask();
    ask();
    time.advance(14);
    expect(actedMs).toHaveLength(1);
    time.advance(1);
    expect(actedMs).toEqual([startMs, startMs + 20]);
    time.advance(100);
    expect(actedMs).toHaveLength(2);
    ask();
    time.advance(0);
    expect(actedMs).toEqual([startMs, startMs + 20, startMs + 120]);
  });
});
