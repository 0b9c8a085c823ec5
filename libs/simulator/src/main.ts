/**
 * The program behind `npm run sim`: `--suite cluster` runs long lives of whole clusters, `--suite raft` Raft alone,
 * `--suite ownership` seals and leases; else the hosts run for some seconds, and named scenarios.
 */
import { randomInt } from 'node:crypto';
import { runCli } from './cli.js';
import { CLUSTER_SUITE } from './cluster/cluster-suite.js';
import { runOwnershipCli } from './ownership/ownership-cli.js';
import { runLivesCli } from './lives/lives-cli.js';
import { RAFT_SUITE } from './raft/raft-suite.js';

const args = process.argv.slice(2);
const print = (text: string): void => void process.stdout.write(`${text}\n`);
const randomSeed = (): number => randomInt(0x1_0000_0000);
const suite = suiteOf(args);

// Whoever reads a long trace may stop reading, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

const ports = { print, randomSeed, nowMs: () => performance.now() };
if (suite === 'raft') process.exitCode = await runLivesCli(RAFT_SUITE, args, ports);
else if (suite === 'cluster') process.exitCode = await runLivesCli(CLUSTER_SUITE, args, ports);
else if (suite === 'ownership') process.exitCode = runOwnershipCli(args, print, randomSeed);
else if (suite === undefined || suite === 'hosts') process.exitCode = runCli(withoutSuite(args), print, randomSeed);
else {
  print(`--suite ${suite}: use hosts, cluster, raft or ownership`);
  process.exitCode = 2;
}

function suiteOf(all: readonly string[]): string | undefined {
  const joined = all.find((arg) => arg.startsWith('--suite='));
  const at = all.indexOf('--suite');
  return joined?.slice('--suite='.length) ?? (at < 0 ? undefined : (all[at + 1] ?? ''));
}

function withoutSuite(all: readonly string[]): readonly string[] {
  return all.filter((arg, at) => !arg.startsWith('--suite') && all[at - 1] !== '--suite');
}
