// npm run config:check [-- FILE]: whether a file of settings is in order. Prints ok and the stores, or every fault on a line
// of its own; exits with 0 or 1, and with 2 where it was called in a wrong way.
import { pathToFileURL } from 'node:url';
import { ensureReady } from './lib/bootstrap.mjs';
import { inRoot } from './lib/paths.mjs';

const USAGE = `usage: npm run config:check [-- FILE]

Checks a YAML file of settings as a service does at its start, without starting one: its keys, its values, and what must
hold between them. FILE is configs/hypercache.yaml where none is given. Variables of the environment do not count.

Prints ok with a summary of the stores and exits with 0, or prints each fault on a line and exits with 1.
docs/reference/configuration.md lists every setting.`;

const args = process.argv.slice(2);
if (args.includes('--help') || args.includes('-h')) {
  console.log(USAGE);
  process.exit(0);
}
if (args.length > 1 || args[0]?.startsWith('-')) {
  console.error(`config:check: ${args.length > 1 ? 'give one file' : `unknown ${args[0]}`}\n\n${USAGE}`);
  process.exit(2);
}
await ensureReady({ build: true });
const { ConfigError, DEFAULT_CONFIG_FILE, describeConfig, loadConfig } = await import(
  pathToFileURL(inRoot('dist', 'libs', 'config', 'src', 'index.js')).href
);
const file = args[0] ?? inRoot(DEFAULT_CONFIG_FILE);
try {
  const config = loadConfig({ argv: ['--config', file], env: {}, role: 'gateway' });
  console.log([`${file}: ok`, ...describeConfig(config)].join('\n'));
  for (const warning of config.origin.warnings) console.log(`warning: ${warning}`);
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  console.error(error.lines.join('\n'));
  process.exitCode = 1;
}
