// The nats-server of a local cluster: where the program is found, and how it runs: on loopback, without JetStream, its data
// and log in the cluster's folder. It reports its port in a file, so that a free one can be asked for.
import { accessSync, constants, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Without a password it listens for nobody else, whatever address the services listen on. */
export const NATS_HOST = '127.0.0.1';
/** Debian puts servers where the PATH of an ordinary user does not look. */
const FURTHER_FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin', '/opt/homebrew/bin'];
const NOT_FOUND = `nats-server was not found. Install it: "sudo apt-get install nats-server" (Debian, Ubuntu), "brew install nats-server" (macOS), or the program from https://nats.io/download/ on PATH or named by NATS_SERVER. NATS_URL=nats://host:4222 uses a server that runs already.`;

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * The path of the program.
 * @throws {Error} that says what to install
 */
export function findNatsServer(env) {
  if (env.NATS_SERVER) {
    if (isExecutable(env.NATS_SERVER)) return env.NATS_SERVER;
    throw new Error(`NATS_SERVER: ${env.NATS_SERVER} is no program that can be run`);
  }
  const folders = [...(env.PATH ?? '').split(delimiter).filter((folder) => folder !== ''), ...FURTHER_FOLDERS];
  const program = process.platform === 'win32' ? 'nats-server.exe' : 'nats-server';
  const found = folders.map((folder) => join(folder, program)).find(isExecutable);
  if (found === undefined) throw new Error(NOT_FOUND);
  return found;
}

/** @param {number} port 0: a free one */
export function natsArguments(port, runFolder, host = NATS_HOST) {
  return ['-a', host, '-p', port === 0 ? '-1' : String(port), '--ports_file_dir', runFolder];
}

/** The port that the server with this process id reported; undefined as long as it did not. */
export function reportedNatsPort(runFolder, pid) {
  const file = readdirSync(runFolder).find((name) => name.endsWith(`_${pid}.ports`));
  if (file === undefined) return undefined;
  try {
    const { nats } = JSON.parse(readFileSync(join(runFolder, file), 'utf8'));
    return Number(/:(\d+)$/.exec(nats[0])[1]);
  } catch {
    // Written in part so far.
    return undefined;
  }
}
