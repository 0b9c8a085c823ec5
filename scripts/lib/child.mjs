// Runs other programs with their output collected, so that it can be shown when, and only when, they fail.
// Children never outlive the script: a SIGINT, SIGTERM or SIGHUP goes to all of them before the script ends.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { ROOT } from './paths.mjs';

const MAX_OUTPUT_CHARS = 400_000;
const KILL_GRACE_MS = 5_000;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

const running = new Set();
/** The signal that ends this script, once there was one. */
let endedBy;

function onSignal(signal) {
  endedBy ??= signal;
  for (const child of running) child.kill(signal);
  setTimeout(() => process.exit(128 + constants.signals[signal]), KILL_GRACE_MS).unref();
}

/** Listens only while children run: the program that a script hands over to has its own way of ending. */
function track(child) {
  if (running.size === 0) for (const signal of SIGNALS) process.on(signal, onSignal);
  running.add(child);
}

function untrack(child) {
  running.delete(child);
  if (running.size > 0) return;
  for (const signal of SIGNALS) process.removeListener(signal, onSignal);
  if (endedBy !== undefined) process.exit(128 + constants.signals[endedBy]);
}

/**
 * Runs a program to its end; never rejects.
 * @param {string} command
 * @param {string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, timeoutMs?: number }} [options]
 * @returns {Promise<{ ok: boolean, code: number, output: string }>} output: both streams, at most the last 400,000 characters
 */
export function run(command, args, options = {}) {
  return new Promise((resolve) => {
    let output = '';
    let timer;
    const child = spawn(command, args, {
      cwd: ROOT,
      env: options.env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
    });
    track(child);
    const collect = (chunk) => {
      output += chunk;
      if (output.length > 2 * MAX_OUTPUT_CHARS) output = output.slice(-MAX_OUTPUT_CHARS);
    };
    const finish = (code, note = '') => {
      clearTimeout(timer);
      untrack(child);
      resolve({ ok: code === 0, code, output: (output + note).slice(-MAX_OUTPUT_CHARS) });
    };
    child.stdout.setEncoding('utf8').on('data', collect);
    child.stderr.setEncoding('utf8').on('data', collect);
    child.on('error', (error) => finish(127, `${command}: ${error.message}\n`));
    child.on('close', (code, signal) => finish(code ?? 1, signal ? `${command} was ended by ${signal}\n` : ''));
    if (options.timeoutMs !== undefined) {
      timer = setTimeout(() => {
        collect(`\n${command} did not end within ${options.timeoutMs / 1000} s\n`);
        child.kill('SIGKILL');
      }, options.timeoutMs);
    }
  });
}

/** A long output's first and last lines, for an error message: npm says the cause first, compilers and apt-get last. */
export function excerpt(output, lines = 20) {
  const all = output.trimEnd().split('\n');
  return all.length <= 2 * lines ? all.join('\n') : [...all.slice(0, lines), '[...]', ...all.slice(-lines)].join('\n');
}
