// npm run bench -- <suite> [flags]: one benchmark. A suite is a file bench/<suite>.ts; the first line of its opening comment
// is what the list shows.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { ensureReady } from './lib/bootstrap.mjs';
import { inRoot } from './lib/paths.mjs';
import { runBuilt } from './lib/run-built.mjs';

const SUITE_FILE = /^([a-z0-9-]+)\.ts$/;

function suites() {
  const folder = inRoot('bench');
  const files = existsSync(folder) ? readdirSync(folder) : [];
  return files.filter((file) => SUITE_FILE.test(file)).map((file) => file.replace(/\.ts$/, ''));
}

function summaryOf(suite) {
  const firstLine = readFileSync(inRoot('bench', `${suite}.ts`), 'utf8').split('\n', 1)[0];
  return /^(\/\/|\/\*\*?) ?(.*?)( ?\*\/)?$/.exec(firstLine)?.[2] ?? '';
}

const known = suites();
const [suite, ...flags] = process.argv.slice(2);
if (suite === undefined || !known.includes(suite)) {
  if (suite !== undefined && !suite.startsWith('-')) console.error(`there is no benchmark "${suite}"`);
  console.error('usage: npm run bench -- <suite> [flags]');
  for (const name of known) console.error(`  ${name.padEnd(20)} ${summaryOf(name)}`);
  process.exit(suite === '--help' || suite === '-h' ? 0 : 2);
}
await ensureReady({ build: true });
await runBuilt(`bench/${suite}.js`, flags);
