import { checkHistory, SIMULATED_LOAD, simulateHistory } from './index.js';
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
import { randomNumbers } from './random-numbers.support.spec.js';

const verdict = (steps: readonly Step[]): string => checkHistory(historyOf(...steps)).verdict;

/** Name, history. Each is judged a second time with a key that only the search can judge. */
type Example = readonly [name: string, steps: readonly Step[]];

const LINEARIZABLE: readonly Example[] = [
  ['nothing', []],
  ['an absent key', [read(null, 0, 1), remove(false, 2, 3), read(null, 4, 5)]],
  ['one after the other', [write('a', 0, 1), read('a', 2, 3), write('b', 4, 5), read('b', 6, 7)]],
  ['a read beside a write sees the old value', [write('a', 0, 1), write('b', 2, 9), read('a', 3, 4), read('b', 5, 6)]],
  ['two writes at once, in either order', [write('a', 0, 9), write('b', 0, 9), read('a', 10, 11), read('a', 12, 13)]],
  ['a long read beside many writes', [read('b', 0, 9), write('a', 1, 2), write('b', 3, 4), write('c', 5, 6)]],
  ['a write and a delete at once', [write('a', 0, 9), remove(true, 1, 8), read(null, 10, 11)]],
  [
    'conditions that hold',
    [ifAbsent('a', true, 0, 1), ifAbsent('b', false, 2, 3), ifPresent('c', true, 4, 5), read('c', 6, 7)],
  ],
  [
    'a condition that holds beside a delete',
    [write('a', 0, 1), remove(true, 2, 9), ifAbsent('b', true, 3, 8), read('b', 10, 11)],
  ],
  ['counting together', [increment(2, 0, 9), increment(1, 0, 9), increment(3, 10, 11), read(3, 12, 13)]],
  ['counting on from a value that was written', [write(7, 0, 1), increment(8, 2, 3), read('8', 4, 5)]],
  ['appending', [append('xy', 2, 0, 1), append('z', 3, 2, 3), read('xyz', 4, 5)]],
  [
    'an unknown write that never happens',
    [write('a', 0, 1), unknown(write('b', 2, 3)), read('a', 4, 5), read('a', 6, 7)],
  ],
  [
    'an unknown write that is seen later',
    [write('a', 0, 1), unknown(write('b', 2, 3)), read('a', 4, 5), write('c', 6, 7), read('b', 8, 9)],
  ],
  [
    'an unknown delete that is seen later',
    [write('a', 0, 1), unknown(remove(true, 2, 3)), read('a', 4, 5), read(null, 6, 7)],
  ],
  ['an unknown increment that is seen later', [unknown(increment(0, 0, 1)), increment(1, 2, 3), increment(3, 4, 5)]],
  [
    'one of two unknown increments',
    [unknown(increment(0, 0, 1)), unknown(increment(0, 0, 1)), increment(2, 2, 3), read(2, 4, 5)],
  ],
  ['an unknown condition that fails', [write('a', 0, 1), unknown(ifAbsent('b', true, 2, 3)), read('a', 4, 5)]],
  [
    'an unknown delete before an unknown condition',
    [write('a', 0, 1), unknown(remove(true, 2, 3)), unknown(ifAbsent('b', true, 2, 3)), read('b', 4, 5)],
  ],
  ['a failed write', [write('a', 0, 1), failed(write('b', 2, 3)), read('a', 4, 5)]],
  ['a loss that is seen', [write('a', 0, 1), loss(5), read(null, 6, 7)]],
  ['a loss that did not happen', [write('a', 0, 1), loss(5), read('a', 6, 7)]],
  ['events at the same time are concurrent', [write('a', 0, 1), write('b', 1, 2), read('a', 2, 3)]],
];

