// npm start [-- flags]: the whole cache in one process, with nothing else to install. Flags: npm start -- --help.
import { ensureReady } from './lib/bootstrap.mjs';
import { runBuilt } from './lib/run-built.mjs';

await ensureReady({ build: true });
await runBuilt('apps/standalone/src/main.js', process.argv.slice(2));
