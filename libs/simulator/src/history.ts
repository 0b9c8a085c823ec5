/** What clients did and saw, key by key: the input of the linearizability checker. Times are virtual milliseconds. */
export type KeyAction =
  | { readonly kind: 'get' }
  | { readonly kind: 'set'; readonly value: string }
  | { readonly kind: 'delete' }
  | { readonly kind: 'increment' }
  | { readonly kind: 'append'; readonly value: string };

/** An integer, a string or nil, as the reply says; `OK` for SET. */
export type Answer = number | string | null;

/** `failed`: certainly without an effect. `unknown`: it may take effect at any time from its invocation on, or never. */
export type OperationOutcome = 'ok' | 'failed' | 'unknown';

export interface KeyOperation {
  /** Grows with the invocations of all clients. */
  readonly id: number;
  /** Operations of one connection and key take effect in the order of their ids. */
  readonly connection: number;
  readonly key: string;
  readonly action: KeyAction;
  readonly invokeMs: number;
  /** Infinity where there was no answer. */
  readonly returnMs: number;
  readonly outcome: OperationOutcome;
  readonly answer: Answer;
}

/** The value of a key; undefined where it is absent. */
export type KeyState = string | undefined;

/** What the data of a run went through. */
export class History {
  readonly operations: KeyOperation[] = [];
  /** By key: when a crash may have lost it. */
  readonly losses = new Map<string, number[]>();
  private nextId = 0;

  takeId(): number {
    return this.nextId++;
  }

  lose(key: string, atMs: number): void {
    const times = this.losses.get(key) ?? [];
    times.push(atMs);
    this.losses.set(key, times);
  }

  byKey(): Map<string, KeyOperation[]> {
    const keys = new Map<string, KeyOperation[]>();
    for (const operation of this.operations) {
      const same = keys.get(operation.key);
      if (same === undefined) keys.set(operation.key, [operation]);
      else same.push(operation);
    }
    return keys;
  }
}

export function formatOperation(operation: KeyOperation): string {
  const { id, connection, key, action, invokeMs, returnMs, outcome, answer } = operation;
  const value = 'value' in action ? ` ${action.value}` : '';
  const end = returnMs === Infinity ? '       -' : returnMs.toFixed(3).padStart(8);
  const result = outcome === 'ok' ? `-> ${answer === null ? '(nil)' : String(answer)}` : `-> ${outcome}`;
  return `#${id} [${invokeMs.toFixed(3).padStart(8)} ${end}] connection ${connection} ${action.kind} ${key}${value} ${result}`;
}
