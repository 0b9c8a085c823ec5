// npm run lock: completes package-lock.json after `npm install <package>`. npm may leave out the builds of a package for other
// platforms (npm/cli issue 4828), and `npm ci` then refuses the file, on this platform too. The missing entries follow from
// what is there: the parent pins the exact version, and the name says the platform. They carry no integrity hash.
import { readFileSync, writeFileSync } from 'node:fs';
import { inRoot } from './lib/paths.mjs';

const LOCKFILE = inRoot('package-lock.json');
const PLATFORM =
  /-(android|darwin|freebsd|linux|openharmony|win32)-(arm64|armv7|arm|x64|ia32|ppc64|riscv64|s390x|loong64)(?:-(\w+))?$/;
const LIBC_OF_ABI = { gnu: 'glibc', gnueabihf: 'glibc', musl: 'musl', musleabihf: 'musl' };

/** Where Node would find `name` from the package at `from`; undefined when the lock file has it nowhere on that way. */
function resolvedPath(packages, from, name) {
  for (let base = from; ; base = base.slice(0, Math.max(0, base.lastIndexOf('/node_modules/')))) {
    const path = `${base === '' ? '' : `${base}/`}node_modules/${name}`;
    if (path in packages) return path;
    if (base === '') return undefined;
  }
}

function entryFor(name, version, parent) {
  const match = PLATFORM.exec(name);
  if (match === null)
    throw new Error(`the name ${name} does not say its platform: add it to package-lock.json by hand`);
  const [, os, cpu, abi] = match;
  const libc = os === 'linux' ? LIBC_OF_ABI[abi] : undefined;
  return {
    version,
    cpu: [cpu === 'armv7' ? 'arm' : cpu],
    ...(parent.dev && { dev: true }),
    ...(libc !== undefined && { libc: [libc] }),
    optional: true,
    os: [os],
  };
}

/** The optional dependencies that the lock file names as such, and does not lock: path → entry. */
function missingEntries(packages) {
  const missing = {};
  for (const [from, parent] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
      if (resolvedPath(packages, from, name) === undefined)
        missing[`node_modules/${name}`] = entryFor(name, version, parent);
    }
  }
  return missing;
}

const lock = JSON.parse(readFileSync(LOCKFILE, 'utf8'));
const missing = missingEntries(lock.packages);
const all = Object.entries({ ...lock.packages, ...missing });
lock.packages = Object.fromEntries(all.sort(([a], [b]) => a.localeCompare(b, 'en')));
if (Object.keys(missing).length > 0) writeFileSync(LOCKFILE, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`package-lock.json: ${Object.keys(missing).length} entries added`);
