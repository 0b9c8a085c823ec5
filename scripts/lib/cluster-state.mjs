// cluster.json: what runs, for people and tools: who has which process id, ports and log. Rewritten whole at every change, so
// that a reader never sees half of it.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const fileIn = (dataDir) => join(dataDir, 'cluster.json');

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Why this folder cannot be used now: another cluster runs in it. Undefined when it can. */
export function otherClusterIn(dataDir) {
  let state;
  try {
    state = JSON.parse(readFileSync(fileIn(dataDir), 'utf8'));
  } catch {
    return undefined;
  }
  if (state.state === 'stopped' || !Number.isInteger(state.pid) || !isAlive(state.pid)) return undefined;
  return `a cluster runs in ${dataDir} (process ${state.pid}); stop it, or choose another folder with --data-dir. If that process is something else, remove ${fileIn(dataDir)}`;
}

/**
 * @param {string} dataDir
 * @param {{ name: string, state: string, natsUrl: string | undefined, processes: import('./cluster-process.mjs').ClusterProcess[] }} cluster
 *   state: 'starting' | 'ready' | 'stopping' | 'stopped'
 */
export function writeState(dataDir, { name, state, natsUrl, processes }) {
  const rows = processes.map((one) => ({
    role: one.role,
    id: one.id,
    state: one.state,
    pid: one.pid ?? null,
    ports: one.ports,
    logFile: one.settings.logFile,
  }));
  const text = JSON.stringify({ name, pid: process.pid, state, natsUrl: natsUrl ?? null, processes: rows }, null, 2);
  const temporary = `${fileIn(dataDir)}.tmp`;
  writeFileSync(temporary, `${text}\n`);
  renameSync(temporary, fileIn(dataDir));
}
