/**
 * A node's name over restarts: the configured one, else the one in its data folder, else one made of role and host
 * name, which is then written there. Hostnames of containers change with every creation while volumes stay; that is
 * why the file wins.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { isSubjectToken } from '#libs/wire';
import { ConfigError, notAllowed } from './config-error.js';
import type { HyperCacheConfig, Role } from './hypercache-config.js';
import { errorCode, reasonOf } from './system-error.js';

const FILE_NAME = 'node-id';
const MAX_LENGTH = 64;

/** Throws ConfigError where the file holds no usable name, or cannot be written. */
export function resolveNodeId(config: HyperCacheConfig, role: Role, host: string = hostname()): string {
  if (config.cluster.nodeId !== '') return config.cluster.nodeId;
  const file = join(config.persistence.dataDir, FILE_NAME);
  const kept = readIfPresent(file);
  if (kept !== undefined) {
    if (isSubjectToken(kept)) return kept;
    throw new ConfigError([notAllowed(file, kept, '1 to 64 letters, digits, "-" and "_", or remove the file')]);
  }
  const made = `${role}-${host.replace(/[^A-Za-z0-9_-]/g, '-')}`.slice(0, MAX_LENGTH);
  write(config.persistence.dataDir, file, made);
  return made;
}

function readIfPresent(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw unusable(file, error);
  }
}

function write(folder: string, file: string, nodeId: string): void {
  try {
    makeFolder(folder);
    writeFileSync(file, `${nodeId}\n`, { flush: true });
  } catch (error) {
    throw unusable(file, error);
  }
}

/**
 * As `mkdirSync` with `recursive`, which Node 24 never returns from where a parent cannot hold folders but says "not
 * found", as below /proc.
 */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) makeFolder(parent);
  try {
    mkdirSync(folder);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
}

function unusable(file: string, error: unknown): ConfigError {
  return new ConfigError([
    `persistence.data_dir: ${file} cannot be used: ${reasonOf(error)}; use a folder that this process may write (HC_DATA_DIR) or set HC_NODE_ID`,
  ]);
}
