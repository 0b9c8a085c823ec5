/**
 * Histories that are linearizable by construction: clients work one operation after the other on keys that execute each at one
 * point of its window. For tests of the checkers, to measure them, and to see that a tool which writes histories is in order.
 */
import { History, type OperationKind, type Outcome, type Result } from '../history.js';
import type { Value } from '../values.js';

export interface SimulatedLoad {
  readonly operations: number;
  readonly clients: number;
  readonly keys: number;
  /** Drawn with equal chances; one that is listed twice comes twice as often. */
  readonly kinds: readonly OperationKind[];
  /** Written values are integers below this; 0 for texts that are all different. */
  readonly values: number;
  /** Shares of operations that nobody answers: those that are executed, some of them late, and those that never are. */
  readonly unanswered: number;
  readonly dropped: number;
}

export const SIMULATED_LOAD: SimulatedLoad = {
  operations: 100,
  clients: 4,
  keys: 1,
  kinds: ['read', 'write'],
  values: 0,
  unanswered: 0,
  dropped: 0,
};

interface Plan {
  readonly client: number;
  readonly kind: OperationKind;
  readonly key: string;
  readonly argument: Value;
  readonly invokedAt: number;
  /** Infinity where it is never executed. */
  readonly executedAt: number;
  /** Infinity where there is no answer. */
  readonly completedAt: number;
  outcome: Outcome;
  result: Result;
}

/** Clients that nobody answers go on after so long; what they asked for may be executed up to ten times later. */
const PATIENCE = 5;
const LATENESS = 10;

/** As Redis takes it: `007` is none. */
const INTEGER = /^(0|-?[1-9]\d*)$/;

/** `random` answers numbers from 0 up to, but not including, 1. */
export function simulateHistory(load: SimulatedLoad, random: () => number): History {
  const plans = draw(load, random);
  const states = new Map<string, Value>();
  const executed = plans.filter(({ executedAt }) => executedAt !== Infinity);
  for (const plan of executed.sort((a, b) => a.executedAt - b.executedAt)) execute(plan, states);
  const history = new History();
  for (const { client, kind, key, argument, invokedAt, completedAt, outcome, result } of plans) {
    const id = history.invoke(client, kind, key, argument, invokedAt);
    if (completedAt !== Infinity) history.complete(id, outcome, result, completedAt);
  }
  return history;
}

/** Sorted by invocation. */
function draw(load: SimulatedLoad, random: () => number): Plan[] {
  const { operations, clients, keys, kinds, values, unanswered, dropped } = load;
  const below = (limit: number): number => Math.floor(random() * limit);
  const freeAt = Array.from({ length: clients }, random);
  const plans: Plan[] = [];
  for (let i = 0; i < operations; i++) {
    const client = i % clients;
    const kind = kinds[below(kinds.length)];
    const isDropped = random() < dropped;
    const isAnswered = !isDropped && random() >= unanswered;
    const invokedAt = freeAt[client] + random();
    const executedAt = isDropped ? Infinity : invokedAt + random() * (isAnswered ? 1 : PATIENCE * LATENESS);
    const completedAt = isAnswered ? executedAt + random() : Infinity;
    freeAt[client] = isAnswered ? completedAt : invokedAt + PATIENCE;
    const argument = argumentFor(kind, values === 0 ? `v${i}` : below(values));
    const key = `k${below(keys)}`;
    plans.push({ client, kind, key, argument, invokedAt, executedAt, completedAt, outcome: 'ok', result: undefined });
  }
  return plans.sort((a, b) => a.invokedAt - b.invokedAt);
}

function argumentFor(kind: OperationKind, value: Value): Value {
  if (kind === 'read' || kind === 'delete') return null;
  return kind === 'increment' ? 1 : value;
}

/** Written without the checkers' own model, so that each tests the other. */
function execute(plan: Plan, states: Map<string, Value>): void {
  const { kind, key, argument } = plan;
  const state = states.get(key) ?? null;
  switch (kind) {
    case 'read':
      plan.result = state;
      break;
    case 'write':
      states.set(key, argument);
      break;
    case 'delete':
      plan.result = states.delete(key);
      break;
    case 'set-if-absent':
    case 'set-if-present':
      plan.result = (state === null) === (kind === 'set-if-absent');
      if (plan.result) states.set(key, argument);
      break;
    case 'increment':
      if (!INTEGER.test(String(state ?? 0))) {
        plan.outcome = 'failed';
        break;
      }
      plan.result = Number(state) + Number(argument);
      states.set(key, plan.result);
      break;
    case 'append':
      states.set(key, `${state ?? ''}${argument}`);
      plan.result = `${state ?? ''}${argument}`.length;
  }
}
