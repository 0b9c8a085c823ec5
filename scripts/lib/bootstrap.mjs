// What every script does first: a fitting Node, the locked dependencies, an up-to-date build. With nothing to do it costs
// some tens of milliseconds. It has no dependency of its own: it runs in a fresh clone.
import { build } from './build.mjs';
import { install, isInstalled } from './install.mjs';
import { isSecondRun, putNodeFirstOnPath, runAgain, shouldRunAgain, tooOldToRun, tooOldToStart } from './runtime.mjs';

function fail(message) {
  console.error(message);
  process.exit(1);
}

/**
 * Returns when the caller may go on, in a process that runs a Node that fits; ends the process with a message otherwise.
 * @param {{ build: boolean, install?: boolean }} options build: dist must be up to date; install: false forbids `npm ci`
 */
export async function ensureReady(options) {
  const message = tooOldToStart();
  if (message !== undefined) fail(message);
  try {
    if (!isSecondRun()) {
      if (options.install !== false) await install();
      else if (!isInstalled()) fail('the dependencies are not installed, and --no-install was given: run npm ci');
      if (shouldRunAgain()) await runAgain();
    }
    const unfit = tooOldToRun();
    if (unfit !== undefined) fail(unfit);
    putNodeFirstOnPath();
    if (options.build) await build();
  } catch (error) {
    fail(error.message);
  }
}
