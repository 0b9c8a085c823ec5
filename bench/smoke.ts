// resp in some 20 seconds: does everything start, keep what is written and bear load? Not for figures
import { parseArgs } from 'node:util';
import { runSuite } from './lib/suite.js';
import { SMOKE } from './resp/options.js';
import { runResp } from './resp/run-resp.js';

const USAGE = `usage: npm run bench -- smoke

A short run of resp over all targets; exit code 1 when one of them fails. The figures are too noisy to be judged.`;

await runSuite(USAGE, async (args, resources) => {
  parseArgs({ args, options: {} });
  await runResp(SMOKE, resources);
  return 0;
});
