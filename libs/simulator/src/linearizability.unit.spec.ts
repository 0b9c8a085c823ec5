import fc from 'fast-check';
import type { Answer, KeyAction, KeyOperation, OperationOutcome } from './history.js';
import { IMPOSSIBLE, step } from './key-model.js';
import { checkKey } from './linearizability.js';

let ids = 0;

function operation(
  action: KeyAction,
  [invokeMs, returnMs]: readonly [number, number],
  answer: Answer,
  { connection = ids + 1000, outcome = 'ok' as OperationOutcome } = {},
): KeyOperation {
  return { id: ids++, connection, key: 'k', action, invokeMs, returnMs, outcome, answer };
}

const set = (value: string, window: readonly [number, number], options = {}): KeyOperation =>
  operation({ kind: 'set', value }, window, 'OK', options);
const get = (answer: string | null, window: readonly [number, number], options = {}): KeyOperation =>
  operation({ kind: 'get' }, window, answer, options);
const remove = (answer: number, window: readonly [number, number]): KeyOperation =>
  operation({ kind: 'delete' }, window, answer);
const increment = (answer: number, window: readonly [number, number], options = {}): KeyOperation =>
  operation({ kind: 'increment' }, window, answer, options);
const append = (value: string, answer: number, window: readonly [number, number], options = {}): KeyOperation =>
  operation({ kind: 'append', value }, window, answer, options);
const unknown = { outcome: 'unknown' as const };
const failed = { outcome: 'failed' as const };
const verdict = (operations: KeyOperation[], losses: number[] = []): string => checkKey(operations, losses).verdict;

