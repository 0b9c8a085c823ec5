// npm run chaos [-- flags]: real processes under load and faults, and a verdict on what clients saw. Flags: npm run chaos -- --help.
import { ensureReady } from './lib/bootstrap.mjs';
import { runBuilt } from './lib/run-built.mjs';

await ensureReady({ build: true });
await runBuilt('chaos/main.js', process.argv.slice(2));
