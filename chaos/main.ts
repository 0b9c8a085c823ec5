/** `npm run chaos`: a cluster of real processes under load and faults, and a verdict on what clients saw. */
import { fileURLToPath } from 'node:url';
import { runSuite } from '../bench/lib/suite.js';
import { PRIVILEGED_KINDS } from './nemesis/fault.js';
import { parseChaosOptions, USAGE } from './options.js';
import { missingFor } from './requirements.js';
import { runChaos } from './run.js';
import { isInside, runInside } from './world/own-namespaces.js';

const CANNOT_RUN = 2;

const inside = isInside();
await runSuite(USAGE, async (args, resources) => {
  const options = parseChaosOptions(args);
  if (inside) return (await runChaos(options, true, resources)) ? 0 : 1;
  const missing = missingFor(options.faults, process.env);
  for (const line of missing) console.error(`chaos: ${line}`);
  if (missing.length > 0) return CANNOT_RUN;
  if (!options.faults.some((kind) => PRIVILEGED_KINDS.includes(kind))) {
    return (await runChaos(options, false, resources)) ? 0 : 1;
  }
  // Both processes must mean the same run; of a flag that comes twice the last one counts.
  const own = ['--seed', String(options.seed), '--results', options.results];
  return runInside(fileURLToPath(import.meta.url), [...args, ...own], resources);
});
