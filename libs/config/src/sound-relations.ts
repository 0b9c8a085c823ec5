/** Which faults between settings count where some of the settings are wrong by themselves, and have their defaults meanwhile. */

/** Settings of a store that say together what is evicted. */
const EVICTION = /^(stores\[\d+\])\.(?:type|policy|eviction_scope|idle_ttl_ms)$/;

/**
 * The faults, of `relations`, that do not follow from the defaults put in place of wrong values. Lines begin with the path
 * that they are about, as those of `faults` do, and name the other settings that count.
 */
export function soundRelations(relations: readonly string[], faults: readonly string[]): readonly string[] {
  const wrong = faults.map(pathOf);
  return relations.filter((line) => !wrong.some((path) => concerns(line, path)));
}

function concerns(line: string, wrong: string): boolean {
  const path = pathOf(line);
  if (withoutOrigin(line).includes(wrong)) return true;
  if (path.includes('[') && wrong.startsWith(`${path}[`)) return true;
  const store = EVICTION.exec(path)?.[1];
  return store !== undefined && store === EVICTION.exec(wrong)?.[1];
}

function pathOf(line: string): string {
  return line.split(': ', 1)[0];
}

function withoutOrigin(line: string): string {
  return line.replace(/ \([^(]*\)$/, '');
}
