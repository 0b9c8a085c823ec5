/**
 * Loads the configuration: defaults, file, environment, flags; later layers win setting by setting. Everything that is
 * wrong is collected and reported at once.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildConfig } from './build-config.js';
import { readCommandLine } from './command-line-source.js';
import { ConfigError } from './config-error.js';
import { environmentWarnings, readEnvironmentLayer, type Environment } from './environment-source.js';
import type { HyperCacheConfig, Role } from './hypercache-config.js';
import { memoryWarnings } from './machine-memory.js';
import { reasonOf } from './system-error.js';
import type { Layer, LayerValue } from './layer.js';
import { readYamlLayer, type YamlLayer } from './yaml-source.js';

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
  const config = buildConfig(layers, { file, warnings: [] }, yaml.errors);
  const warnings = [...environmentWarnings(env), ...memoryWarnings(config)];
  config.origin = { ...config.origin, warnings };
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
