// npm run cluster [-- flags]: the three services as separate processes over a real nats-server, on this machine.
// Flags: npm run cluster -- --help. Ctrl-C stops everything in order.
import { ensureReady } from './lib/bootstrap.mjs';
import { HELP, parseOptions } from './lib/cluster-options.mjs';
import { runCluster } from './lib/cluster-run.mjs';

const { options, help, faults } = parseOptions(process.argv.slice(2), process.env);
if (help) {
  process.stdout.write(HELP);
} else if (faults.length > 0) {
  for (const fault of faults) console.error(`cluster: ${fault}`);
  process.exitCode = 2;
} else {
  await ensureReady({ build: true });
  process.exitCode = await runCluster(options);
}
