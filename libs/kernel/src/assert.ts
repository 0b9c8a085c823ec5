/** A broken invariant: a defect in HyperCache itself, never the answer to bad input. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

/** Checks an invariant, in production too. It throws; it never ends the process. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** Makes a switch over a sum type exhaustive: a missing case is a type error here. */
export function assertNever(value: never): never {
  throw new AssertionError(`unexpected value ${String(value)}`);
}
