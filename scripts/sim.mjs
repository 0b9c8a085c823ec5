// npm run sim [-- flags]: the deterministic simulation of the hosts. Flags: npm run sim -- --help.
import { ensureReady } from './lib/bootstrap.mjs';
import { runBuilt } from './lib/run-built.mjs';

await ensureReady({ build: true });
await runBuilt('libs/simulator/src/main.js', process.argv.slice(2));
