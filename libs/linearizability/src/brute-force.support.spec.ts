// The reference for tiny histories: tries every order and every choice of the unknown operations. It shares no code with the
// checker: neither its model of Redis's commands, nor its values.
import type { History, Result, Value } from './index.js';

interface Operation {
  readonly id: number;
  readonly client: number;
  readonly kind: string;
  readonly argument: Value;
  readonly isKnown: boolean;
  readonly result: Result;
  readonly start: number;
  readonly end: number;
}

const REFUSED = Symbol('the answer says otherwise');

export function isLinearizable(history: History, keepsClientOrder = false): boolean {
  return [...history.idsByKey().values()].every((ids) => {
    const operations = ids.filter((id) => history.isOk(id) || history.isUnknown(id)).map((id) => read(history, id));
    return canComplete(operations, [], null, keepsClientOrder);
  });
}

function read(history: History, id: number): Operation {
  const isKnown = history.isOk(id);
  const kind = history.kindOf(id);
  return {
    id,
    client: history.clients[id],
    kind,
    argument: history.argumentOf(id),
    isKnown,
    result: isKnown ? history.resultOf(id) : undefined,
    start: history.invokedAt[id],
    end: isKnown || kind === 'loss' ? history.completedAt[id] : Infinity,
  };
}

/** `left` in the order of ids, so a client's earlier operations stand before its later ones. */
function canComplete(
  left: readonly Operation[],
  placed: readonly Operation[],
  state: Value,
  isOrdered: boolean,
): boolean {
  if (left.every(({ isKnown }) => !isKnown)) return true;
  return left.some((operation) => {
    if (left.some((other) => other.isKnown && other.end < operation.start)) return false;
    if (placed.some((other) => other.start > operation.end)) return false;
    if (isOrdered && !isInOrder(operation, left, placed)) return false;
    const next = apply(state, operation);
    const rest = left.filter((other) => other !== operation);
    return next !== REFUSED && canComplete(rest, [...placed, operation], next, isOrdered);
  });
}

function isInOrder({ id, client }: Operation, left: readonly Operation[], placed: readonly Operation[]): boolean {
  if (client < 0) return true;
  const mine = (other: Operation): boolean => other.client === client;
  return (
    !left.some((other) => mine(other) && other.isKnown && isBefore(other, { id }, left)) &&
    !placed.some((other) => mine(other) && isBefore({ id }, other, [...left, ...placed]))
  );
}

/** By invocation, then by id. */
function isBefore(a: { readonly id: number }, b: { readonly id: number }, all: readonly Operation[]): boolean {
  const startOf = (id: number): number => all.find((each) => each.id === id)?.start ?? 0;
  return startOf(a.id) < startOf(b.id) || (startOf(a.id) === startOf(b.id) && a.id < b.id);
}

function apply(state: Value, { kind, argument, isKnown, result }: Operation): Value | typeof REFUSED {
  const says = (answer: Result): boolean => !isKnown || result === undefined || result === answer;
  switch (kind) {
    case 'read':
      return says(state === null ? null : String(state)) ? state : REFUSED;
    case 'write':
      return argument;
    case 'delete':
      return says(state !== null) ? null : REFUSED;
    case 'set-if-absent':
      return says(state === null) ? (state === null ? argument : state) : REFUSED;
    case 'set-if-present':
      return says(state !== null) ? (state === null ? state : argument) : REFUSED;
    case 'increment': {
      const next = Number(state ?? 0) + Number(argument);
      if (state !== null && !/^(0|-?[1-9]\d*)$/.test(String(state))) return isKnown ? REFUSED : state;
      return says(next) ? next : REFUSED;
    }
    case 'append': {
      const next = `${state ?? ''}${argument}`;
      return says(next.length) ? next : REFUSED;
    }
    default:
      return null;
  }
}
