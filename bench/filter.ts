// The filter of a store: false positives against the configured rates, and what it adds to look-ups that miss or hit
import { parseArgs } from 'node:util';
import { FilteredStore, KEY_BYTES, VALUE_BYTES } from './filter/filtered-store.js';
import { CostMeasurer } from './filter/measure-cost.js';
import { measureRate } from './filter/measure-rate.js';
import { costText, missedDemands, rateText, summarizeCosts } from './filter/report.js';
import { integerFlag } from './lib/flags.js';
import { busyWarning, machineFacts, machineText } from './lib/machine.js';
import { writeResult } from './lib/result-file.js';
import { progress, runSuite } from './lib/suite.js';

const FULL = { keys: 1_000_000, rounds: 150, expected: 4_000, save: true };
const QUICK = { keys: 200_000, rounds: 30, expected: 2_000, save: false };
const RATES = [0.1, 0.01, 0.001, 0.0001];
/** Of the filter whose cost is measured: the default. */
const COST_RATE = 0.01;
const USAGE = `usage: npm run bench -- filter [flags]

Keys of ${KEY_BYTES} bytes, values of ${VALUE_BYTES}, in one process.

  --keys <n>           (${FULL.keys})
  --rounds <n>         batches per kind of look-up, of whose ratios the median counts (${FULL.rounds})
  --expected <n>       false positives to be expected per rate, which says how many probes there are (${FULL.expected})
  --quick              ${QUICK.keys} keys, ${QUICK.rounds} rounds, ${QUICK.expected} false positives
  --check              exit code 1 where a demand is missed
  --save, --no-save    write bench/results/filter-<day>-<commit>.json (default: yes, with --quick no)`;

await runSuite(USAGE, async (args) => {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const { values } = parseArgs({
    args,
    allowNegative: true,
    options: { keys: text, rounds: text, expected: text, quick: flag, check: flag, save: flag },
  });
  const preset = values.quick === true ? QUICK : FULL;
  const keys = integerFlag('keys', values.keys, preset.keys, { min: 10_000, max: 50_000_000 });
  const rounds = integerFlag('rounds', values.rounds, preset.rounds, { min: 1, max: 10_000 });
  const expected = integerFlag('expected', values.expected, preset.expected, { min: 1, max: 9_000 });
  const startedAt = new Date();
  const machine = await machineFacts([]);
  const warning = busyWarning(machine);
  if (warning !== undefined) progress(warning);

  progress(`storing ${keys} keys`);
  const store = new FilteredStore(keys);
  progress(`looking up in ${rounds} rounds`);
  const measurer = new CostMeasurer(store, COST_RATE);
  const costRounds = measurer.measure(rounds);
  measurer.finish();
  const costs = summarizeCosts(costRounds);
  const rates = RATES.map((rate) => {
    progress(`probing at a rate of ${rate}`);
    return measureRate(store, rate, expected);
  });

  const missed = missedDemands(rates, costs);
  console.log(`\n${machineText(machine)}; ${keys} keys\n\n${rateText(rates)}\n\n${costText(costs)}`);
  console.log(`\n${missed.length === 0 ? 'all demands met' : missed.map((one) => `MISSED ${one}`).join('\n')}`);
  if (warning !== undefined) console.log(`\n${warning}`);
  if (values.save ?? preset.save) {
    const options = { keys, rounds, expected };
    console.log(
      `\nwritten: ${writeResult({ suite: 'filter', startedAt, machine, options, rates, costs, costRounds })}`,
    );
  }
  return values.check === true && missed.length > 0 ? 1 : 0;
});
