// Hands the process over to a compiled program, which then sees the arguments as if it had been called directly.
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { inRoot } from './paths.mjs';

/**
 * @param {string} program path below dist, for example "apps/standalone/src/main.js"
 * @param {string[]} args what the program finds in process.argv from index 2
 */
export async function runBuilt(program, args) {
  const path = inRoot('dist', program);
  if (!existsSync(path)) {
    console.error(`dist/${program} does not exist: ${program.replace(/\.js$/, '.ts')} is not part of this tree`);
    process.exit(1);
  }
  process.argv = [process.argv[0], path, ...args];
  await import(pathToFileURL(path).href);
}
