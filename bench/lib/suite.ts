/** The frame of every suite: usage, signals, and that everything is given back at the end. */
import { Resources } from './resources.js';
import { UsageError } from './flags.js';

/** Exit codes of a shell for a process that a signal ended. */
const SIGNAL_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
const USAGE_CODE = 2;

const isArgumentError = (error: Error): boolean =>
  error instanceof UsageError || ('code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'));

/** Runs a suite. `main` gets the arguments behind the suite's name and answers the exit code. */
export async function runSuite(
  usage: string,
  main: (args: string[], resources: Resources) => Promise<number>,
): Promise<void> {
  const args = process.argv.slice(2);
  if (args.includes('--help') || args.includes('-h')) return void process.stdout.write(`${usage}\n`);
  const resources = new Resources();
  let isInterrupted = false;
  for (const [signal, code] of Object.entries(SIGNAL_CODES)) {
    process.once(signal, () => {
      isInterrupted = true;
      void resources.releaseAll().finally(() => process.exit(code));
    });
  }
  try {
    process.exitCode = await main(args, resources);
  } catch (error) {
    if (isInterrupted) return;
    if (!(error instanceof Error)) throw error;
    console.error(error.message);
    if (isArgumentError(error)) console.error(usage);
    process.exitCode = isArgumentError(error) ? USAGE_CODE : 1;
  } finally {
    await resources.releaseAll();
  }
}

/** Where a long measurement stands; on stderr, so that stdout holds the report alone. */
export const progress = (line: string): void => console.error(line);
