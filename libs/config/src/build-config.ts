/** From settings by path to a checked configuration. */
import { DEFAULT_STORE_NAME } from '#libs/cluster';
import { plainToInstance } from 'class-transformer';
import { type ValidationError, Validator } from '#libs/validation';
import { ConfigError, notAllowed } from './config-error.js';
import { HyperCacheConfig, type ConfigOrigin } from './hypercache-config.js';
import { toElements } from './list-elements.js';
import { checkRelations } from './relations.js';
import { SETTINGS } from './schema.js';
import { settingsOf, snakeCase } from './setting.js';
import { soundRelations } from './sound-relations.js';
import { defaultStore } from './stores-config.js';
import { originOf, type Layer } from './layer.js';

/**
 * The configuration that the layers give, later ones winning setting by setting. Throws ConfigError with every fault, also
 * those found before (`errors`).
 */
export function buildConfig(
  layers: readonly Layer[],
  origin: Omit<ConfigOrigin, 'values'>,
  errors: readonly string[] = [],
): HyperCacheConfig {
  const values: Layer = new Map(layers.flatMap((layer) => [...layer]));
  const faults = [...errors];
  const config = plainToInstance(HyperCacheConfig, toTree(values, faults), { exposeDefaultValues: true });
  const invalid = new Validator().validateSync(config, { forbidUnknownValues: false });
  faults.push(...invalid.flatMap((error) => describe(error, '', values)));
  for (const error of invalid) putDefaults(error);
  const relations = checkRelations(config, (path) => originOf(values, path));
  faults.push(...soundRelations(relations, faults));
  if (faults.length > 0) throw new ConfigError(faults);
  if (!config.stores.some((store) => store.name === DEFAULT_STORE_NAME))
    config.stores = [defaultStore(), ...config.stores];
  config.origin = { ...origin, values };
  return config;
}

/** Values by path as the tree of properties that class-transformer takes. */
function toTree(values: Layer, errors: string[]): Record<string, unknown> {
  const tree: Record<string, unknown> = {};
  for (const { path, properties, setting } of SETTINGS) {
    const found = values.get(path);
    if (found === undefined) continue;
    let parent = tree;
    for (const property of properties.slice(0, -1)) parent = (parent[property] ??= {}) as Record<string, unknown>;
    const reading = { errors, isSecret: setting.notes.secret === true, originAt: (at: string) => originOf(values, at) };
    parent[setting.property] =
      setting.element === undefined ? found.value : toElements(setting.element, found.value, path, reading);
  }
  return tree;
}

/** Puts the default in place of each wrong value, so that what must hold between the others can be checked all the same. */
function putDefaults({ target, property, constraints, children }: ValidationError): void {
  children?.forEach(putDefaults);
  if (constraints === undefined || target === undefined || Array.isArray(target)) return;
  const defaults: object = Reflect.construct(target.constructor, []);
  Reflect.set(target, property, Reflect.get(defaults, property));
}

/** class-validator's tree of errors as lines. */
function describe(error: ValidationError, prefix: string, values: Layer): string[] {
  const isIndex = /^\d+$/.test(error.property);
  const path = isIndex ? `${prefix}[${error.property}]` : `${prefix}${prefix && '.'}${snakeCase(error.property)}`;
  const inner = (error.children ?? []).flatMap((child) => describe(child, path, values));
  const allowed = Object.values(error.constraints ?? {})[0];
  if (allowed === undefined || inner.length > 0) return inner;
  return [notAllowed(path, isSecret(path) ? '***' : error.value, allowed, originOf(values, path))];
}

function isSecret(path: string): boolean {
  const [listPath, elementKey] = path.split(/\[\d+\]\./);
  const setting = SETTINGS.find((row) => row.path === listPath)?.setting;
  if (setting === undefined) return false;
  if (elementKey === undefined || setting.element === undefined) return setting.notes.secret === true;
  return settingsOf(setting.element).find((row) => row.key === elementKey)?.notes.secret === true;
}
