// Builds dist with tsc, when it does not mirror the sources yet. The stamp in dist holds two hashes: one of sizes and times,
// which costs a few milliseconds, and one of contents, which is asked only when the first differs (a fresh checkout changes
// times alone). Outputs whose source is gone are removed: a stale file in dist would still resolve as an import.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { run } from './child.mjs';
import { withLock } from './lock.mjs';
import { inRoot, ROOT } from './paths.mjs';

const DIST = inRoot('dist');
const STAMP = join(DIST, '.build-stamp.json');
const BUILD_INFO = join(DIST, 'tsconfig.build.tsbuildinfo');
const SOURCE_FOLDERS = ['apps', 'libs', 'bench', 'chaos'];
const SETTINGS = ['tsconfig.json', 'tsconfig.build.json', 'package.json'];
const isSource = (file) => file.endsWith('.ts') && !/\.(spec|contract|d)\.ts$/.test(file);

function* filesBelow(folder) {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (entry.name !== 'node_modules') yield* filesBelow(path);
    } else {
      yield path;
    }
  }
}

function sources() {
  const files = SOURCE_FOLDERS.flatMap((folder) => [...filesBelow(inRoot(folder))].filter(isSource));
  return files.map((file) => relative(ROOT, file)).sort();
}

function hashOf(files, describe) {
  const hash = createHash('sha256');
  for (const file of files)
    hash
      .update(file)
      .update('\0')
      .update(describe(inRoot(file)))
      .update('\0');
  return hash.digest('hex');
}

const timesHash = (files) =>
  hashOf([...files, ...SETTINGS], (path) => {
    const { size, mtimeMs } = statSync(path);
    return `${size} ${mtimeMs}`;
  });
const contentHash = (files) => hashOf([...files, ...SETTINGS], (path) => readFileSync(path));

const outputOf = (source) => join(DIST, source.replace(/\.ts$/, '.js'));
const outputsExist = (files) => files.every((file) => existsSync(outputOf(file)));

function readStamp() {
  try {
    return JSON.parse(readFileSync(STAMP, 'utf8'));
  } catch {
    return {};
  }
}

function writeStamp(stamp) {
  mkdirSync(DIST, { recursive: true });
  writeFileSync(STAMP, JSON.stringify(stamp));
}

/** True when dist mirrors the sources. */
export function isBuilt() {
  const files = sources();
  if (!outputsExist(files)) return false;
  const stamp = readStamp();
  const times = timesHash(files);
  if (stamp.times === times) return true;
  if (stamp.content === undefined || stamp.content !== contentHash(files)) return false;
  writeStamp({ ...stamp, times });
  return true;
}

function removeStaleOutputs(files) {
  const wanted = new Set(files.map(outputOf));
  for (const folder of SOURCE_FOLDERS) {
    for (const path of filesBelow(join(DIST, folder))) {
      const compiled = path.replace(/\.map$/, '');
      if (compiled.endsWith('.js') && !wanted.has(compiled)) rmSync(path);
    }
  }
}

/**
 * Compiles apps, libs, bench and chaos into dist, unless dist is up to date.
 * @param {{ clean?: boolean, quiet?: boolean }} [options] clean: start from an empty dist
 * @returns {Promise<boolean>} whether there was something to do
 * @throws {Error} with the compiler's output
 */
export async function build(options = {}) {
  if (!options.clean && isBuilt()) return false;
  return withLock('build', async () => {
    if (options.clean) rmSync(DIST, { recursive: true, force: true });
    if (isBuilt()) return false;
    if (!options.quiet) console.error('building (tsc) ...');
    const startedAt = Date.now();
    await compile();
    if (!options.quiet) console.error(`built in ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
    return true;
  });
}

async function compile() {
  const files = sources();
  // Taken before the compiler reads the files: what is edited meanwhile is built by the next run.
  const stamp = { times: timesHash(files), content: contentHash(files) };
  rmSync(STAMP, { force: true });
  // The incremental compiler believes its own record, and would not write an output that someone deleted.
  if (!outputsExist(files)) rmSync(BUILD_INFO, { force: true });
  const result = await run(process.execPath, [inRoot('node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json']);
  removeStaleOutputs(files);
  if (!result.ok) throw new Error(`the build failed:\n${result.output.trimEnd()}`);
  writeStamp(stamp);
}