const VIOLATIONS: readonly Example[] = [
  ['stale read', [write('a', 0, 1), write('b', 2, 3), read('a', 4, 5)]],
  ['lost update', [write('a', 0, 1), read(null, 2, 3)]],
  ['read of a value that was never written', [write('a', 0, 1), read('x', 2, 3)]],
  [
    'a client does not read its own write',
    [write('a', 0, 1), write('b', 2, 3, { client: 7 }), read('a', 4, 5, { client: 7 })],
  ],
  ['a read before the write', [read('a', 0, 1), write('a', 2, 3)]],
  ['a read before an unknown write', [read('a', 0, 1), unknown(write('a', 2, 3))]],
  [
    'two readers disagree on the order of writes',
    [write('a', 0, 9), write('b', 0, 9), read('a', 10, 11), read('b', 12, 13), read('a', 14, 15)],
  ],
  ['new, then old beside one write', [write('a', 0, 1), write('b', 2, 9), read('b', 3, 4), read('a', 5, 6)]],
  ['a write took effect twice', [write('a', 0, 1), write('b', 2, 3), read('b', 4, 5), read('a', 6, 7)]],
  [
    'an unknown write took effect twice',
    [unknown(write('a', 0, 1)), read('a', 2, 3), write('b', 4, 5), read('a', 6, 7)],
  ],
  ['a delete undone', [write('a', 0, 1), remove(true, 2, 3), read(null, 4, 5), read('a', 6, 7)]],
  ['a delete of what is absent', [remove(true, 0, 1)]],
  ['a delete that missed', [write('a', 0, 1), remove(false, 2, 3)]],
  ['two locks at once', [ifAbsent('a', true, 0, 9), ifAbsent('b', true, 0, 9)]],
  ['a condition that should have held', [write('a', 0, 1), ifPresent('b', false, 2, 3)]],
  ['a condition on a value that had gone', [write('a', 0, 1), remove(true, 2, 3), ifAbsent('b', false, 4, 5)]],
  ['an increment executed twice', [increment(1, 0, 1), increment(3, 2, 3)]],
  ['an increment lost', [increment(1, 0, 1), increment(1, 2, 3)]],
  ['two increments with one answer', [increment(1, 0, 9), increment(1, 0, 9)]],
  ['a counter that reads too low', [increment(1, 0, 1), increment(2, 2, 3), read(1, 4, 5)]],
  ['more than all unknown increments', [unknown(increment(0, 0, 1)), increment(3, 2, 3)]],
  ['an append executed twice', [append('x', 1, 0, 1), read('xx', 2, 3)]],
  ['a failed write that is seen', [write('a', 0, 1), failed(write('b', 2, 3)), read('b', 4, 5)]],
  ['nil although the loss came before the write', [loss(5), write('a', 6, 7), read(null, 8, 9)]],
  ['nil before the loss', [write('a', 0, 1), read(null, 2, 3), loss(5)]],
  ['a value that was back after its loss', [write('a', 0, 1), loss(5), read(null, 6, 7), read('a', 8, 9)]],
];

/** With these in front nothing changes, but that clusters cannot judge the key. */
const searched = (steps: readonly Step[]): readonly Step[] => [
  remove(false, -9, -8),
  ifPresent('p', false, -7, -6),
  ...steps,
];

describe('a history is linearizable:', () => {
  it.each(LINEARIZABLE)('%s', (_, steps) => {
    expect(verdict(steps)).toBe('linearizable');
    expect(verdict(searched(steps))).toBe('linearizable');
  });
});

describe('a history is not linearizable:', () => {
  it.each(VIOLATIONS)('%s', (_, steps) => {
    expect(verdict(steps)).toBe('violation');
    expect(verdict(searched(steps))).toBe('violation');
  });
});

