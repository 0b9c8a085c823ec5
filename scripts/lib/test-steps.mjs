// The steps of `npm test`, each a function that says whether it passed and what to show when not. The checks do not depend
// on each other and run side by side; the jest run comes last, alone: it needs the build, and uses both cores itself.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.mjs';
import { run } from './child.mjs';
import { CACHE_DIR, inRoot } from './paths.mjs';

/** Least line coverage of apps and libs, in per cent, over all suites together. */
export const MIN_LINE_COVERAGE_PERCENT = 90;
const JEST_WORKERS = 2;
const CHECK_TIMEOUT_MS = 10 * 60_000;
const JEST_TIMEOUT_MS = 45 * 60_000;
/** The kinds of specs, by the middle of their file names. */
export const SUITES = ['unit', 'int', 'sim', 'e2e'];

const node = (script, ...args) =>
  run(process.execPath, [inRoot('node_modules', script), ...args], { timeoutMs: CHECK_TIMEOUT_MS });

async function buildStep() {
  try {
    await build({ quiet: true });
    return { ok: true, output: '' };
  } catch (error) {
    return { ok: false, output: error.message };
  }
}

/** name → check; the slowest first, so that two lanes end at about the same time. */
export const CHECKS = {
  build: buildStep,
  types: () => node('typescript/bin/tsc', '--noEmit', '-p', 'tsconfig.json'),
  format: () => node('prettier/bin/prettier.cjs', '--check', '.', '--log-level', 'warn'),
  imports: () =>
    node(
      'dependency-cruiser/bin/dependency-cruiser.mjs',
      '--config',
      '.dependency-cruiser.cjs',
      'apps',
      'libs',
      'test',
      'bench',
      'chaos',
    ),
  lint: () => node('oxlint/bin/oxlint'),
};

const JEST_RESULTS = join(CACHE_DIR, 'jest-results.json');
const COVERAGE_SUMMARY = inRoot('coverage', 'coverage-summary.json');

/**
 * Random exploration and simulation: they run by themselves where coverage is collected, since counting every block of
 * their millions of turns takes longer than the turns.
 */
const EXPLORATIONS = ['.sim.spec.ts', '.property.unit.spec.ts'];

/** What jest takes all specs for, split in those whose coverage is collected and the others. */
export const COVERED = {
  coverage: true,
  ignored: EXPLORATIONS.map((ending) => `${ending.replaceAll('.', '\\.')}$`),
};
export const UNCOVERED = { coverage: false, matched: EXPLORATIONS.map((ending) => `**/*${ending}`) };

/** Specs of some suites alone. */
export function ofSuites(suites) {
  return { coverage: false, matched: suites.map((suite) => `**/*.${suite}.spec.ts`) };
}

function jestArguments({ matched = [], ignored = [], paths = [], coverage }) {
  const args = ['--experimental-vm-modules', '--no-warnings', inRoot('node_modules/jest/bin/jest.js')];
  args.push('--ci', `--maxWorkers=${JEST_WORKERS}`, '--json', `--outputFile=${JEST_RESULTS}`);
  if (coverage) args.push('--coverage', '--coverageReporters=json-summary', '--coverageDirectory=coverage');
  for (const pattern of matched) args.push(`--testMatch=${pattern}`);
  if (ignored.length > 0) args.push('--testPathIgnorePatterns', '/node_modules/', '/dist/', ...ignored);
  return paths.length > 0 ? [...args, '--testPathPatterns', ...paths] : args;
}

/**
 * Runs specs.
 * @param {{ matched?: string[], ignored?: string[], paths?: string[], coverage: boolean }} selection globs of files, patterns of paths
 * @returns {Promise<{ ok: boolean, output: string, passed: number, failed: number, lineCoverage?: number }>}
 *   failed: failing tests, plus files that could not be run at all; lineCoverage: per cent
 */
export async function runJest(selection) {
  mkdirSync(CACHE_DIR, { recursive: true });
  rmSync(JEST_RESULTS, { force: true });
  rmSync(COVERAGE_SUMMARY, { force: true });
  const { ok, output } = await run(process.execPath, jestArguments(selection), { timeoutMs: JEST_TIMEOUT_MS });
  if (!existsSync(JEST_RESULTS)) return { ok: false, output, passed: 0, failed: 1 };
  const results = JSON.parse(readFileSync(JEST_RESULTS, 'utf8'));
  const passed = results.numPassedTests;
  const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
  const tests = { passed, failed: !ok && failed === 0 ? 1 : failed };
  return { ok: ok && passed > 0, output, ...tests, ...(selection.coverage && { lineCoverage: readLineCoverage() }) };
}

function readLineCoverage() {
  if (!existsSync(COVERAGE_SUMMARY)) return 0;
  const { pct } = JSON.parse(readFileSync(COVERAGE_SUMMARY, 'utf8')).total.lines;
  return typeof pct === 'number' ? pct : 0;
}

/** The files with the most uncovered lines, for the message of a failed coverage gate. */
export function leastCovered(count = 15) {
  if (!existsSync(COVERAGE_SUMMARY)) return '';
  const { total, ...files } = JSON.parse(readFileSync(COVERAGE_SUMMARY, 'utf8'));
  return Object.entries(files)
    .map(([file, { lines }]) => ({ file, uncovered: lines.total - lines.covered, pct: lines.pct }))
    .sort((a, b) => b.uncovered - a.uncovered)
    .slice(0, count)
    .map(({ file, uncovered, pct }) => `  ${file.replace(inRoot(''), '')}: ${uncovered} lines uncovered (${pct} %)`)
    .join('\n');
}