describe('linearizability per key', () => {
  it('accepts what happens one after the other', () => {
    expect(verdict([get(null, [0, 1]), set('a', [2, 3]), get('a', [4, 5]), remove(1, [6, 7]), remove(0, [8, 9])])).toBe(
      'ok',
    );
    expect(verdict([increment(1, [0, 1]), increment(2, [2, 3]), get('2', [4, 5])])).toBe('ok');
    expect(verdict([append('xy', 2, [0, 1]), append('z', 3, [2, 3]), get('xyz', [4, 5])])).toBe('ok');
  });

  it('refuses a stale read, a lost write and a value from nowhere', () => {
    expect(verdict([set('a', [0, 1]), set('b', [2, 3]), get('a', [4, 5])])).toBe('violation');
    expect(verdict([set('a', [0, 1]), get(null, [2, 3])])).toBe('violation');
    expect(verdict([set('a', [0, 1]), get('x', [2, 3])])).toBe('violation');
  });

  it('refuses a write that took effect twice', () => {
    expect(verdict([set('a', [0, 1]), set('b', [2, 3]), get('b', [4, 5]), get('a', [6, 7])])).toBe('violation');
    expect(verdict([increment(1, [0, 1]), increment(3, [2, 3])])).toBe('violation');
    expect(verdict([append('x', 1, [0, 1]), get('xx', [2, 3])])).toBe('violation');
  });

  it('lets concurrent operations come in any order, but one for all', () => {
    const writes = (): KeyOperation[] => [set('a', [0, 10]), set('b', [0, 10])];
    expect(verdict([...writes(), get('a', [11, 12]), get('a', [13, 14])])).toBe('ok');
    expect(verdict([...writes(), get('b', [11, 12]), get('b', [13, 14])])).toBe('ok');
    expect(verdict([...writes(), get('a', [11, 12]), get('b', [13, 14])])).toBe('violation');
  });

  it('keeps the order of one connection although its operations overlap', () => {
    const pipelined = { connection: 1 };
    const writes = (): KeyOperation[] => [set('a', [0, 10], pipelined), set('b', [0, 10], pipelined)];
    expect(verdict([...writes(), get('b', [11, 12])])).toBe('ok');
    expect(verdict([...writes(), get('a', [11, 12])])).toBe('violation');
  });

  it('lets a write of unknown outcome happen late, once, or never', () => {
    const write = (): KeyOperation => set('a', [0, Infinity], unknown);
    expect(verdict([write(), get(null, [1, 2])])).toBe('ok');
    expect(verdict([write(), get(null, [1, 2]), get('a', [3, 4])])).toBe('ok');
    expect(verdict([write(), get('a', [1, 2]), set('b', [3, 4]), get('a', [5, 6])])).toBe('violation');
    expect(verdict([increment(0, [0, Infinity], unknown), increment(2, [1, 2])])).toBe('ok');
    expect(verdict([increment(0, [0, Infinity], unknown), increment(3, [1, 2])])).toBe('violation');
  });

  it('does not let a write of unknown outcome happen after its connection went on', () => {
    const connection = 5;
    const write = (): KeyOperation => set('a', [0, Infinity], { ...unknown, connection });
    expect(verdict([write(), set('b', [1, 2], { connection }), get('a', [3, 4])])).toBe('violation');
    expect(verdict([write(), set('b', [1, 2], { connection }), get('b', [3, 4])])).toBe('ok');
  });

  it('does not let an operation take effect before it was invoked', () => {
    expect(verdict([get('a', [0, 1]), set('a', [2, 3])])).toBe('violation');
    expect(verdict([get('a', [0, 1]), set('a', [2, Infinity], unknown)])).toBe('violation');
  });

  it('leaves operations out that failed', () => {
    expect(verdict([set('a', [0, 1], failed), get(null, [2, 3])])).toBe('ok');
    expect(verdict([set('a', [0, 1], failed), get('a', [2, 3])])).toBe('violation');
  });

  it('lets a crash lose the value, at the crash and only then', () => {
    expect(verdict([set('a', [0, 1]), get(null, [6, 7])], [5])).toBe('ok');
    expect(verdict([set('a', [0, 1]), get('a', [6, 7])], [5])).toBe('ok');
    expect(verdict([set('a', [0, 1]), get(null, [2, 3])], [5])).toBe('violation');
    expect(verdict([set('a', [0, 1]), get('a', [6, 7]), get(null, [8, 9])], [5])).toBe('violation');
    expect(verdict([set('a', [6, 7]), get(null, [8, 9])], [5])).toBe('violation');
    expect(verdict([set('a', [0, 1]), get(null, [6, 7]), get('a', [8, 9])], [5])).toBe('violation');
    expect(verdict([increment(1, [0, 1]), increment(1, [6, 7]), increment(1, [9, 10])], [5, 8])).toBe('ok');
  });

  it('names the operation that cannot be explained', () => {
    const bad = get('a', [4, 5]);
    const { stuckAt } = checkKey([set('a', [0, 1]), set('b', [2, 3]), bad, get('b', [6, 7])]);
    expect(stuckAt).toEqual([bad]);
  });

  it('gives up beyond its bound instead of searching for ever', () => {
    const writes = Array.from({ length: 30 }, (_, i) => append(`v${i}`, 0, [0, Infinity], unknown));
    expect(checkKey([...writes, get('nowhere', [1, 2])], [], 500).verdict).toBe('undecided');
  });

  it('does not lose its way among many writes of unknown outcome that nobody saw', () => {
    const writes = Array.from({ length: 200 }, (_, i) => set(`v${i}`, [i, Infinity], unknown));
    const reads = Array.from({ length: 50 }, (_, i) => get(`v${4 * i}`, [4 * i + 1, 4 * i + 2]));
    expect(verdict([...writes, ...reads])).toBe('ok');
    expect(verdict([...writes, ...reads, get('v0', [300, 301])])).toBe('violation');
  });

  /** Executes random operations at random points of their windows, so that the history is linearizable by construction. */
  const histories = fc
    .array(
      fc.record({
        kind: fc.constantFrom('get', 'set', 'delete', 'increment' as const),
        at: fc.integer({ min: 0, max: 60 }),
        before: fc.integer({ min: 0, max: 5 }),
        after: fc.integer({ min: 0, max: 5 }),
        isAnswered: fc.boolean(),
      }),
      { maxLength: 25 },
    )
    .map((plans) => {
      let state: string | undefined;
      return plans
        .toSorted((a, b) => a.at - b.at)
        .filter(({ kind }) => kind !== 'increment')
        .map(({ kind, at, before, after, isAnswered }, i) => {
          const action = kind === 'set' ? ({ kind, value: `v${i}` } as const) : ({ kind } as KeyAction);
          const answer: Answer =
            kind === 'get' ? (state ?? null) : kind === 'delete' ? (state === undefined ? 0 : 1) : 'OK';
          const window = [at - before, isAnswered ? at + after + i / 1000 : Infinity] as const;
          const made = operation(action, window, answer, isAnswered ? {} : unknown);
          const next = step(state, made);
          if (next !== IMPOSSIBLE) state = next;
          return made;
        });
    });

  it('accepts every history that was made by executing it', () => {
    fc.assert(fc.property(histories, (operations) => verdict(operations) === 'ok'));
  });

  it('refuses every history into which a read of a value never written is put', () => {
    fc.assert(
      fc.property(histories, fc.integer({ min: 0, max: 60 }), (operations, at) => {
        expect(verdict([...operations, get('never', [at, at + 3])])).not.toBe('ok');
      }),
    );
  });
});
