/**
 * Loads the configuration: defaults, file, environment, flags; later layers win setting by setting. Everything that is
 * wrong is collected and reported at once.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { plainToInstance } from 'class-transformer';
import type { ValidationError } from 'class-validator';
import { Validator } from './class-validator.js';
import { readCommandLine } from './command-line-source.js';
import { ConfigError, notAllowed } from './config-error.js';
import { environmentWarnings, readEnvironmentLayer, type Environment } from './environment-source.js';
import { HyperCacheConfig, type Role } from './hypercache-config.js';
import { checkRelations } from './relations.js';
import { SETTINGS, type SettingRow } from './schema.js';
import { settingsOf, snakeCase } from './setting.js';
import { DEFAULT_STORE, defaultStore } from './stores-config.js';
import { suggestionText } from './suggestion.js';
import { reasonOf } from './system-error.js';
import { isTree, readYamlLayer, type Layer, type LayerValue, type YamlLayer } from './yaml-source.js';

export interface ConfigSources {
  /** Arguments after the script's name. */
  readonly argv: readonly string[];
  readonly env: Environment;
  readonly role: Role;
}

export const DEFAULT_CONFIG_FILE = 'configs/hypercache.yaml';

/** Throws ConfigError with every fault, and HelpRequested for `--help`. Reads no other file than the YAML. */
export function loadConfig({ argv, env, role }: ConfigSources): HyperCacheConfig {
  const commandLine = readCommandLine(argv, role);
  const file = commandLine.configFile ?? (env['HC_CONFIG'] || undefined) ?? defaultFile();
  const yaml = file === undefined ? { layer: new Map(), errors: [] } : readFile(file);
  const layers = [roleDefaults(role), yaml.layer, readEnvironmentLayer(env), commandLine.layer];
  const values = new Map(layers.flatMap((layer) => [...layer]));
  const errors: string[] = [...yaml.errors];
  const config = plainToInstance(HyperCacheConfig, toTree(values, errors), { exposeDefaultValues: true });
  errors.push(
    ...new Validator()
      .validateSync(config, { forbidUnknownValues: false })
      .flatMap((error) => describe(error, '', values)),
  );
  if (errors.length > 0) throw new ConfigError(errors);
  const relations = checkRelations(config);
  if (relations.length > 0) throw new ConfigError(relations);
  if (!config.stores.some((store) => store.name === DEFAULT_STORE)) config.stores = [defaultStore(), ...config.stores];
  for (const store of config.stores) store.memoryLimit ||= config.memory.defaultLimit;
  config.origin = { file, warnings: environmentWarnings(env) };
  return config;
}

function roleDefaults(role: Role): Layer {
  const origin = `default of ${role}`;
  const layer = new Map<string, LayerValue>([['persistence.data_dir', { value: join('data', role), origin }]]);
  if (role === 'standalone') {
    layer.set('logging.level', { value: 'WARN', origin });
    layer.set('cluster.expected_storage_nodes', { value: 1, origin });
  }
  return layer;
}

function defaultFile(): string | undefined {
  return existsSync(DEFAULT_CONFIG_FILE) ? DEFAULT_CONFIG_FILE : undefined;
}

function readFile(file: string): YamlLayer {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError([`${file}: the file cannot be read: ${reasonOf(error)}`]);
  }
  return readYamlLayer(text, file);
}

/** Values by path as the tree of properties that class-transformer takes. */
function toTree(values: ReadonlyMap<string, LayerValue>, errors: string[]): Record<string, unknown> {
  const tree: Record<string, unknown> = {};
  for (const row of SETTINGS) {
    const found = values.get(row.path);
    if (found === undefined) continue;
    let parent = tree;
    for (const property of row.properties.slice(0, -1)) parent = (parent[property] ??= {}) as Record<string, unknown>;
    parent[row.setting.property] = row.setting.element === undefined ? found.value : toElements(row, found, errors);
  }
  return tree;
}

/** The elements of a list with the names of properties in place of keys; unknown keys become errors. */
function toElements(row: SettingRow, { value, origin }: LayerValue, errors: string[]): unknown {
  if (!Array.isArray(value)) return value;
  const settings = row.setting.element === undefined ? [] : settingsOf(row.setting.element);
  const known = settings.map((setting) => setting.key);
  return value.map((item: unknown, i) => {
    if (!isTree(item)) {
      errors.push(
        notAllowed(`${row.path}[${i}]`, row.setting.notes.secret ? '***' : item, 'a mapping of settings', origin),
      );
      return row.setting.element === undefined ? {} : new row.setting.element();
    }
    const element: Record<string, unknown> = {};
    for (const [key, inner] of Object.entries(item)) {
      const setting = settings.find((other) => other.key === key);
      if (setting !== undefined && inner !== null) element[setting.property] = inner;
      else if (setting === undefined) {
        errors.push(`${row.path}[${i}].${key}: no such setting${suggestionText(key, known)} (${origin})`);
      }
    }
    return element;
  });
}

/** class-validator's tree of errors as lines. */
function describe(error: ValidationError, prefix: string, values: ReadonlyMap<string, LayerValue>): string[] {
  const isIndex = /^\d+$/.test(error.property);
  const path = isIndex ? `${prefix}[${error.property}]` : `${prefix}${prefix && '.'}${snakeCase(error.property)}`;
  const inner = (error.children ?? []).flatMap((child) => describe(child, path, values));
  const allowed = Object.values(error.constraints ?? {})[0];
  if (allowed === undefined || inner.length > 0) return inner;
  const listPath = path.replace(/\[.*$/, '');
  const origin = values.get(listPath)?.origin;
  return [notAllowed(path, isSecret(path) ? '***' : error.value, allowed, origin)];
}

function isSecret(path: string): boolean {
  const [listPath, elementKey] = path.split(/\[\d+\]\./);
  const setting = SETTINGS.find((row) => row.path === listPath)?.setting;
  if (setting === undefined) return false;
  if (elementKey === undefined || setting.element === undefined) return setting.notes.secret === true;
  return settingsOf(setting.element).find((row) => row.key === elementKey)?.notes.secret === true;
}
