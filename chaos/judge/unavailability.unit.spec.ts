import { addLine, History } from '#libs/linearizability';
import { unavailabilities } from './unavailability.js';

/** Reads of one key: invoked, completed, outcome. */
function reads(...operations: readonly (readonly [number, number | undefined, string])[]): History {
  const history = new History();
  for (const [invoked, completed, outcome] of operations) {
    const result = outcome === 'ok' ? { result: 'a' } : {};
    addLine(history, JSON.stringify({ client: 0, kind: 'read', key: 'k', invoked, completed, outcome, ...result }));
  }
  return history;
}

const spanOf = (history: History): readonly [number, number] => {
  const [{ fromMs, untilMs }] = unavailabilities(history, 1_000);
  return [fromMs, untilMs];
};

describe('unavailabilities', () => {
  it('last from the first operation that is refused to the next answer', () => {
    expect(spanOf(reads([0, 1, 'ok'], [10, 11, 'failed'], [20, 21, 'failed'], [30, 32, 'ok']))).toEqual([10, 32]);
  });

  it('are no longer than a slow answer where that is all there was', () => {
    expect(spanOf(reads([0, 1, 'ok'], [100, 350, 'ok']))).toEqual([100, 350]);
  });

  it('do not count the time in which nobody asked', () => {
    expect(spanOf(reads([0, 1, 'ok'], [500, 502, 'ok']))).toEqual([500, 502]);
  });

  it('begin with the last answer where an operation was waiting then', () => {
    expect(spanOf(reads([0, 90, 'failed'], [5, 50, 'ok'], [60, 100, 'ok']))).toEqual([50, 100]);
  });

  it('last to the end where no answer came', () => {
    expect(spanOf(reads([0, 1, 'ok'], [700, 701, 'failed']))).toEqual([700, 1_000]);
    expect(spanOf(reads([0, 1, 'ok'], [700, undefined, 'unknown']))).toEqual([700, 1_000]);
  });

  it('are sorted by their length', () => {
    const history = new History();
    for (const [key, ms] of [
      ['a', 5],
      ['b', 50],
      ['c', 20],
    ] as const) {
      // prettier-ignore
      history.complete(history.invoke(0, 'read', key, null, 0), 'ok', null, ms);
    }
    expect(unavailabilities(history, 100).map(({ key }) => key)).toEqual(['b', 'c', 'a']);
  });
});
