/** Programs that are no part of the repository: where they are, and their versions. */
import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { stopAtExit } from './child-process.js';

/** Debian puts servers where the PATH of an ordinary user does not look. */
const FURTHER_FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin', '/opt/homebrew/bin'];
const PACKAGES: Readonly<Record<string, string>> = {
  'redis-server': 'redis-server',
  'redis-cli': 'redis-tools',
  'redis-benchmark': 'redis-tools',
  'nats-server': 'nats-server',
  memcached: 'memcached',
};
const OUTPUT_LIMIT_BYTES = 16 * 2 ** 20;

const execute = promisify(execFile);

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The program's path; NATS_SERVER names nats-server's, as for the cluster script. Throws an Error that says what to install. */
export function findProgram(name: string): string {
  const named = name === 'nats-server' ? process.env['NATS_SERVER'] : undefined;
  if (named !== undefined && isExecutable(named)) return named;
  const folders = [
    ...(process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== ''),
    ...FURTHER_FOLDERS,
  ];
  const found = folders.map((folder) => join(folder, name)).find(isExecutable);
  if (found !== undefined) return found;
  throw new Error(`${name} was not found; on Debian or Ubuntu: sudo apt-get install ${PACKAGES[name] ?? name}`);
}

/** Runs a program that ends soon and answers its output. Throws an Error with what it said on stderr. */
export async function outputOf(program: string, args: readonly string[], cwd?: string): Promise<string> {
  const execution = execute(program, args, { maxBuffer: OUTPUT_LIMIT_BYTES, ...(cwd !== undefined && { cwd }) });
  stopAtExit(execution.child);
  return (await execution).stdout.trim();
}

/** `7.0.15` of what `--version` says. */
export async function versionOf(name: string): Promise<string> {
  const text = await outputOf(findProgram(name), ['--version']);
  return /\d+\.\d+(\.\d+)?/.exec(text)?.[0] ?? text;
}
