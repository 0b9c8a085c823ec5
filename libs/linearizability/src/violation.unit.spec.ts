import {
  failed,
  historyOf,
  ifAbsent,
  increment,
  loss,
  read,
  remove,
  type Step,
  unknown,
  write,
} from './histories.support.spec.js';
import { checkHistory, formatViolation, SIMULATED_LOAD, simulateHistory, type Violation } from './index.js';
import { itemsOf } from './items.js';
import { judge } from './judge.js';
import { randomNumbers } from './random-numbers.support.spec.js';

function violationOf(...steps: readonly Step[]): Violation {
  const { violations } = checkHistory(historyOf(...steps));
  expect(violations).toHaveLength(1);
  return violations[0];
}

/** Writes and reads that have nothing to do with the violation. */
const noise = (from: number): Step[] =>
  Array.from({ length: 40 }, (_, i) =>
    i % 2 === 0
      ? write(`n${from}.${i}`, from + i, from + i + 0.5)
      : read(`n${from}.${i - 1}`, from + i, from + i + 0.5),
  );

describe('an explanation', () => {
  it('names the first operation that fits nowhere, what would have fitted, and what proves it', () => {
    const steps = [
      ...noise(0),
      write('a', 100, 101),
      ...noise(200),
      write('b', 300, 301),
      read('b', 302, 303),
      read('a', 304, 305),
      ...noise(400),
    ];
    const stale = steps.findIndex(({ start }) => start === 304);
    const found = violationOf(...steps);
    expect(found).toMatchObject({ key: 'k', operation: stale, before: stale, states: ['b'], uncertain: 0 });
    // The write, something that certainly overwrote it, and the read.
    expect(found.core).toHaveLength(3);
    expect(found.core).toEqual(expect.arrayContaining([40, stale]));
  });

  it('ends with the completion that cannot be, not with the operation that was invoked last', () => {
    const found = violationOf(write('a', 0, 1), read('x', 2, 9), read('a', 3, 4), write('b', 5, 6));
    expect(found).toMatchObject({ operation: 1, before: 3, core: [1] });
    // The write of b was acknowledged before the read ended, and could have been seen by it.
    expect(new Set(found.states)).toEqual(new Set(['a', 'b', null].slice(0, 2)));
  });

  it('counts what is under way as something that may have happened', () => {
    const found = violationOf(write('a', 0, 1), write('b', 2, 9), read('x', 3, 4));
    expect(found.operation).toBe(2);
    expect(new Set(found.states)).toEqual(new Set(['a', 'b']));
  });

  it('says what unknown writes and losses make possible', () => {
    const found = violationOf(write('a', 0, 1), unknown(write('b', 2, 3)), loss(4), read('x', 5, 6));
    expect(new Set(found.states)).toEqual(new Set(['a', 'b', null]));
    expect(violationOf(write('a', 0, 1), failed(write('b', 2, 3)), read('x', 5, 6)).states).toEqual(['a']);
  });

  it('of a counter leaves out the increments that do not matter', () => {
    const counted = Array.from({ length: 30 }, (_, i) => increment(i + 1, i, i + 0.5));
    const found = violationOf(...counted, unknown(increment(0, 40, 41)), increment(30, 50, 51));
    expect(found).toMatchObject({ operation: 31, core: [29, 31], uncertain: 30 });
    expect(found.states).toEqual(['30', '31']);
  });

  it('of a counter does not mistake what is under way for what has happened', () => {
    const early = violationOf(increment(3, 0, 99), increment(1, 1, 2), increment(2, 3, 4), read(7, 5, 6));
    expect(early).toMatchObject({ operation: 3, before: 2, states: ['2', '3'] });
    const tie = violationOf(increment(1, 0, 1), read(2, 5, 6), increment(2, 6, 99), read(7, 8, 9));
    expect(tie).toMatchObject({ operation: 3, before: 2, states: ['2'] });
  });

  it('keeps what conditions and deletes need', () => {
    const found = violationOf(
      ...noise(0),
      remove(true, 100, 101),
      ifAbsent('a', true, 102, 103),
      ifAbsent('b', true, 104, 105),
    );
    expect(found.states).toEqual(['a']);
    // The delete is why the key was absent.
    expect(found.core).toEqual([40, 41, 42]);
  });

  it('is one for each violated key, up to a bound', () => {
    const steps = Array.from({ length: 30 }, (_, i) => read('never', i, i + 1, { key: `k${i}` }));
    const report = checkHistory(historyOf(...steps));
    expect(report.violatedKeys).toHaveLength(30);
    expect(report.violations.length).toBeLessThan(30);
    expect(report.violations[3]).toMatchObject({ key: 'k3', operation: 3, states: [null] });
  });

  it('proves itself: its operations alone are a violation', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const load = {
        ...SIMULATED_LOAD,
        operations: 200,
        kinds: ['read', 'write', 'delete', 'set-if-absent'] as const,
        unanswered: 0.03,
      };
      const history = simulateHistory(load, randomNumbers(seed));
      const reads = history.kinds.flatMap((_, id) => (history.kindOf(id) === 'read' && history.isOk(id) ? [id] : []));
      history.resultCodes[reads[Math.floor(reads.length / 2)]] = history.resultCodes[reads[2]];
      const [violation] = checkHistory(history).violations;
      if (violation === undefined) continue;
      expect(violation.core).toContain(violation.operation);
      const alone = itemsOf(history, violation.core);
      expect(judge(alone, history.values, {}).verdict).toBe('violation');
      expect(violation.core.length).toBeLessThan(12);
    }
  });
});

