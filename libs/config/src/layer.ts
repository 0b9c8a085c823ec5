/** Settings that one source gives, before they are checked. */

/** A value and where it was found, by path. */
export type Layer = ReadonlyMap<string, LayerValue>;

export interface LayerValue {
  readonly value: unknown;
  /** For errors: a line of a file, a variable or a flag. */
  readonly origin: string;
  /** Where parts of a list stand, by path: `stores[0].type`. */
  readonly innerOrigins?: ReadonlyMap<string, string>;
}

/**
 * Where a path was set: at its own place, else at that of the nearest list or mapping around it; undefined where no layer
 * has it.
 */
export function originOf(values: Layer, path: string): string | undefined {
  const [listPath] = path.split('[', 1);
  const found = values.get(listPath);
  for (let at = path; at.length > listPath.length; at = parentOf(at)) {
    const origin = found?.innerOrigins?.get(at);
    if (origin !== undefined) return origin;
  }
  return found?.origin;
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('.'), path.lastIndexOf('['), 0));
}
