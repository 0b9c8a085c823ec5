/** Values of a suite's flags. A wrong one throws {@link UsageError}, which the suite's frame prints with the usage. */

export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export interface Range {
  readonly min: number;
  readonly max: number;
}

function integer(flag: string, text: string, { min, max }: Range): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new UsageError(`--${flag} ${text}: allowed is an integer from ${min} to ${max}`);
}

export function integerFlag(flag: string, text: string | undefined, preset: number, range: Range): number {
  return text === undefined ? preset : integer(flag, text, range);
}

/** `1,16,64`; each value once, in the order given. */
export function integersFlag(
  flag: string,
  text: string | undefined,
  preset: readonly number[],
  range: Range,
): readonly number[] {
  if (text === undefined) return preset;
  return [...new Set(text.split(',').map((part) => integer(flag, part.trim(), range)))];
}

/** Some of the choices, in the order of the choices. */
export function choicesFlag<T extends string>(
  flag: string,
  text: string | undefined,
  choices: readonly T[],
): readonly T[] {
  if (text === undefined) return choices;
  const wanted = new Set(text.split(',').map((part) => part.trim()));
  const chosen = choices.filter((choice) => wanted.delete(choice));
  if (wanted.size === 0) return chosen;
  throw new UsageError(`--${flag} ${text}: allowed are ${choices.join(', ')}`);
}
