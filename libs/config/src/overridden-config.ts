/**
 * A configuration in which single values are others. What is not concerned is shared with the one it is made of: to build all
 * of it from its layers again costs milliseconds, in every process of the cluster and for every change.
 */
import { ConfigError } from './config-error.js';
import type { HyperCacheConfig } from './hypercache-config.js';
import { originOf, type Layer, type LayerValue } from './layer.js';
import { checkRelations } from './relations.js';
import { SETTINGS, type SettingRow } from './schema.js';

export interface Override {
  readonly path: string;
  readonly value: unknown;
}

const ROWS: ReadonlyMap<string, SettingRow> = new Map(SETTINGS.map((row) => [row.path, row]));

/** The caller has checked each value by itself; throws ConfigError where they do not fit together, or with the others. */
export function overriddenConfig(
  base: HyperCacheConfig,
  overrides: readonly Override[],
  origin: string,
): HyperCacheConfig {
  const config = copyOf(base);
  const values = new Map<string, LayerValue>(base.origin.values);
  for (const { path, value } of overrides) {
    values.set(path, { value, origin });
    put(config, ROWS.get(path) as SettingRow, value);
  }
  config.origin = { ...base.origin, values: values satisfies Layer };
  const faults = checkRelations(config, (path) => originOf(values, path));
  if (faults.length > 0) throw new ConfigError(faults);
  return config;
}

/** Copies the sections on the way to a value, and puts it there. */
function put(config: HyperCacheConfig, { properties, setting }: SettingRow, value: unknown): void {
  let section: object = config;
  for (const property of properties.slice(0, -1)) {
    const copy = copyOf(Reflect.get(section, property) as object);
    Reflect.set(section, property, copy);
    section = copy;
  }
  Reflect.set(section, setting.property, setting.parse?.(value));
}

function copyOf<T extends object>(original: T): T {
  return Object.assign(Object.create(Object.getPrototypeOf(original) as object) as T, original);
}