describe('the text of a violation', () => {
  it('shows the operation, what would have fitted, and a timeline', () => {
    const history = historyOf(write('a', 0, 1), write('b', 2, 3.25), read('b', 4, 5), read('a', 4.5, 6, { client: 7 }));
    expect(formatViolation(history, checkHistory(history).violations[0])).toBe(
      [
        'key "k" is not linearizable. The 3 operations that completed first have an order; this one fits nowhere:',
        '  #3 client 7: read -> "a"',
        'A read in its place could have seen: "b"',
        'Operations that prove it:',
        '  #0  0.000  1.000  client 0: write "a" -> ok  |-|',
        '  #1  2.000  3.250  client 1: write "b" -> ok      |-|',
        '  #3  4.500  6.000  client 7: read -> "a"              |-|  <- no place',
      ].join('\n'),
    );
  });

  it('draws what had not ended, and says when increments are left out', () => {
    const history = historyOf(increment(1, 0, 1), increment(2, 2, 9), increment(5, 3, 4), unknown(increment(0, 1, 2)));
    expect(formatViolation(history, checkHistory(history).violations[0])).toBe(
      [
        'key "k" is not linearizable. The 1 operations that completed first have an order; this one fits nowhere:',
        '  #2 client 2: increment 1 -> 5',
        'A read in its place could have seen: "2" or "1" or "3"',
        'Operations that prove it, whichever of 3 other increments happened:',
        '  #2  3.000  4.000  client 2: increment 1 -> 5  |-|  <- no place',
      ].join('\n'),
    );
  });

  it('is short, however long values and histories are', () => {
    const counted = Array.from({ length: 300 }, (_, i) => increment(i + 3, i, i + 0.5));
    const history = historyOf(
      write('x'.repeat(1_000), -9, -8),
      write(1, -7, -6),
      increment(2, -5, -4),
      unknown(increment(0, -3, -2)),
      ...counted,
      increment(7, 400, 401),
    );
    const text = formatViolation(history, checkHistory(history).violations[0]);
    expect(text.split('\n').length).toBeLessThan(40);
    expect(Math.max(...text.split('\n').map(({ length }) => length))).toBeLessThan(200);
    expect(text).toMatch(/increment 1 -> 7 .*<- no place$/m);
  });
});
