import { History } from './index.js';

describe('History', () => {
  it('gives out ids from 0 on, and remembers what it was told', () => {
    const history = new History();
    expect(history.invoke(3, 'write', 'k', 'a', 1.5, 'QUORUM')).toBe(0);
    expect(history.invoke(4, 'read', 'k', null, 2)).toBe(1);
    history.complete(1, 'ok', 'a', 3);
    expect(history.size).toBe(2);
    expect([history.isOk(0), history.isUnknown(0), history.completedAt[0]]).toEqual([false, true, Infinity]);
    expect([history.isOk(1), history.resultOf(1), history.completedAt[1]]).toEqual([true, 'a', 3]);
    expect([history.keyOf(0), history.kindOf(0), history.argumentOf(0)]).toEqual(['k', 'write', 'a']);
    expect(history.argumentOf(1)).toBeNull();
  });

  it('takes the integer 7 and the text "7" for the same value, and "07" for another', () => {
    const history = new History();
    const [number, text, other] = [7, '7', '07'].map((value) => history.invoke(0, 'write', 'k', value, 1));
    expect(history.argumentCodes[number]).toBe(history.argumentCodes[text]);
    expect(history.argumentCodes[number]).not.toBe(history.argumentCodes[other]);
    expect([number, text, other].map((id) => history.argumentOf(id))).toEqual(['7', '7', '07']);
  });

  it.each([0, -1, 2 ** 51, -(2 ** 51), 2 ** 51 + 1, 1.5, '', '-0', '1e3', ' 1', 'nil'])(
    'keeps the value %p',
    (value) => {
      const history = new History();
      expect(history.argumentOf(history.invoke(0, 'write', 'k', value, 1))).toBe(String(value));
    },
  );

  it('has the results that the kind of operation answers', () => {
    const history = new History();
    const completed = (
      kind: Parameters<History['invoke']>[1],
      argument: string | number | null,
      result: string | number | boolean | null | undefined,
    ): unknown => {
      const id = history.invoke(0, kind, 'k', argument, 1);
      history.complete(id, 'ok', result, 2);
      return history.resultOf(id);
    };
    expect(completed('read', null, null)).toBeNull();
    expect(completed('read', null, 5)).toBe('5');
    expect(completed('write', 'a', undefined)).toBeUndefined();
    expect(completed('delete', null, true)).toBe(true);
    expect(completed('delete', null, undefined)).toBeUndefined();
    expect(completed('set-if-absent', 'a', false)).toBe(false);
    expect(completed('increment', 2, 9)).toBe(9);
    expect(completed('append', 'x', 3)).toBe(3);
  });

  it('lists the operations of each key', () => {
    const history = new History();
    for (const key of ['a', 'b', 'a', 'c', 'b']) history.invoke(0, 'read', key, null, 1);
    expect([...history.idsByKey()]).toEqual([
      ['a', [0, 2]],
      ['b', [1, 4]],
      ['c', [3]],
    ]);
    expect(history.keyCount).toBe(3);
  });

  it('refuses what cannot be', () => {
    const history = new History();
    expect(() => history.invoke(0, 'increment', 'k', 'x', 1)).toThrow(RangeError);
    expect(() => history.invoke(-1, 'read', 'k', null, 1)).toThrow('client -1');
    expect(() => history.invoke(0, 'read', 'k', null, Number.NaN)).toThrow('invoked at NaN');
    const id = history.invoke(0, 'read', 'k', null, 5);
    expect(() => history.complete(id, 'ok', 'a', 4)).toThrow('completed at 4, invoked at 5');
    expect(() => history.complete(id, 'ok', 'a', Infinity)).toThrow(RangeError);
    expect(() => history.complete(id, 'ok', true, 6)).toThrow('read cannot answer true');
    expect(() => history.complete(id + 1, 'ok', 'a', 6)).toThrow('there is no operation 1');
    history.complete(id, 'ok', 'a', 6);
    expect(() => history.complete(id, 'ok', 'a', 7)).toThrow('completed already');
    const increment = history.invoke(0, 'increment', 'k', 1, 7);
    expect(() => history.complete(increment, 'ok', 'a', 8)).toThrow('increment cannot answer a');
  });
});
