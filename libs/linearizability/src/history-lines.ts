/**
 * Histories as files: one JSON object per line and operation, in the order of ids. What is the default is left out:
 *
 *     {"client":3,"kind":"write","key":"k","argument":"a","level":"QUORUM","invoked":12.5,"completed":13.1,"outcome":"ok"}
 *     {"client":4,"kind":"read","key":"k","invoked":12.6,"completed":13,"outcome":"ok","result":"a"}
 *     {"client":4,"kind":"increment","key":"n","argument":1,"invoked":13.2}
 *
 * `level` is ONE by default, `outcome` unknown. A loss has a kind, a key and `invoked`.
 */
import { DecodeError } from '#libs/kernel';
import { LINEARIZABILITY_BOUNDS } from './bounds.js';
import { type History, KINDS, LEVELS, type OperationKind, OUTCOMES } from './history.js';
import type { Value } from './values.js';

export function* historyLines(history: History): Generator<string, void> {
  for (let id = 0; id < history.size; id++) yield encodeOperation(history, id);
}

export function encodeOperation(history: History, id: number): string {
  const kind = history.kindOf(id);
  const [key, invoked] = [history.keyOf(id), history.invokedAt[id]];
  if (kind === 'loss') return JSON.stringify({ kind, key, invoked });
  const level = LEVELS[history.levels[id]];
  const completed = history.completedAt[id];
  const outcome = OUTCOMES[history.outcomes[id]];
  // JSON leaves out what is undefined.
  return JSON.stringify({
    client: history.clients[id],
    kind,
    key,
    argument: history.argumentOf(id) ?? undefined,
    level: level === 'ONE' ? undefined : level,
    invoked,
    completed: completed === Infinity ? undefined : completed,
    outcome: outcome === 'unknown' ? undefined : outcome,
    result: history.resultOf(id),
  });
}

/** Adds the operation of one line. After a DecodeError, which says what is wrong with it, the history is not to be used. */
export function addLine(history: History, line: string): void {
  if (line.length > LINEARIZABILITY_BOUNDS.maxLineChars) throw new DecodeError(`a line of ${line.length} characters`);
  const fields = fieldsOf(line);
  try {
    const kind = oneOf(fields, 'kind', KINDS);
    const key = field(fields, 'key', 'string');
    const invoked = field(fields, 'invoked', 'number');
    if (kind === 'loss') history.lose(key, invoked);
    else addOperation(history, fields, kind, key, invoked);
  } catch (error) {
    throw error instanceof RangeError ? new DecodeError(error.message) : error;
  }
}

type Fields = Readonly<Record<string, unknown>>;

function addOperation(history: History, fields: Fields, kind: OperationKind, key: string, invoked: number): void {
  const argument = valueOf(fields, 'argument');
  const level = oneOf(fields, 'level', LEVELS, 'ONE');
  const outcome = oneOf(fields, 'outcome', OUTCOMES, 'unknown');
  const client = field(fields, 'client', 'number');
  // Integers come as text too, since values have no other form.
  const given = kind === 'increment' ? Number(argument) : (argument ?? null);
  const id = history.invoke(client, kind, key, given, invoked, level);
  if (outcome === 'unknown' && fields.completed === undefined) return;
  const { result } = fields;
  const answer = typeof result === 'boolean' ? result : valueOf(fields, 'result');
  history.complete(id, outcome, answer, field(fields, 'completed', 'number'));
}

function fieldsOf(line: string): Fields {
  let fields: unknown;
  try {
    fields = JSON.parse(line);
  } catch (error) {
    throw new DecodeError(`not JSON: ${(error as Error).message}`);
  }
  if (typeof fields !== 'object' || fields === null) throw new DecodeError('not a JSON object');
  return fields as Fields;
}

interface FieldTypes {
  readonly string: string;
  readonly number: number;
}

function field<T extends keyof FieldTypes>(fields: Fields, name: string, type: T): FieldTypes[T] {
  const value = fields[name];
  if (typeof value !== type) throw new DecodeError(`${name}: ${JSON.stringify(value)} is no ${type}`);
  return value as FieldTypes[T];
}

function oneOf<T extends string>(fields: Fields, name: string, allowed: readonly T[], preset?: T): T {
  const value = fields[name] ?? preset;
  const found = allowed.find((each) => each === value);
  if (found === undefined) throw new DecodeError(`${name}: ${JSON.stringify(value)} is none of ${allowed.join(', ')}`);
  return found;
}

function valueOf(fields: Fields, name: string): Value | undefined {
  const value = fields[name];
  if (value === undefined || value === null || typeof value === 'string' || typeof value === 'number') return value;
  throw new DecodeError(`${name}: ${JSON.stringify(value)} is no value`);
}
