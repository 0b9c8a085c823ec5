/** The program behind `npm run sim`. */
import { randomInt } from 'node:crypto';
import { runCli } from './cli.js';

process.exitCode = runCli(
  process.argv.slice(2),
  (text) => void process.stdout.write(`${text}\n`),
  () => randomInt(0x1_0000_0000),
);
