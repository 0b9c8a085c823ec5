import fc from 'fast-check';
import { DecodeError } from '#libs/kernel';
import { historyOf, loss, read, unknown, write } from './histories.support.spec.js';
import {
  addLine,
  checkHistory,
  History,
  historyLines,
  LINEARIZABILITY_BOUNDS,
  SIMULATED_LOAD,
  simulateHistory,
} from './index.js';
import { randomNumbers } from './random-numbers.support.spec.js';

function parsed(lines: Iterable<string>): History {
  const history = new History();
  for (const line of lines) addLine(history, line);
  return history;
}

describe('lines of a history', () => {
  it('leave out what is the default', () => {
    const history = historyOf(
      write('a', 0, 1, { client: 3, level: 'QUORUM' }),
      read(null, 2, 3, { client: 4 }),
      unknown(write('b', 4, 5, { client: 3 })),
      loss(6),
    );
    expect([...historyLines(history)]).toEqual([
      '{"client":3,"kind":"write","key":"k","argument":"a","level":"QUORUM","invoked":0,"completed":1,"outcome":"ok"}',
      '{"client":4,"kind":"read","key":"k","invoked":2,"completed":3,"outcome":"ok","result":null}',
      '{"client":3,"kind":"write","key":"k","argument":"b","invoked":4}',
      '{"kind":"loss","key":"k","invoked":6}',
    ]);
  });

  it('give the same history back', () => {
    const kinds = ['read', 'write', 'delete', 'set-if-absent', 'set-if-present', 'increment', 'append'] as const;
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom(0, 5), (seed, values) => {
        const load = { ...SIMULATED_LOAD, kinds, values, keys: 5, unanswered: 0.1, dropped: 0.1 };
        const history = simulateHistory(load, randomNumbers(seed));
        const lines = [...historyLines(history)];
        const again = parsed(lines);
        expect([...historyLines(again)]).toEqual(lines);
        expect(checkHistory(again)).toEqual(checkHistory(history));
      }),
      { numRuns: 30 },
    );
  });

  it.each([
    ['', 'not JSON'],
    ['{', 'not JSON'],
    ['7', 'not a JSON object'],
    ['null', 'not a JSON object'],
    ['[]', 'kind: undefined is none of read, write,'],
    ['{"kind":"loss","key":"k"}', 'invoked: undefined is no number'],
    ['{"kind":"loss","key":7,"invoked":1}', 'key: 7 is no string'],
    ['{"kind":"read","key":"k","invoked":1}', 'client: undefined is no number'],
    ['{"kind":"read","key":"k","client":1.5,"invoked":1}', 'client 1.5'],
    ['{"kind":"read","key":"k","client":1,"invoked":1,"outcome":"ok"}', 'completed: undefined is no number'],
    ['{"kind":"read","key":"k","client":1,"invoked":1,"completed":0}', 'completed at 0, invoked at 1'],
    [
      '{"kind":"read","key":"k","client":1,"invoked":1,"completed":2,"outcome":"ok","result":{}}',
      'result: {} is no value',
    ],
    ['{"kind":"read","key":"k","client":1,"invoked":1,"level":"TWO"}', 'level: "TWO" is none of ONE, QUORUM, ALL'],
    ['{"kind":"increment","key":"k","client":1,"invoked":1,"argument":"x"}', 'an increment by NaN'],
    ['{"kind":"__proto__","key":"k","client":1,"invoked":1}', 'kind: "__proto__" is none of'],
  ])('that are none are refused: %s', (line, problem) => {
    expect(() => parsed([line])).toThrow(DecodeError);
    expect(() => parsed([line])).toThrow(problem);
  });

  it('may have a bounded length', () => {
    const line = `{"kind":"loss","key":"${'k'.repeat(LINEARIZABILITY_BOUNDS.maxLineChars)}","invoked":1}`;
    expect(() => parsed([line])).toThrow('a line of ');
  });

  it('throw nothing but DecodeError, whatever they hold', () => {
    fc.assert(
      fc.property(
        fc.json(),
        fc.dictionary(fc.constantFrom('kind', 'key', 'client', 'invoked'), fc.jsonValue()),
        (json, fields) => {
          for (const line of [json, JSON.stringify({ kind: 'read', key: 'k', client: 1, invoked: 1, ...fields })]) {
            try {
              parsed([line]);
            } catch (error) {
              expect(error).toBeInstanceOf(DecodeError);
            }
          }
        },
      ),
    );
  });
});
