// The checker and a search through all permutations must agree on thousands of tiny histories, right and wrong ones.
import fc from 'fast-check';
import { isLinearizable } from './brute-force.support.spec.js';
import { OUTCOMES } from './history.js';
import { randomNumbers } from './random-numbers.support.spec.js';
import {
  checkHistory,
  History,
  LINEARIZABILITY_BOUNDS,
  type OperationKind,
  type Result,
  SIMULATED_LOAD,
  simulateHistory,
} from './index.js';
import { itemsOf } from './items.js';
import { Search } from './search.js';
import { checkZones } from './zones.js';

const FAILED = OUTCOMES.indexOf('failed');

interface Draft {
  readonly client: number;
  readonly kind: OperationKind | 'loss';
  readonly value: number;
  readonly start: number;
  readonly duration: number;
  readonly outcome: 'ok' | 'unknown' | 'failed';
  readonly result: number;
}

/** The kinds of operations that one history has; what is judged by clusters, what by which rules of the search. */
const FAMILIES: Readonly<Record<string, readonly Draft['kind'][]>> = {
  register: ['read', 'read', 'write'],
  'register with deletes': ['read', 'write', 'delete'],
  'register with conditions': ['read', 'write', 'set-if-absent', 'set-if-present', 'delete'],
  'register that may be lost': ['read', 'write', 'set-if-absent', 'loss'],
  counter: ['read', 'increment', 'increment'],
  'counter that is set': ['read', 'increment', 'write', 'delete'],
  log: ['read', 'append', 'append', 'write'],
  everything: ['read', 'write', 'delete', 'set-if-absent', 'set-if-present', 'increment', 'append', 'loss'],
};

const draftOf = (kinds: readonly Draft['kind'][]): fc.Arbitrary<Draft> =>
  fc.record({
    client: fc.nat(1),
    kind: fc.constantFrom(...kinds),
    value: fc.nat(2),
    start: fc.nat(9),
    duration: fc.nat(5),
    outcome: fc.constantFrom('ok', 'ok', 'ok', 'unknown', 'ok', 'unknown', 'failed' as const),
    result: fc.nat(3),
  });

function resultOf(kind: OperationKind, result: number): Result {
  switch (kind) {
    case 'read':
      return result === 0 ? null : result;
    case 'increment':
    case 'append':
      return result + 1;
    default:
      return result < 2;
  }
}

function historyOf(drafts: readonly Draft[], isUnique: boolean): History {
  const history = new History();
  for (const [i, { client, kind, value, start, duration, outcome, result }] of drafts.entries()) {
    if (kind === 'loss') {
      history.lose('k', start);
      continue;
    }
    const argument = kind === 'increment' ? 1 : kind === 'read' || kind === 'delete' ? null : isUnique ? i + 1 : value;
    const id = history.invoke(client, kind, 'k', argument, start);
    const isUnrecorded = kind === 'delete' && result === 3;
    history.complete(id, outcome, isUnrecorded ? undefined : resultOf(kind, result), start + duration);
  }
  return history;
}

function expectAgreement(history: History, keepsClientOrder: boolean): void {
  const expected = isLinearizable(history, keepsClientOrder) ? 'linearizable' : 'violation';
  expect(checkHistory(history, { keepsClientOrder }).verdict).toBe(expected);
}

describe('the checker agrees with a search through all permutations', () => {
  it.each(Object.entries(FAMILIES))('on arbitrary answers of a %s', (_, kinds) => {
    const drafts = fc.array(draftOf(kinds), { minLength: 1, maxLength: 7 });
    fc.assert(
      fc.property(drafts, fc.boolean(), fc.boolean(), (operations, isUnique, keepsClientOrder) => {
        expectAgreement(historyOf(operations, isUnique), keepsClientOrder);
      }),
      { numRuns: 600 },
    );
  });

  it.each(Object.entries(FAMILIES))('on executed histories of a %s that a fault has spoilt', (_, family) => {
    const kinds = family.filter((kind) => kind !== 'loss');
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.nat(), fc.constantFrom(0, 3), (seed, fault, at, values) => {
        const load = { ...SIMULATED_LOAD, operations: 6, clients: 3, kinds, values, unanswered: 0.15, dropped: 0.1 };
        const history = simulateHistory(load, randomNumbers(seed));
        expect(checkHistory(history).verdict).toBe('linearizable');
        spoil(history, fault, at);
        expectAgreement(history, false);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the search agrees with the clusters', () => {
  it('on registers that are only read and written, no value twice', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.nat(), fc.boolean(), (seed, fault, at, isSpoilt) => {
        const load = { ...SIMULATED_LOAD, operations: 60, clients: 6, unanswered: 0.1, dropped: 0.05 };
        const history = simulateHistory(load, randomNumbers(seed));
        if (isSpoilt) spoil(history, fault, at);
        const [ids] = history.idsByKey().values();
        const items = itemsOf(history, ids);
        const { maxSteps } = LINEARIZABILITY_BOUNDS;
        expect(new Search(items, history.values, false, maxSteps).run()).toBe(checkZones(items));
      }),
      { numRuns: 300 },
    );
  });
});

/** Answers are swapped or repeated, values change places, or what was executed is said not to have been. */
function spoil(history: History, fault: number, at: number): void {
  const { resultCodes, argumentCodes, outcomes, kinds, size } = history;
  const answered = Array.from({ length: size }, (_, id) => id).filter((id) => history.isOk(id));
  if (answered.length === 0) return;
  const one = answered[at % answered.length];
  const alike = answered.filter((id) => kinds[id] === kinds[one]);
  const other = alike[(at >>> 8) % alike.length];
  switch (fault % 4) {
    case 0:
      [resultCodes[one], resultCodes[other]] = [resultCodes[other], resultCodes[one]];
      return;
    case 1:
      resultCodes[one] = resultCodes[other];
      return;
    case 2:
      [argumentCodes[one], argumentCodes[other]] = [argumentCodes[other], argumentCodes[one]];
      return;
    default:
      outcomes[one] = FAILED;
  }
}
