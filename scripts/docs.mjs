// npm run docs [-- --check]: writes the documents that are made from the code; --check only says which are out of date, and
// exits with 1 then. The list stands in scripts/lib/documents.mjs.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureReady } from './lib/bootstrap.mjs';
import { DOCUMENTS } from './lib/documents.mjs';
import { inRoot } from './lib/paths.mjs';

const unknown = process.argv.slice(2).filter((argument) => argument !== '--check');
if (unknown.length > 0) {
  console.error(`docs: unknown ${unknown.join(' ')}\nusage: npm run docs [-- --check]`);
  process.exit(2);
}
const onlyCheck = process.argv.includes('--check');
await ensureReady({ build: true });
for (const { path, lib, render } of DOCUMENTS) {
  const text = render(await import(pathToFileURL(inRoot('dist', 'libs', lib, 'src', 'index.js')).href));
  const file = inRoot(path);
  const isCurrent = existsSync(file) && readFileSync(file, 'utf8') === text;
  if (!isCurrent && onlyCheck) process.exitCode = 1;
  if (!isCurrent && !onlyCheck) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  console.log(`${path}: ${isCurrent ? 'up to date' : onlyCheck ? 'out of date (npm run docs)' : 'written'}`);
}
