import {
  append,
  failed,
  historyOf,
  ifAbsent,
  ifPresent,
  increment,
  loss,
  read,
  remove,
  type Step,
  unknown,
  write,
} from './histories.support.spec.js';
import { checkDurability, SIMULATED_LOAD, simulateHistory } from './index.js';
import { randomNumbers } from './random-numbers.support.spec.js';

const missing = (...steps: readonly Step[]): readonly number[] =>
  checkDurability(historyOf(...steps)).losses.flatMap((loss) => loss.missing);
const unjudged = (...steps: readonly Step[]): number => checkDurability(historyOf(...steps)).unjudgedKeys;

describe('acknowledged writes', () => {
  it.each<[string, readonly Step[]]>([
    ['the last one is there', [write('a', 0, 1), write('b', 2, 3), read('b', 4, 5)]],
    ['one of two at once is there', [write('a', 0, 9), write('b', 1, 8), read('a', 10, 11)]],
    ['an unknown one is there, however old', [unknown(write('u', 0, 1)), write('a', 2, 3), read('u', 4, 5)]],
    [
      'an unknown one is there, although its client gave up long ago',
      [write('u', 0, 1, { outcome: 'unknown' }), write('a', 2, 3), read('u', 4, 5)],
    ],
    ['a deleted key is absent', [write('a', 0, 1), remove(true, 2, 3), read(null, 4, 5)]],
    ['an unknown delete came last', [write('a', 0, 1), unknown(remove(true, 2, 3)), read(null, 4, 5)]],
    ['a condition that did not hold wrote nothing', [write('a', 0, 1), ifAbsent('b', false, 2, 3), read('a', 4, 5)]],
    ['a condition that held did', [write('a', 0, 1), ifPresent('b', true, 2, 3), read('b', 4, 5)]],
    ['a failed one is not missed', [write('a', 0, 1), failed(write('b', 2, 3)), read('a', 4, 5)]],
    ['a counter holds all, and what is unknown', [increment(1, 0, 1), unknown(increment(0, 2, 3)), read(2, 4, 5)]],
    ['a counter holds all, and not what is unknown', [increment(1, 0, 1), unknown(increment(0, 2, 3)), read(1, 4, 5)]],
    ['an earlier read does not count', [write('a', 0, 1), read(null, 2, 3), write('b', 4, 5), read('b', 6, 7)]],
  ])('are kept: %s', (_, steps) => {
    expect(missing(...steps)).toEqual([]);
    expect(unjudged(...steps)).toBe(0);
  });

  it.each<[string, readonly Step[], readonly number[]]>([
    ['an older one is there', [write('a', 0, 1), write('b', 2, 3), read('a', 4, 5)], [1]],
    ['the key is absent', [write('a', 0, 1), write('b', 2, 3), read(null, 4, 5)], [0, 1]],
    ['something is there that nobody wrote', [write('a', 0, 1), read('x', 4, 5)], [0]],
    ['a delete came undone', [write('a', 0, 1), remove(true, 2, 3), read('a', 4, 5)], [1]],
    ['what was created is gone', [ifAbsent('a', true, 0, 1), read(null, 2, 3)], [0]],
    ['a failed one is there', [write('a', 0, 1), failed(write('b', 2, 3)), read('b', 4, 5)], [0]],
    ['a counter lacks some', [increment(1, 0, 1), increment(2, 2, 3), increment(3, 4, 5), read(1, 6, 7)], [1, 2]],
    ['a counter is gone', [increment(1, 0, 1), read(null, 6, 7)], [0]],
  ])('are lost: %s', (_, steps, ids) => {
    expect(missing(...steps)).toEqual(ids);
  });

  it('are counted by level, and listed with those of the highest first', () => {
    const history = historyOf(
      write('a', 0, 1, { level: 'ALL' }),
      write('b', 2, 3, { level: 'ONE' }),
      write('c', 4, 5, { level: 'QUORUM' }),
      write('d', 6, 7, { level: 'ONE' }),
      read('a', 8, 9),
      write('z', 0, 1, { key: 'fine' }),
      read('z', 2, 3, { key: 'fine' }),
    );
    expect(checkDurability(history)).toEqual({
      judgedKeys: 2,
      unjudgedKeys: 0,
      acknowledged: { ONE: 3, QUORUM: 1, ALL: 1 },
      lost: { ONE: 2, QUORUM: 1, ALL: 0 },
      losses: [{ key: 'k', read: 4, found: 'a', missing: [2, 1, 3] }],
    });
  });

  it.each<[string, readonly Step[]]>([
    ['nobody has read', [write('a', 0, 1)]],
    ['the last read began too early', [write('a', 0, 9), read(null, 5, 10)]],
    ['increments and writes are mixed', [write(5, 0, 1), increment(6, 2, 3), read(6, 4, 5)]],
    ['something is appended', [append('x', 1, 0, 1), read('x', 2, 3)]],
    ['the key may have been lost on purpose', [write('a', 0, 1), loss(2), read(null, 3, 4)]],
  ])('are not judged where %s', (_, steps) => {
    expect(missing(...steps)).toEqual([]);
    expect(unjudged(...steps)).toBe(1);
  });

  it('are all there in what was executed', () => {
    for (const kinds of [
      ['read', 'write', 'delete', 'set-if-absent'],
      ['read', 'increment'],
    ] as const) {
      let judgedKeys = 0;
      for (let seed = 1; seed <= 40; seed++) {
        const load = { ...SIMULATED_LOAD, kinds, clients: 1, keys: 10, unanswered: 0.1, dropped: 0.05 };
        const report = checkDurability(simulateHistory(load, randomNumbers(seed)));
        expect(report.losses).toEqual([]);
        judgedKeys += report.judgedKeys;
      }
      expect(judgedKeys).toBeGreaterThan(50);
    }
  });
});
