// The hash ring: how evenly partitions and keys lie on nodes, what changes move, and how fast it is
import { parseArgs } from 'node:util';
import { integerFlag } from './lib/flags.js';
import { busyWarning, machineFacts, machineText } from './lib/machine.js';
import { writeResult } from './lib/result-file.js';
import { progress, runSuite } from './lib/suite.js';
import { KEY_BYTES, MAX_KEYS } from './ring/clusters.js';
import { measureBytesPerNode, measureEvenness, measureKeySpread } from './ring/evenness.js';
import { RateMeasurer } from './ring/measure-rates.js';
import { type Figures, reportText, verdictsOf } from './ring/report.js';

const FULL = { keys: 10_000, batches: 60, save: true };
const QUICK = { keys: 10_000, batches: 10, save: false };
const USAGE = `usage: npm run bench -- ring [flags]

Nodes of weight 1, keys of ${KEY_BYTES} bytes, one thread; rates by its processor time. An add or a remove is a node's 256
virtual nodes merged into the ring, or taken out of it.

  --keys <n>           keys whose owners are counted (${FULL.keys}: the demands are for so many)
  --batches <n>        batches per rate, of which the median counts (${FULL.batches})
  --quick              ${QUICK.batches} batches
  --check              exit code 1 where a demand is missed
  --save, --no-save    write bench/results/ring-<day>-<commit>.json (default: yes, with --quick no)`;

await runSuite(USAGE, async (args) => {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const { values } = parseArgs({
    args,
    allowNegative: true,
    options: { keys: text, batches: text, quick: flag, check: flag, save: flag },
  });
  const preset = values.quick === true ? QUICK : FULL;
  const keys = integerFlag('keys', values.keys, preset.keys, { min: 1_000, max: MAX_KEYS });
  const batches = integerFlag('batches', values.batches, preset.batches, { min: 1, max: 10_000 });
  const startedAt = new Date();
  const machine = await machineFacts([]);
  const warning = busyWarning(machine);
  if (warning !== undefined) progress(warning);

  progress(`measuring rates in ${batches} batches`);
  const rates = new RateMeasurer().measure(batches);
  progress('placing');
  const figures: Figures = {
    evenness: measureEvenness(),
    keySpread: measureKeySpread(keys),
    bytesPerNode: measureBytesPerNode(),
    rates,
  };

  const verdicts = verdictsOf(figures);
  console.log(`\n${machineText(machine)}; ${keys} keys\n\n${reportText(verdicts)}`);
  if (warning !== undefined) console.log(`\n${warning}`);
  if (values.save ?? preset.save) {
    console.log(
      `\nwritten: ${writeResult({ suite: 'ring', startedAt, machine, options: { keys, batches }, ...figures })}`,
    );
  }
  return values.check === true && verdicts.some(({ isMet }) => !isMet) ? 1 : 0;
});
