/** Settings from environment variables: `HC_<SECTION>_<KEY>` for each, and short names for the frequent ones. */
import { parse } from 'yaml';
import { SETTINGS } from './schema.js';
import { suggestionText } from './suggestion.js';
import type { Layer, LayerValue } from './layer.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Variables that begin like settings and are something else. */
export const OTHER_VARIABLES: readonly string[] = ['HC_CONFIG', 'HC_READY_FILE'];

/** An empty variable counts as not set, because compose files write `${NAME:-}`. */
export function readEnvironmentLayer(environment: Environment): Layer {
  const layer = new Map<string, LayerValue>();
  for (const row of SETTINGS) {
    const name = row.variables.find((variable) => (environment[variable] ?? '') !== '');
    if (name === undefined) continue;
    const text = environment[name] ?? '';
    layer.set(row.path, { value: row.setting.element === undefined ? text : parseStructure(text), origin: name });
  }
  return layer;
}

/** Variables that were most likely meant as settings: a warning each, because others may use the prefix as well. */
export function environmentWarnings(environment: Environment): readonly string[] {
  const known = [...SETTINGS.flatMap((row) => row.variables), ...OTHER_VARIABLES];
  return Object.keys(environment)
    .filter((name) => name.startsWith('HC_') && !known.includes(name))
    .sort()
    .map((name) => `the environment variable ${name} is no setting${suggestionText(name, known)}`);
}

/** Lists of mappings come as YAML or JSON; what is neither stays a text, which the schema then refuses. */
export function parseStructure(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return text;
  }
}
