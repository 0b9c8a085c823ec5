// One run at a time installs or builds. The lock is a file in .cache that its holder touches every second, so that the
// lock of a killed run is recognised by its age: process ids alone would mislead across containers that share a folder.
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CACHE_DIR } from './paths.mjs';

const HEARTBEAT_MS = 1_000;
const STALE_AFTER_MS = 10_000;
const POLL_MS = 100;

function tryAcquire(file, token) {
  try {
    writeFileSync(file, token, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

const isStale = (file) => Date.now() - statSync(file).mtimeMs > STALE_AFTER_MS;

/** Takes a stale lock out of the way. The rename decides between several waiters: only one of them gets the file. */
function removeIfStale(file, token) {
  const aside = `${file}.${token}`;
  try {
    if (!isStale(file)) return;
    renameSync(file, aside);
    // Another waiter may have replaced the lock between the look and the rename: that one is alive, and goes back.
    if (isStale(aside)) rmSync(aside);
    else renameSync(aside, file);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
}

/**
 * Runs `work` while holding the named lock; waits as long as another live run holds it.
 * @template T
 * @param {string} name
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(name, work) {
  mkdirSync(CACHE_DIR, { recursive: true });
  const file = join(CACHE_DIR, `${name}.lock`);
  const token = `${process.pid}-${Date.now()}`;
  let told = false;
  while (!tryAcquire(file, token)) {
    removeIfStale(file, token);
    if (!told) console.error(`waiting for another run that holds ${file}`);
    told = true;
    await sleep(POLL_MS);
  }
  const heartbeat = setInterval(() => touch(file), HEARTBEAT_MS);
  const release = () => releaseIfOwn(file, token);
  process.once('exit', release);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    process.removeListener('exit', release);
    release();
  }
}

function touch(file) {
  const now = new Date();
  try {
    utimesSync(file, now, now);
  } catch {
    // The lock was taken away, for example by someone who cleaned .cache. The work goes on: repeating it does no harm.
  }
}

function releaseIfOwn(file, token) {
  try {
    if (readFileSync(file, 'utf8') === token) rmSync(file);
  } catch {
    // Gone already.
  }
}
