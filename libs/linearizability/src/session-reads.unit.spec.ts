import { historyOf, increment, loss, read, remove, type Step, unknown, write } from './histories.support.spec.js';
import { countSessionReads, SIMULATED_LOAD, simulateHistory } from './index.js';
import { randomNumbers } from './random-numbers.support.spec.js';

const ME = { client: 99 };
const readsBack = (...steps: readonly Step[]): number => countSessionReads(historyOf(...steps)).readsBack;
const WRITES = [write('a', 0, 1), write('b', 2, 3), write('c', 4, 5)];

describe('reads of one client', () => {
  it('go forwards, stay, and may jump', () => {
    expect(
      readsBack(...WRITES, read(null, 6, 7, ME), read('a', 8, 9, ME), read('a', 10, 11, ME), read('c', 12, 13, ME)),
    ).toBe(0);
    expect(readsBack(increment(1, 0, 1), increment(2, 2, 3), read(1, 4, 5, ME), read(2, 6, 7, ME))).toBe(0);
  });

  it('go back to what is certainly older, each time that they do', () => {
    expect(
      readsBack(...WRITES, read('c', 6, 7, ME), read('a', 8, 9, ME), read('b', 10, 11, ME), read('c', 12, 13, ME)),
    ).toBe(2);
    expect(readsBack(...WRITES, read('a', 6, 7, ME), read(null, 8, 9, ME))).toBe(1);
    expect(
      readsBack(increment(1, 0, 1), increment(2, 2, 3), read(2, 4, 5, ME), read(1, 6, 7, ME), read(null, 8, 9, ME)),
    ).toBe(2);
  });

  it('go back to what the client had seen before something newer', () => {
    const together = [write('a', 0, 9), write('b', 0, 9)];
    expect(readsBack(...together, read('a', 10, 11, ME), read('b', 12, 13, ME))).toBe(0);
    expect(readsBack(...together, read('a', 10, 11, ME), read('b', 12, 13, ME), read('a', 14, 15, ME))).toBe(1);
  });

  it('are not judged where the age of a value is not known', () => {
    expect(
      readsBack(write('a', 0, 1), write('b', 2, 3), write('a', 4, 5), read('b', 6, 7, ME), read('a', 8, 9, ME)),
    ).toBe(0);
    expect(readsBack(write('a', 0, 1), unknown(remove(true, 2, 3)), read('a', 4, 5, ME), read(null, 6, 7, ME))).toBe(0);
    expect(readsBack(write('a', 0, 1), loss(2), read('a', 4, 5, ME), read(null, 6, 7, ME))).toBe(0);
    expect(readsBack(unknown(write('a', 0, 1)), write('b', 2, 3), read('b', 4, 5, ME), read('a', 6, 7, ME))).toBe(0);
  });

  it('are counted by client and key, for one level', () => {
    const history = historyOf(
      ...WRITES,
      read('c', 6, 7, { client: 1 }),
      read('a', 8, 9, { client: 2 }),
      read('b', 10, 11, { client: 1 }),
      read('a', 12, 13, { client: 1 }),
      read('c', 14, 15, { client: 3, level: 'QUORUM' }),
      read('a', 16, 17, { client: 3, level: 'QUORUM' }),
      read(null, 18, 19, { client: 1, key: 'other' }),
    );
    expect(countSessionReads(history)).toEqual({ sessions: 3, reads: 5, readsBack: 2, sessionsBack: 1, first: 5 });
    expect(countSessionReads(history, 'QUORUM')).toEqual({
      sessions: 1,
      reads: 2,
      readsBack: 1,
      sessionsBack: 1,
      first: 8,
    });
    expect(countSessionReads(history, 'ALL')).toEqual({
      sessions: 0,
      reads: 0,
      readsBack: 0,
      sessionsBack: 0,
      first: undefined,
    });
  });

  it('never go back in what was executed', () => {
    for (const kinds of [
      ['read', 'write', 'delete'],
      ['read', 'increment'],
    ] as const) {
      for (let seed = 1; seed <= 20; seed++) {
        const history = simulateHistory(
          { ...SIMULATED_LOAD, kinds, unanswered: 0.05, operations: 200 },
          randomNumbers(seed),
        );
        expect(countSessionReads(history).readsBack).toBe(0);
      }
    }
  });
});
