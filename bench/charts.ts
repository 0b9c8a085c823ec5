// Draws the charts in docs/charts anew from the newest results in bench/results; measures nothing
import { newestResult } from './charts/stored-results.js';
import { CHARTED_SUITES, writeChart } from './charts/write-chart.js';
import { runSuite } from './lib/suite.js';

const USAGE = `usage: npm run bench -- charts

Draws docs/charts/*.svg from the newest results of ${CHARTED_SUITES.join(', ')} in bench/results.`;

await runSuite(USAGE, async () => {
  let missing = 0;
  for (const suite of CHARTED_SUITES) {
    const result = newestResult(suite);
    if (result === undefined) {
      missing++;
      console.log(`${suite}: no result in bench/results; npm run bench -- ${suite} makes one`);
      continue;
    }
    for (const file of await writeChart(result)) console.log(`written: ${file}`);
  }
  return missing === CHARTED_SUITES.length ? 1 : 0;
});
