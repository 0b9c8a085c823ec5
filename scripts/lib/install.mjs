// Installs exactly what package-lock.json names, when node_modules does not hold it yet. A stamp in node_modules makes the
// usual answer ("nothing to do") one hash of the lock file; a folder that someone installed with plain npm is recognised by
// npm's own record in it, and is not installed again.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter } from 'node:path';
import { excerpt, run } from './child.mjs';
import { withLock } from './lock.mjs';
import { inRoot } from './paths.mjs';

const LOCKFILE = inRoot('package-lock.json');
const STAMP = inRoot('node_modules', '.hypercache-lock');
const NPM_RECORD = inRoot('node_modules', '.package-lock.json');

const wantedStamp = () =>
  createHash('sha256').update(readFileSync(LOCKFILE)).update(`${process.platform}-${process.arch}`).digest('hex');

function readIfThere(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/** Whether npm's record of node_modules agrees with the lock file. Optional packages may be absent: they depend on the platform. */
function npmRecordAgrees() {
  const record = readIfThere(NPM_RECORD);
  if (record === undefined) return false;
  const present = JSON.parse(record).packages;
  const locked = JSON.parse(readFileSync(LOCKFILE, 'utf8')).packages;
  return Object.entries(locked).every(([path, entry]) => {
    if (path === '') return true;
    const found = present[path];
    return found === undefined ? entry.optional === true : found.version === entry.version;
  });
}

function writeStamp(stamp) {
  try {
    writeFileSync(STAMP, stamp);
  } catch (error) {
    // A read-only tree is fine: the next run compares npm's record again.
    if (error.code !== 'EACCES' && error.code !== 'EROFS') throw error;
  }
}

/** True when node_modules holds what the lock file names. */
export function isInstalled() {
  const stamp = wantedStamp();
  if (readIfThere(STAMP) === stamp) return true;
  if (!npmRecordAgrees()) return false;
  writeStamp(stamp);
  return true;
}

/** npm must not run on a Node binary inside the folder that it is about to replace. */
function environmentForNpm() {
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.startsWith(inRoot('node_modules')));
  return { ...process.env, PATH: path.join(delimiter) };
}

/**
 * Installs the locked dependencies unless they are there.
 * @throws {Error} with npm's output
 */
export async function install() {
  if (isInstalled()) return;
  await withLock('install', async () => {
    if (isInstalled()) return;
    console.error('installing dependencies (npm ci) ...');
    const startedAt = Date.now();
    const args = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'];
    const result = await run('npm', args, { env: environmentForNpm() });
    if (!result.ok) throw new Error(`npm ci failed (exit code ${result.code}):\n${excerpt(result.output)}`);
    writeStamp(wantedStamp());
    console.error(`installed in ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
  });
}