describe('checkHistory', () => {
  it('judges keys one by one', () => {
    const history = historyOf(
      write('a', 0, 1, { key: 'x' }),
      read(null, 2, 3, { key: 'y' }),
      read(null, 2, 3, { key: 'z' }),
      read('never', 4, 5, { key: 'z' }),
    );
    expect(checkHistory(history)).toMatchObject({
      verdict: 'violation',
      keys: 3,
      violatedKeys: ['z'],
      undecidedKeys: [],
    });
  });

  it('keeps the order of a client whose operations overlap, where it is told to', () => {
    const pipeline = { client: 1 };
    const overtaken = historyOf(write('a', 0, 9, pipeline), write('b', 0, 9, pipeline), read('a', 10, 11));
    expect(checkHistory(overtaken).verdict).toBe('linearizable');
    expect(checkHistory(overtaken, { keepsClientOrder: true }).verdict).toBe('violation');
    const inOrder = historyOf(write('a', 0, 9, pipeline), write('b', 0, 9, pipeline), read('b', 10, 11));
    expect(checkHistory(inOrder, { keepsClientOrder: true }).verdict).toBe('linearizable');
  });

  it('has an unknown operation never happen that its client has overtaken, where it is told to keep the order', () => {
    const late = historyOf(unknown(write('a', 0, 1, { client: 1 })), write('b', 2, 3, { client: 1 }), read('a', 4, 5));
    expect(checkHistory(late).verdict).toBe('linearizable');
    expect(checkHistory(late, { keepsClientOrder: true }).verdict).toBe('violation');
  });

  it('says that it is undecided where its budget does not suffice', () => {
    const writes = Array.from({ length: 30 }, (_, i) => unknown(append(`v${i}`, 0, 0, 1)));
    const history = historyOf(...writes, append('x', 1000, 1, 2));
    expect(checkHistory(history, { maxSteps: 10_000 })).toMatchObject({ verdict: 'undecided', undecidedKeys: ['k'] });
  });

  it('does not lose its way among unknown writes that nobody saw', () => {
    const writes = Array.from({ length: 400 }, (_, i) => unknown(write(`v${i}`, i, i + 1)));
    const reads = Array.from({ length: 100 }, (_, i) => read(`v${4 * i}`, 4 * i + 1, 4 * i + 2));
    expect(verdict([...writes, ...reads])).toBe('linearizable');
    expect(verdict(searched([...writes, ...reads]))).toBe('linearizable');
    expect(verdict(searched([...writes, ...reads, read('v0', 500, 501)]))).toBe('violation');
  });

  it('does not lose its way among unknown increments', () => {
    const unknowns = Array.from({ length: 100 }, (_, i) => unknown(increment(0, 2 * i, 2 * i + 1)));
    const known = Array.from({ length: 100 }, (_, i) => increment(i + 1 + (i >>> 1), 2 * i, 2 * i + 1));
    expect(verdict([...unknowns, ...known])).toBe('linearizable');
    expect(verdict([...unknowns, ...known, increment(149, 300, 301)])).toBe('violation');
  });

  it.each([
    ['registers', { kinds: ['read', 'write'] as const, values: 0 }],
    ['registers whose values come again', { kinds: ['read', 'write'] as const, values: 5 }],
    [
      'registers with deletes and conditions',
      { kinds: ['read', 'write', 'delete', 'set-if-absent', 'set-if-present'] as const, values: 0 },
    ],
    ['counters', { kinds: ['read', 'increment', 'increment'] as const, values: 0 }],
    ['counters that are set', { kinds: ['read', 'increment', 'write', 'delete'] as const, values: 9 }],
    ['logs', { kinds: ['read', 'append', 'delete'] as const, values: 0 }],
  ])('accepts what was executed: %s', (_, kinds) => {
    for (let seed = 1; seed <= 10; seed++) {
      const load = {
        ...SIMULATED_LOAD,
        ...kinds,
        operations: 600,
        clients: 8,
        keys: 2,
        unanswered: 0.02,
        dropped: 0.01,
      };
      expect(checkHistory(simulateHistory(load, randomNumbers(seed))).verdict).toBe('linearizable');
    }
  });
});
