// npm run check:history -- FILE: whether what clients saw of each key has an order that explains it. Prints the verdict, every
// violation with a timeline, what was lost and which reads went back; exits with 0 or 1, and with 2 where it was called in a
// wrong way.
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { ensureReady } from './lib/bootstrap.mjs';
import { inRoot } from './lib/paths.mjs';

const USAGE = `usage: npm run check:history -- FILE [flags]

Checks a history of operations, one JSON object per line, key by key; docs/linearizability.md describes it.

  --client-order     operations of one client and key take effect in order, as those of a pipeline do
  --max-steps <n>    work for one key before its verdict is "undecided"

Exits with 0 where every key is linearizable and nothing was lost that was acknowledged at QUORUM or ALL, else with 1.`;

const FAULTY_CALL = 2;
const SHOWN_LOSSES = 10;
const SHOWN_MISSING = 5;

class UnreadableFile extends Error {}

process.exitCode = await main(process.argv.slice(2));

async function main(args) {
  if (args.includes('--help') || args.includes('-h')) {
    console.log(USAGE);
    return 0;
  }
  const { file, options, fault } = optionsOf(args);
  if (fault !== undefined) {
    console.error(`check:history: ${fault}\n\n${USAGE}`);
    return FAULTY_CALL;
  }
  await ensureReady({ build: true });
  const lib = await import(pathToFileURL(inRoot('dist', 'libs', 'linearizability', 'src', 'index.js')).href);
  try {
    const history = await read(file, lib);
    const isOrdered = printVerdict(file, history, lib, options);
    return printLosses(history, lib) && isOrdered ? 0 : 1;
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
    console.error(error.message);
    return 1;
  }
}

function optionsOf(args) {
  try {
    const options = { 'client-order': { type: 'boolean' }, 'max-steps': { type: 'string' } };
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    const steps = values['max-steps'];
    if (positionals.length !== 1) return { fault: 'give one file' };
    if (steps !== undefined && !/^[1-9]\d{0,11}$/.test(steps))
      return { fault: `--max-steps ${steps}: an integer is needed` };
    const limit = steps === undefined ? {} : { maxSteps: Number(steps) };
    return { file: positionals[0], options: { keepsClientOrder: values['client-order'] === true, ...limit } };
  } catch (error) {
    return { fault: error.message };
  }
}

async function read(file, { History, addLine }) {
  const history = new History();
  let number = 0;
  try {
    for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
      number++;
      if (line.trim() !== '') addLine(history, line);
    }
    return history;
  } catch (error) {
    if (error.name === 'DecodeError') throw new UnreadableFile(`${file}:${number}: ${error.message}`);
    if (error.code !== undefined) throw new UnreadableFile(`${file}: it cannot be read: ${error.message}`);
    throw error;
  }
}

/** True where every key is linearizable. */
function printVerdict(file, history, { checkHistory, formatViolation }, options) {
  const { verdict, keys, violatedKeys, undecidedKeys, violations } = checkHistory(history, options);
  console.log(`${file}: ${history.size} operations on ${keys} keys: ${verdict}`);
  for (const violation of violations) console.log(`\n${formatViolation(history, violation)}`);
  const unexplained = violatedKeys.slice(violations.length);
  if (unexplained.length > 0) console.log(`\nnot linearizable either: ${unexplained.join(', ')}`);
  if (undecidedKeys.length > 0) console.log(`\nundecided within the budget: ${undecidedKeys.join(', ')}`);
  return verdict === 'linearizable';
}

/** True where nothing was lost that was acknowledged at more than level ONE. */
function printLosses(history, { checkDurability, countSessionReads, describeOperation }) {
  const { judgedKeys, unjudgedKeys, acknowledged, lost, losses } = checkDurability(history);
  const counts = Object.keys(lost).map((level) => `${level} ${lost[level]} of ${acknowledged[level]}`);
  console.log(
    `\nlost, of acknowledged writes: ${counts.join(', ')} (${judgedKeys} keys read last; ${unjudgedKeys} not judged)`,
  );
  for (const { read, missing } of losses.slice(0, SHOWN_LOSSES)) {
    console.log(`  key ${JSON.stringify(history.keyOf(read))}: ${describeOperation(history, read)}, but before it`);
    for (const id of missing.slice(0, SHOWN_MISSING)) console.log(`    ${describeOperation(history, id)}`);
    if (missing.length > SHOWN_MISSING) console.log(`    and ${missing.length - SHOWN_MISSING} more`);
  }
  if (losses.length > SHOWN_LOSSES) console.log(`  and ${losses.length - SHOWN_LOSSES} more keys`);
  const { reads, sessions, readsBack, sessionsBack } = countSessionReads(history);
  console.log(
    `reads at level ONE: ${reads} in ${sessions} sessions; ${readsBack} went back, in ${sessionsBack} sessions`,
  );
  return lost.QUORUM === 0 && lost.ALL === 0;
}
