// npm test [-- --only <step or suite>[,...]] [--no-install] [path ...]: every check and every spec. The last line of the output is
// "N passed, N failed": jest's tests, plus one for each other step. Nothing is skipped: what is missing fails.
import { ensureReady } from './lib/bootstrap.mjs';
import { ensureDebianTools } from './lib/debian-tools.mjs';
import {
  CHECKS,
  COVERED,
  leastCovered,
  MIN_LINE_COVERAGE_PERCENT,
  ofSuites,
  runJest,
  SUITES,
  UNCOVERED,
} from './lib/test-steps.mjs';

const LANES = 2;
const STILL_RUNNING_EVERY_MS = 60_000;
const NAMES = [...Object.keys(CHECKS), ...SUITES];
/** Suites that talk to programs which Debian ships. */
const SUITES_WITH_SERVERS = ['int', 'e2e'];

function usage(problem) {
  console.error(
    `${problem}\nusage: npm test -- [--only <name>[,<name>]] [--no-install] [path ...]\nnames: ${NAMES.join(', ')}`,
  );
  process.exit(2);
}

function parseArguments(args) {
  const options = { only: [], install: true, paths: [] };
  for (let i = 0; i < args.length; i++) {
    const [flag, inlineValue] = args[i].split(/=(.*)/s);
    if (flag === '--no-install') options.install = false;
    else if (flag === '--only') options.only.push(...(inlineValue ?? args[++i] ?? '').split(','));
    else if (flag.startsWith('-')) usage(`unknown option ${flag}`);
    else options.paths.push(args[i]);
  }
  for (const name of options.only) if (!NAMES.includes(name)) usage(`there is no step or suite "${name}"`);
  return options;
}

const totals = { passed: 0, failed: 0 };

/** Runs one step with its time and, when it fails, its output. */
async function timed(name, step) {
  const startedAt = Date.now();
  const seconds = () => ((Date.now() - startedAt) / 1000).toFixed(1).padStart(6);
  const ticker = setInterval(() => console.log(`...  ${name.padEnd(9)}${seconds()} s`), STILL_RUNNING_EVERY_MS);
  const result = await step();
  clearInterval(ticker);
  if (!result.ok) console.log(`\n--- ${name}\n${result.output.trim()}\n---`);
  console.log(`${result.ok ? 'ok  ' : 'FAIL'} ${name.padEnd(9)}${seconds()} s${result.note ?? ''}`);
  return result;
}

function count({ passed, failed }) {
  totals.passed += passed;
  totals.failed += failed;
}

async function runChecks(names) {
  const queue = [...names];
  const lane = async () => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      const { ok } = await timed(name, CHECKS[name]);
      count({ passed: ok ? 1 : 0, failed: ok ? 0 : 1 });
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

async function runSuites(name, selection) {
  const result = await timed(name, async () => {
    const outcome = await runJest(selection);
    return { ...outcome, note: `  ${outcome.passed} passed, ${outcome.failed} failed` };
  });
  count(result);
  if (result.passed + result.failed === 0) {
    console.log('no test ran');
    count({ passed: 0, failed: 1 });
  }
  return result;
}

async function runSpecs(suites, paths) {
  if (suites.length < SUITES.length || paths.length > 0) {
    await runSuites('jest', { ...ofSuites(suites), paths });
    return;
  }
  await runSuites('explore', UNCOVERED);
  const { lineCoverage } = await runSuites('jest', COVERED);
  const ok = lineCoverage >= MIN_LINE_COVERAGE_PERCENT;
  const limits = `line coverage ${lineCoverage} %, at least ${MIN_LINE_COVERAGE_PERCENT} % is needed`;
  console.log(`${ok ? 'ok  ' : 'FAIL'} coverage  ${limits}${ok ? '' : `\n${leastCovered()}`}`);
  count({ passed: ok ? 1 : 0, failed: ok ? 0 : 1 });
}

// Colour codes of the tools would only litter a log.
if (!process.stdout.isTTY) {
  process.env.NO_COLOR = '1';
  delete process.env.FORCE_COLOR;
}
const options = parseArguments(process.argv.slice(2));
await ensureReady({ build: false, install: options.install });
const selected = (name) => options.only.length === 0 || options.only.includes(name);
const suites = SUITES.filter(selected);
try {
  if (suites.some((suite) => SUITES_WITH_SERVERS.includes(suite)))
    await ensureDebianTools({ install: options.install });
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
await runChecks(Object.keys(CHECKS).filter(selected));
if (suites.length > 0) await runSpecs(suites, options.paths);
process.exitCode = totals.failed > 0 || totals.passed === 0 ? 1 : 0;
console.log(`${totals.passed} passed, ${totals.failed} failed`);
