// Histories in a few words: `write('a', 1, 2)` starts at 1 and ends at 2. Each operation has a client of its own unless it is given.
import { History, type Level, type OperationKind, type Outcome, type Result, type Value } from './index.js';

export interface Step {
  readonly kind: OperationKind | 'loss';
  readonly argument: Value;
  readonly start: number;
  readonly end: number;
  readonly outcome: Outcome;
  readonly result: Result;
  readonly client: number | undefined;
  readonly key: string;
  readonly level: Level;
}

type Options = Partial<Pick<Step, 'outcome' | 'client' | 'key' | 'level'>>;

function stepOf(
  kind: Step['kind'],
  argument: Value,
  result: Result,
  start: number,
  end: number,
  options: Options = {},
): Step {
  return { kind, argument, start, end, outcome: 'ok', result, client: undefined, key: 'k', level: 'ONE', ...options };
}

export const read = (value: Value, start: number, end: number, options?: Options): Step =>
  stepOf('read', null, value, start, end, options);
export const write = (value: Value, start: number, end: number, options?: Options): Step =>
  stepOf('write', value, undefined, start, end, options);
export const remove = (existed: boolean, start: number, end: number, options?: Options): Step =>
  stepOf('delete', null, existed, start, end, options);
export const ifAbsent = (value: Value, isDone: boolean, start: number, end: number, options?: Options): Step =>
  stepOf('set-if-absent', value, isDone, start, end, options);
export const ifPresent = (value: Value, isDone: boolean, start: number, end: number, options?: Options): Step =>
  stepOf('set-if-present', value, isDone, start, end, options);
export const increment = (result: number, start: number, end: number, options?: Options): Step =>
  stepOf('increment', 1, result, start, end, options);
export const append = (text: string, length: number, start: number, end: number, options?: Options): Step =>
  stepOf('append', text, length, start, end, options);
export const loss = (at: number): Step => stepOf('loss', null, undefined, at, at);
/** Nobody has seen it end. */
export const unknown = (step: Step): Step => ({ ...step, outcome: 'unknown', end: Infinity });
export const failed = (step: Step): Step => ({ ...step, outcome: 'failed' });

export function historyOf(...steps: readonly Step[]): History {
  const history = new History();
  for (const [i, { kind, argument, start, end, outcome, result, client, key, level }] of steps.entries()) {
    if (kind === 'loss') {
      history.lose(key, start);
      continue;
    }
    const id = history.invoke(client ?? i, kind, key, argument, start, level);
    if (end !== Infinity) history.complete(id, outcome, result, end);
  }
  return history;
}
