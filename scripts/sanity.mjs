// npm run sanity [-- flags]: whether a running cluster does what its clients rely on. One line for each check; exit code 0
// where all pass, 1 where one fails, 2 where it was called in a wrong way.
import { pathToFileURL } from 'node:url';
import { ensureReady } from './lib/bootstrap.mjs';
import { inRoot } from './lib/paths.mjs';
import { CHECKS } from './lib/sanity-checks.mjs';
import { SanityClient } from './lib/sanity-client.mjs';
import { HELP, parseSanityOptions } from './lib/sanity-options.mjs';

const { options, help, fault } = parseSanityOptions(process.argv.slice(2), process.env);
if (help) {
  process.stdout.write(HELP);
} else if (fault !== undefined) {
  console.error(`sanity: ${fault}\n\n${HELP}`);
  process.exitCode = 2;
} else {
  await ensureReady({ build: true });
  const resp = await import(pathToFileURL(inRoot('dist', 'libs', 'resp', 'src', 'index.js')).href);
  process.exitCode = await check(options, (address) => SanityClient.open(address, options, resp));
}

async function check({ gateways, clients, increments }, open) {
  const context = { addresses: gateways, open, opened: [], gateways: [], clients, increments };
  const startedAt = performance.now();
  let failed = 0;
  for (const [name, run] of CHECKS) {
    try {
      console.log(`PASS  ${name}: ${await run(context)}`);
    } catch (error) {
      failed++;
      console.log(`FAIL  ${name}: ${error.message}`);
      if (context.gateways.length === 0) break;
    }
  }
  for (const client of context.opened) client.close();
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(failed === 0 ? `The cluster is sane (${seconds} s).` : `${failed} of ${CHECKS.length} checks failed.`);
  return failed === 0 ? 0 : 1;
}
