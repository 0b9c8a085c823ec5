// The programs that tests run against: a real nats-server and real Redis clients. npm ships none of them, so they come from
// Debian's or Ubuntu's packages. A missing one is never a skipped test: it is installed, or the run fails with its name.
import { accessSync, constants, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { excerpt, run } from './child.mjs';

const PACKAGE_OF_PROGRAM = {
  'nats-server': 'nats-server',
  'redis-server': 'redis-server',
  'redis-cli': 'redis-tools',
  'redis-benchmark': 'redis-tools',
  openssl: 'openssl',
};
/** Debian puts servers where the PATH of an ordinary user does not look. */
const SYSTEM_FOLDERS = ['/usr/sbin', '/usr/bin', '/usr/local/sbin', '/usr/local/bin'];
/** While this file forbids it, a package's service does not start: a redis-server on 6379 would be in the way. */
const SERVICE_POLICY = '/usr/sbin/policy-rc.d';

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function addSystemFolders() {
  const path = (process.env.PATH ?? '').split(delimiter);
  const missing = SYSTEM_FOLDERS.filter((folder) => !path.includes(folder) && existsSync(folder));
  process.env.PATH = [...path, ...missing].join(delimiter);
}

const missingPrograms = () =>
  Object.keys(PACKAGE_OF_PROGRAM).filter(
    (program) => !process.env.PATH.split(delimiter).some((folder) => isExecutable(join(folder, program))),
  );

function isDebianAsRoot() {
  if (process.getuid?.() !== 0 || !existsSync('/etc/os-release')) return false;
  return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(readFileSync('/etc/os-release', 'utf8'));
}

async function aptInstall(packages) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const ownPolicy = !existsSync(SERVICE_POLICY);
  if (ownPolicy) writeFileSync(SERVICE_POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    const updated = await run('apt-get', ['update'], { env });
    const installed = await run('apt-get', ['install', '-y', '--no-install-recommends', ...packages], { env });
    if (!installed.ok) throw new Error(excerpt(updated.ok ? installed.output : updated.output + installed.output));
  } finally {
    if (ownPolicy) rmSync(SERVICE_POLICY, { force: true });
  }
}

/**
 * Makes sure that every program is on PATH.
 * @param {{ install: boolean }} options whether packages may be installed
 * @throws {Error} that names what is missing
 */
export async function ensureDebianTools(options) {
  addSystemFolders();
  const missing = missingPrograms();
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((program) => PACKAGE_OF_PROGRAM[program]))];
  const command = `apt-get install -y ${packages.join(' ')}`;
  if (!options.install || !isDebianAsRoot()) {
    throw new Error(`the tests need ${missing.join(', ')}; on Debian or Ubuntu: sudo ${command}`);
  }
  console.error(`installing ${packages.join(', ')} (apt-get) ...`);
  await aptInstall(packages).catch((error) => {
    throw new Error(`${command} failed:\n${error.message}`);
  });
  const stillMissing = missingPrograms();
  if (stillMissing.length > 0) throw new Error(`${command} did not bring ${stillMissing.join(', ')}`);
}
